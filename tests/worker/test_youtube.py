"""Videos, by the real yt-dlp against a stand-in that serves what YouTube serves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from backend.domain.errors import BoardError
from backend.domain.sources import Video
from backend.providers.fetch.guard import Guard, sent_elsewhere
from backend.providers.fetch.network import Network
from backend.providers.youtube import YouTube
from tests import tube
from tests.tube import Clip, Tube
from tests.web import canary

ID = "abcdefghij1"
MANUAL, SPOKEN, GERMAN = (
    f"WEBVTT\n\n00:00:01.000 --> 00:00:04.000\n{words}\n"
    for words in ("Written by people.", "heard by a machine", "Von Menschen geschrieben.")
)
SOUND = bytes(range(256)) * 400


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Tube]:
    with tube.serving(tmp_path) as made:
        yield made


def videos(site: Tube, tmp_path: Path, **more: Any) -> YouTube:
    guard = Guard(allow_private=True, resolve=sent_elsewhere(site.resolve()))
    options = {"total_seconds": 20.0, "most_bytes": 1024 * 1024, **more}
    return YouTube(Network(guard, site.ca_file), tmp_path / "sounds", **options)


def look(one: YouTube, *languages: str, cancelled: Callable[[], bool] = lambda: False) -> Video:
    return one.look(ID, languages=languages, cancelled=cancelled)


def refused(work: Callable[[], object]) -> BoardError:
    with pytest.raises(BoardError) as caught:
        work()
    return caught.value


def test_a_video_has_its_title_channel_and_date_and_the_captions_people_wrote(site: Tube, tmp_path: Path) -> None:
    site.add(Clip(ID, tracks=[("de", False, GERMAN), ("en", False, MANUAL), ("en", True, SPOKEN)], sound=SOUND))
    one = videos(site, tmp_path)
    video = look(one)
    assert (video.id, video.title, video.channel, video.uploaded, video.duration) == (
        ID, "How nets are mended", "Harbour", date(2024, 3, 5), 12.0,
    )  # fmt: skip
    assert video.captions is not None
    assert (video.captions.language, video.captions.automatic) == ("en", False)
    assert one.captions(video.captions, cancelled=lambda: False).decode() == MANUAL
    german = look(one, "de").captions
    assert german is not None
    assert one.captions(german, cancelled=lambda: False).decode() == GERMAN
    assert {asked.split()[0] for asked in site.asked} <= set(tube.HOSTS)


def test_what_a_machine_heard_is_read_where_nobody_wrote(site: Tube, tmp_path: Path) -> None:
    site.add(Clip(ID, tracks=[("en", True, SPOKEN)]))
    one = videos(site, tmp_path)
    captions = look(one).captions
    assert captions is not None
    assert (captions.language, captions.automatic) == ("en", True)
    assert one.captions(captions, cancelled=lambda: False).decode() == SPOKEN


def test_the_sound_comes_where_there_are_no_captions(site: Tube, tmp_path: Path) -> None:
    site.add(Clip(ID, sound=SOUND))
    one = videos(site, tmp_path)
    video = look(one)
    assert video.captions is None
    sound = bytearray()
    told: list[int] = []
    ending = one.sound(video, sound.extend, cancelled=lambda: False, progress=lambda done, _whole: told.append(done))
    assert (ending, bytes(sound)) == ("webm", SOUND)
    assert told == sorted(told)
    assert list((tmp_path / "sounds").iterdir()) == []


def test_more_sound_than_may_come_does_not(site: Tube, tmp_path: Path) -> None:
    site.add(Clip(ID, sound=SOUND))
    one = videos(site, tmp_path, most_bytes=50_000)
    video = look(one)
    assert refused(lambda: one.sound(video, bytearray().extend, cancelled=lambda: False)).code == "too_large"
    assert list((tmp_path / "sounds").iterdir()) == []


def test_a_cancelled_download_ends_in_the_middle(site: Tube, tmp_path: Path) -> None:
    site.add(Clip(ID, sound=SOUND * 8, slow=0.2))
    one = videos(site, tmp_path)
    video = look(one)
    error = refused(lambda: one.sound(video, bytearray().extend, cancelled=lambda: site.sent > len(SOUND)))
    assert error.code == "cancelled"
    assert site.sent < len(SOUND) * 8


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ({"status": "LOGIN_REQUIRED", "reason": "Private video"}, "video_private"),
        ({"status": "LOGIN_REQUIRED", "reason": "Sign in to confirm your age"}, "age_restricted"),
        ({"status": "LOGIN_REQUIRED", "reason": "Sign in to confirm you\u2019re not a bot"}, "video_refused"),
        ({"status": "UNPLAYABLE", "reason": "The uploader has not made this video available in your country"},
         "region_blocked"),
        ({"status": "UNPLAYABLE", "reason": "Join this channel to get access to members-only content"},
         "video_private"),
        ({"status": "ERROR", "reason": "Video unavailable"}, "video_unavailable"),
        ({"status": "ERROR", "reason": "This video has been removed by the uploader"}, "video_unavailable"),
        ({"status": "ERROR", "reason": "This video is no longer available because the YouTube account associated "
          "with this video has been terminated."}, "video_unavailable"),
        ({"status": "LIVE_STREAM_OFFLINE", "reason": "This live event will begin in 3 hours."}, "live_not_ended"),
    ],
)  # fmt: skip
def test_what_youtube_refuses_has_a_code_and_a_hint(site: Tube, tmp_path: Path, status: Any, code: str) -> None:
    site.add(Clip(ID, status=status))
    error = refused(lambda: look(videos(site, tmp_path)))
    assert (error.code, bool(error.hint)) == (code, True)
    if code == "video_refused":
        assert "transcript" in error.hint


def test_a_stream_that_runs_is_no_video_yet(site: Tube, tmp_path: Path) -> None:
    site.add(Clip(ID, live=True, sound=SOUND))
    assert refused(lambda: look(videos(site, tmp_path))).code == "live_not_ended"


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (429, b"", "video_refused"),
        (403, b"", "video_refused"),
        (503, b"", "site_error"),
        (200, b"not what anybody expects", "video_not_understood"),
    ],
)
def test_a_site_that_fails_is_told_from_a_video_that_is_gone(
    site: Tube, tmp_path: Path, status: int, body: bytes, code: str
) -> None:
    site.answers = {path: (status, {}, body) for path in ("/watch", "/youtubei/v1/player")}
    assert refused(lambda: look(videos(site, tmp_path))).code == code


def test_a_video_with_nothing_to_read_says_so(site: Tube, tmp_path: Path) -> None:
    site.add(Clip(ID))
    assert refused(lambda: look(videos(site, tmp_path))).code == "no_captions_no_audio"


def test_the_videos_of_a_playlist_are_named_each_once(site: Tube, tmp_path: Path) -> None:
    ids = [f"abcdefgh{number:03}" for number in range(6)]
    site.playlists["PLabcdefghijklmnop"] = ("Knots", [*ids, ids[0]])
    one = videos(site, tmp_path)
    found = one.playlist("PLabcdefghijklmnop", most=10, cancelled=lambda: False)
    assert (found.title, list(found.video_ids), found.more) == ("Knots", ids, False)
    cut = one.playlist("PLabcdefghijklmnop", most=4, cancelled=lambda: False)
    assert (list(cut.video_ids), cut.more) == (ids[:4], True)
    gone = refused(lambda: one.playlist("PLgonegonegonegone", most=10, cancelled=lambda: False))
    assert gone.code == "playlist_unavailable"


@pytest.mark.parametrize(
    "where",
    [
        "http://127.0.0.1:{port}/", "https://127.0.0.1:{port}/", "https://localhost:{port}/vtt",
        "http://169.254.169.254/latest/meta-data/", "https://www.youtube.com:{port}/vtt", "file:///etc/hostname",
        "https://www.youtube.com@127.0.0.1:{port}/", "https://youtube.com.example:{port}/",
    ],
)  # fmt: skip
def test_no_page_sends_yt_dlp_anywhere_else(site: Tube, tmp_path: Path, where: str) -> None:
    with canary("127.0.0.1") as bird:
        leads_to = where.format(port=bird.port)
        site.add(Clip(ID, sound=SOUND, sound_url=leads_to))
        one = videos(site, tmp_path)
        video = look(one)
        error = refused(lambda: one.sound(video, bytearray().extend, cancelled=lambda: False))
        assert error.code in {"blocked_address", "video_not_understood", "no_captions_no_audio"}, error
        site.clips.clear()
        site.add(Clip(ID, tracks=[("en", False, MANUAL)], track_url=leads_to))
        captions = look(one).captions
        assert captions is not None
        error = refused(lambda: one.captions(captions, cancelled=lambda: False))
        assert error.code in {"blocked_address", "video_not_understood"}, error
        site.clips = {ID: Clip(ID, tracks=[("en", False, MANUAL)])}
        captions = look(one).captions
        assert captions is not None
        site.answers = {"/api/timedtext": (302, {"Location": leads_to}, b"")}
        assert refused(lambda: one.captions(captions, cancelled=lambda: False)).code == "blocked_address"
        site.answers = {path: (302, {"Location": leads_to}, b"") for path in ("/watch", "/youtubei/v1/player")}
        assert refused(lambda: look(one)).code == "blocked_address"
        assert bird.visits == []
