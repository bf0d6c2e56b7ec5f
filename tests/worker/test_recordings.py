"""Sound and films through a whole running board: what is said in them, when, and what becomes of the wordless."""

from __future__ import annotations

from typing import Any

import pytest

from tests import sounds
from tests.board import Board


def listened(board: Board, filename: str, data: bytes) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Upload, wait; the job's status, the document, its text."""
    accepted = board.upload(filename, data)
    done = board.finished(accepted["job_id"], within=200)
    with board.client() as client:
        document = client.get(f"/documents/{accepted['document_id']}").raise_for_status().json()
        text = client.get(f"/documents/{accepted['document_id']}/text").json()
    return done, document, text


def test_what_is_said_in_a_film_is_found_with_the_second_at_which_it_is_said(board: Board) -> None:
    speech = sounds.one_after_another([sounds.silence(3), sounds.spoken()], pause=0.5)
    data = sounds.encoded(speech, "mp4", picture=True, title="Inaugural address", artist="John F. Kennedy")
    done, document, text = listened(board, "speech.mp4", data)
    assert done["state"] == "SUCCESS", done["error"]
    with board.client() as client:
        history = client.get(f"/jobs/{done['job_id']}").json()["history"]
    assert "transcribing" in [stage["stage"] for entry in history for stage in entry["stages"]]
    assert sounds.KENNEDY in text["text"].lower()
    assert (document["status"], document["language"], document["title"]) == ("completed", "en", "Inaugural address")
    recording = document["details"]["recording"]
    assert (recording["codec"], recording["artist"]) == ("aac", "John F. Kennedy")
    assert recording["seconds"] == pytest.approx(15, abs=0.2)
    assert text["parts"][0]["place"]["second"] == pytest.approx(3.5, abs=1.0)
    with board.client() as client:
        found = client.get("/search", params={"q": '"what your country can do for you"'}).json()["items"]
    assert document["id"] in [item["document_id"] for item in found]


@pytest.mark.parametrize("name", ["silence.wav", "tones.mp3"])
def test_where_nobody_speaks_there_is_no_text_and_none_is_made_up(board: Board, name: str) -> None:
    sound = sounds.silence(4) if name == "silence.wav" else sounds.sweep(4)
    done, document, _ = listened(board, name, sounds.encoded(sound, name.rpartition(".")[2]))
    assert (done["state"], done["error"]["code"]) == ("FAILURE", "no_text")
    assert "Nobody speaks" in done["error"]["message"]
    assert done["error"]["hint"]
    assert document["status"] == "error"


def test_a_film_without_sound_is_refused_for_that(board: Board) -> None:
    done, _, _ = listened(board, "mute.mp4", sounds.silent_film())
    assert (done["state"], done["error"]["code"]) == ("FAILURE", "no_sound")


def test_a_recording_that_breaks_off_is_read_as_far_as_it_goes_and_that_is_said(board: Board) -> None:
    whole = sounds.encoded(sounds.one_after_another([sounds.spoken(), sounds.silence(8)]), "flac")
    done, document, text = listened(board, "broken-off.flac", whole[: len(whole) * 8 // 10])
    assert done["state"] == "SUCCESS", done["error"]
    assert sounds.KENNEDY in text["text"].lower()
    assert "sound_cut_off" in [warning["code"] for warning in document["warnings"]]
