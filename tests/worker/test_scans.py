"""Pictures and scans through a whole running board, read by the real engines."""

from __future__ import annotations

import io
import uuid
from typing import Any

from PIL import Image

from tests import scans
from tests.board import Board

HARBOUR = ("The harbour was quiet in the early", "morning, and the fishermen mended", "their nets without a word.")


def read(board: Board, door: str, name: str, data: bytes, **fields: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Upload through a door and wait; the status of the job and the document."""
    with board.client() as client:
        accepted = client.post(door, files={"file": (name, data)}, data=fields).raise_for_status().json()
        done = board.finished(accepted["job_id"], within=180)
        return done, client.get(f"/documents/{accepted['document_id']}").json()


def get(board: Board, path: str, **asked: Any) -> Any:
    with board.client() as client:
        return client.get(path, params=asked).raise_for_status().json()


def found(board: Board, q: str) -> list[tuple[int, dict[str, Any]]]:
    return [(item["document_id"], item["place"]) for item in get(board, "/search", q=q)["items"]]


def test_a_photo_is_found_by_its_words_and_by_what_was_said_of_it(board: Board) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0132] = "Kiev", "60", "2024:05:17 09:30:00"
    picture = scans.encoded(scans.page(HARBOUR), "JPEG", exif=exif)
    done, document = read(board, "/upload_image", "IMG_1.jpg", picture, description="Seen from the zeppelin")
    assert done["state"] == "SUCCESS", done["error"]
    assert (done["kind"], done["meta"]["units"]) == ("process_image_upload", None)
    text = get(board, f"/documents/{document['id']}/text")
    assert text["text"].startswith("Seen from the zeppelin\n\nThe harbour was quiet in the early morning, and")
    assert [part["place"] for part in text["parts"]] == [{"page": 1}]
    assert document["details"]["taken_at"] == "2024-05-17T09:30:00"
    assert document["details"]["camera"] == "Kiev 60"
    assert document["details"]["ocr"]["confidence"] > 0.5
    assert found(board, "zeppelin fishermen")[0][0] == document["id"]
    pages = get(board, f"/documents/{document['id']}/pages", boxes=True)
    words = {word["text"]: word for word in pages["items"][0]["words"]}
    left, top, right, bottom = words["fishermen"]["box"]
    assert 150 < left < right < 620
    assert 70 <= top < bottom <= 120
    assert text["text"][words["fishermen"]["start"] : words["fishermen"]["end"]] == "fishermen"


def test_a_picture_without_words_needs_a_description(board: Board) -> None:
    wall = scans.encoded(Image.effect_noise((90, 60), 60.0))
    done, document = read(board, "/upload_image", "wall.png", wall)
    assert (done["state"], done["error"]["code"]) == ("FAILURE", "no_text")
    assert "description" in done["error"]["hint"]
    with board.client() as client:
        assert client.get(f"/documents/{document['id']}/file").content == wall
    done, again = read(board, "/upload_image", "wall.png", wall, description="The wall of the gasworks")
    assert done["state"] == "SUCCESS", done["error"]
    assert again["id"] == document["id"]
    assert get(board, f"/documents/{again['id']}/text")["text"] == "The wall of the gasworks"


def test_a_mixed_pdf_is_one_text_in_the_order_of_its_pages(board: Board) -> None:
    written = ["Written page, with a text layer.", f"Copy {uuid.uuid4().hex}."]
    scan = scans.pdf([HARBOUR, None, ["Third page, a picture again"]], written)
    done, document = read(board, "/upload_file", "mixed.pdf", scan)
    assert done["state"] == "SUCCESS", done["error"]
    assert document["warnings"] == []
    text = get(board, f"/documents/{document['id']}/text")
    shown = [(part["place"]["page"], text["text"][part["start"] : part["end"]]) for part in text["parts"]]
    assert [number for number, _ in shown] == [1, 2, 3]
    assert shown[0][1] == " ".join(HARBOUR)
    assert shown[1][1].startswith("Written page, with a text layer.")
    assert shown[2][1] == "Third page, a picture again"
    pages = get(board, f"/documents/{document['id']}/pages")
    assert ([page["page"] for page in pages["items"]], pages["page_count"]) == ([1, 3], 3)
    progress = get(board, f"/documents/{document['id']}/progress")
    assert progress["chunk_details"] == {n: {"status": "completed", "error": None} for n in ("1", "3")}
    with board.client() as client:
        thumbnail = client.get(f"/documents/{document['id']}/thumbnail")
        picture = client.get(f"/documents/{document['id']}/pages/2/picture", params={"longest": 500})
    assert max(Image.open(io.BytesIO(thumbnail.content)).size) == 320
    assert max(Image.open(io.BytesIO(picture.content)).size) == 500


def test_a_page_with_too_many_pixels_is_named_and_the_others_are_read(board: Board) -> None:
    data = scans.tiff([scans.page([f"First {uuid.uuid4().hex[:6]}"]), Image.new("1", (7000, 6000), 1)])
    done, document = read(board, "/upload_file", "two.tiff", data)
    assert (done["state"], document["status"]) == ("SUCCESS", "partial_error")
    assert [warning["code"] for warning in done["warnings"]] == ["pages_failed"]
    assert "(2)" in done["warnings"][0]["message"]
    assert document["details"]["failed_pages"] == [2]
    pages = get(board, f"/documents/{document['id']}/pages")["items"]
    assert [(page["page"], page["state"]) for page in pages] == [(1, "read"), (2, "failed")]
    assert pages[1]["error"]["code"] == "too_many_pixels"
