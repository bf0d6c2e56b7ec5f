"""Archives and mails through a whole running board: every member a document, none lost, none twice."""

from __future__ import annotations

import gzip
import uuid
from typing import Any

import pytest

from tests import archives, files
from tests.board import Board, eventually

PROSE = "The harbour of {} was quiet in the early morning, and the fishermen mended their nets without a word."


def prose(place: str) -> bytes:
    """Words of its own for each test: the same bytes twice would be one document."""
    return f"{PROSE.format(place)} {uuid.uuid4().hex}".encode()


def document(board: Board, document_id: int) -> dict[str, Any]:
    with board.client() as client:
        found: dict[str, Any] = client.get(f"/documents/{document_id}").raise_for_status().json()
    return found


def read(board: Board, filename: str, data: bytes, **fields: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Upload, wait for the archive and all its members; the job's status and the document."""
    with board.client() as client:
        answer = client.post("/upload_file", files={"file": (filename, data)}, data=fields)
        assert answer.status_code == 202, answer.text
        accepted = answer.json()
    done = board.finished(accepted["job_id"], within=120)
    settled(board, accepted["document_id"])
    return done, document(board, accepted["document_id"])


def settled(board: Board, document_id: int) -> None:
    """Wait until no job below the document is open."""
    eventually(
        lambda: (
            not board.sql(
                """WITH RECURSIVE below(id) AS (SELECT %s::bigint UNION ALL SELECT documents.id FROM documents
               JOIN below ON parent_id = below.id) SELECT 1 FROM jobs JOIN below ON document_id = below.id
               WHERE finished_at IS NULL""",
                document_id,
            )
        ),
        within=120,
    )


def outcomes(found: dict[str, Any]) -> dict[str, str]:
    return {child["name"]: child["outcome"] for child in found["children"]}


@pytest.mark.parametrize("kind", ["zip", *archives.PACKERS])
def test_every_member_becomes_a_document_and_the_archive_a_list_of_them(board: Board, kind: str) -> None:
    members = {f"log/{kind}/one.txt": prose("Oslo"), "two.html": b"<html><body><p>" + prose("Rome") + b"</body></html>"}
    data = files.zipped(members) if kind == "zip" else archives.PACKERS[kind](archives.tarred(members))
    done, found = read(board, f"harbours.{kind}", data)
    assert done["state"] == "SUCCESS", done["error"]
    assert done["warnings"] == []
    assert found["status"] == "completed"
    assert outcomes(found) == dict.fromkeys(members, "new")
    assert {child["status"] for child in found["children"]} == {"completed"}
    with board.client() as client:
        text = client.get(f"/documents/{found['id']}/text").json()["text"]
        assert f"- log/{kind}/one.txt" in text
        listed = client.get("/documents", params={"parent": found["id"]}).json()
        assert listed["total"] == 2
        assert {item["parent_id"] for item in listed["items"]} == {found["id"]}
    one = document(board, found["children"][0]["document_id"])
    assert (one["filename"], one["title"]) == ("one.txt", "one")
    assert one["parent"] == {"id": found["id"], "title": found["title"], "filename": f"harbours.{kind}"}


def test_one_compressed_text_is_read_as_what_it_was(board: Board) -> None:
    done, found = read(board, "notes.txt.gz", gzip.compress(prose("Lima")))
    assert done["state"] == "SUCCESS", done["error"]
    assert outcomes(found) == {"notes.txt": "new"}


def test_what_cannot_be_read_is_named_and_the_rest_is_on_the_board(board: Board) -> None:
    locked = files.pdf([["Nets."]], password="tide")
    members = {"good.txt": prose("Bergen"), "bad.bin": bytes(range(256)) * 9, "locked.pdf": locked + uuid.uuid4().bytes}
    done, found = read(board, "mixed.zip", files.zipped(members))
    assert done["state"] == "SUCCESS", done["error"]
    assert found["status"] == "partial_error"
    assert [warning["code"] for warning in done["warnings"]] == ["members_failed"]
    assert "bad.bin (unsupported_type)" in done["warnings"][0]["message"]
    assert outcomes(found) == {"good.txt": "new", "bad.bin": "failed", "locked.pdf": "new"}
    statuses = {child["name"]: child["status"] for child in found["children"]}
    assert statuses == {"good.txt": "completed", "bad.bin": None, "locked.pdf": "error"}


def test_junk_and_links_are_left_out_and_said(board: Board) -> None:
    members = {
        "a.txt": prose("Kiel"),
        "__MACOSX/._a.txt": b"x",
        "b/.DS_Store": b"x",
        "Thumbs.db": b"x",
        "none.txt": b"",
    }
    done, found = read(board, "junk.zip", files.zipped(members))
    assert done["state"] == "SUCCESS"
    assert sorted(warning["code"] for warning in done["warnings"]) == ["members_empty_file", "members_junk"]
    assert outcomes(found) == {name: "new" if name == "a.txt" else "skipped" for name in members}
    assert found["status"] == "completed"


def test_bytes_that_are_on_the_board_are_linked_and_not_copied(board: Board) -> None:
    there = prose("Riga")
    first = board.upload("riga.txt", there)
    board.finished(first["job_id"])
    _, found = read(board, "again.zip", files.zipped({"copy.txt": there, "b.txt": prose("b"), "c.txt": there}))
    assert outcomes(found) == {"copy.txt": "already_here", "b.txt": "new", "c.txt": "already_here"}
    assert [child["document_id"] for child in found["children"]][0::2] == [first["document_id"]] * 2
    assert document(board, first["document_id"])["parent"] is None
    with board.client() as client:
        assert client.get("/documents", params={"parent": found["id"]}).json()["total"] == 2


def test_an_archive_in_an_archive_is_opened_and_one_in_that_is_not(board: Board) -> None:
    deepest = files.zipped({"deep.txt": prose("deep")})
    inner = files.zipped({"inner.txt": prose("inner"), "deepest.zip": deepest})
    _, outer = read(board, "outer.zip", files.zipped({"inner.zip": inner, "outer.txt": prose("outer")}))
    assert outcomes(outer) == {"inner.zip": "new", "outer.txt": "new"}
    below = document(board, outer["children"][0]["document_id"])
    assert outcomes(below) == {"inner.txt": "new", "deepest.zip": "skipped"}
    assert below["children"][1]["error"]["code"] == "too_deep"
    assert "deepest.zip" in below["warnings"][0]["message"]


def test_a_locked_archive_wants_its_password_and_is_read_with_it(board: Board) -> None:
    data = archives.locked({"a.txt": prose("Turku"), "b.txt": prose("Vaasa")}, "tide")
    done, _ = read(board, "locked.zip", data)
    assert done["error"]["code"] == "encrypted"
    with board.client() as client:
        wrong = client.post(f"/jobs/{done['job_id']}/retry", json={"password": "ebb"}).json()
        assert board.finished(wrong["job_id"])["error"]["code"] == "encrypted"
        right = client.post(f"/jobs/{wrong['job_id']}/retry", json={"password": "tide"}).json()
    assert board.finished(right["job_id"])["state"] == "SUCCESS"
    settled(board, done["document_id"])
    assert outcomes(document(board, done["document_id"])) == {"a.txt": "new", "b.txt": "new"}
    assert board.sql("SELECT count(*) FROM jobs WHERE input ? 'password'") == [(0,)]


def test_a_mail_is_read_with_what_is_attached_and_what_is_attached_to_that(board: Board) -> None:
    inner = archives.letter("About boats", PROSE.format("Gdansk"), ("boats.csv", b"boat,crew\nAnna," + prose("c")))
    data = archives.letter(
        "About nets", PROSE.format("Split"), ("nets.txt", prose("d")), ("boats.eml", inner), picture=900
    )
    done, found = read(board, "mail.eml", data)
    assert done["state"] == "SUCCESS", done["error"]
    assert found["title"] == "About nets"
    assert found["details"]["from"] == "Ann <ann@example.org>"
    assert outcomes(found) == {"logo.png": "skipped", "nets.txt": "new", "boats.eml": "new"}
    assert [warning["code"] for warning in done["warnings"]] == ["members_small_picture"]
    forwarded = document(board, found["children"][2]["document_id"])
    assert forwarded["title"] == "About boats"
    assert outcomes(forwarded) == {"boats.csv": "new"}


def test_a_mailbox_is_an_archive_of_mails(board: Board) -> None:
    letters = [archives.letter(f"Letter {at}", prose(str(at)).decode()) for at in range(3)]
    box = b"".join(b"From ann@example.org Sun Nov 22 10:00:00 2026\n" + one + b"\n" for one in letters)
    done, found = read(board, "box.mbox", box)
    assert done["state"] == "SUCCESS", done["error"]
    assert list(outcomes(found)) == [f"{at + 1:04} Letter {at}.eml" for at in range(3)]


def test_an_empty_archive_is_no_text_and_one_of_damaged_files_is_refused(board: Board) -> None:
    done, _ = read(board, "empty.zip", files.zipped({}))
    assert done["error"]["code"] == "no_text"
    done, _ = read(board, "damaged.zip", archives.lying(4))
    assert done["error"]["code"] == "corrupt"
