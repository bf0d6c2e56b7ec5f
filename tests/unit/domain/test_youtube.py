"""Which addresses are videos, and what of them is used."""

from __future__ import annotations

import pytest

from backend.domain import addresses, youtube

ID = "dQw4w9WgXcQ"


@pytest.mark.parametrize(
    "pasted",
    [
        f"https://www.youtube.com/watch?v={ID}",
        f"youtube.com/watch?feature=share&v={ID}&t=42s&list=PL1234567890",
        f"https://m.youtube.com/watch?v={ID}",
        f"https://music.youtube.com/watch?v={ID}&si=abc",
        f"https://youtu.be/{ID}?si=xyz",
        f"https://www.youtube.com/shorts/{ID}",
        f"https://www.youtube.com/live/{ID}?feature=x",
        f"https://www.youtube.com/embed/{ID}",
        f"https://www.youtube-nocookie.com/embed/{ID}",
        f"HTTPS://YouTube.com:443/watch?v={ID}",
    ],
)
def test_every_way_to_write_a_video_is_one_address(pasted: str) -> None:
    address = youtube.rebuilt(addresses.read(pasted))
    assert address.url == f"https://www.youtube.com/watch?v={ID}"
    assert youtube.youtube_id(address.url) == ID


@pytest.mark.parametrize(
    "pasted",
    [
        f"https://youtube.com.evil.example/watch?v={ID}",
        f"https://evil.example/youtube.com/watch?v={ID}",
        f"https://notyoutube.com/watch?v={ID}",
        "https://www.youtube.com/watch?v=short",
        f"https://www.youtube.com/watch?v={ID}';--",
        "https://www.youtube.com/feed/library",
        "https://youtu.be/",
    ],
)
def test_what_only_looks_like_a_video_stays_what_it_is(pasted: str) -> None:
    address = addresses.read(pasted)
    assert youtube.youtube_id(address.url) is None
    assert youtube.rebuilt(address) == address


def test_a_playlist_is_known_and_a_video_shown_in_one_is_a_video() -> None:
    lists = "https://www.youtube.com/playlist?list=PLbpi6ZahtOH6Ar_3GPy3workMWmfSV5cp"
    assert youtube.rebuilt(addresses.read(lists + "&si=x")).url == lists
    assert youtube.youtube_playlist(f"https://www.youtube.com/watch?v={ID}&list=PLbpi6ZahtOH6Ar") is None
    assert youtube.youtube_playlist("https://www.youtube.com/playlist?list=WL") is None
