"""Duplicates on a whole running board: the hint after an upload, the scan as a job, and what kills do to it."""

from __future__ import annotations

import io
from typing import Any

import httpx
from PIL import Image, ImageDraw

from tests.board import Board, eventually
from tests.twins import changed, prose


def added(board: Board, name: str, text: str, **more: str) -> dict[str, Any]:
    """The job of an upload once it has ended."""
    done = board.finished(board.upload(name, text.encode(), **more)["job_id"])
    assert done["state"] == "SUCCESS", done["error"]
    return done


def scanned(board: Board, token: str | None = None, **wish: Any) -> dict[str, Any]:
    """The job of a scan once it has ended."""
    with board.client(token) as client:
        answer = client.post("/duplicates/scan", json=wish)
        assert answer.status_code == 202, answer.text
        path = answer.headers["location"]

        def ended() -> dict[str, Any] | None:
            body: dict[str, Any] = client.get(path).json()
            return body if body["finished_at"] else None

        done = eventually(ended, within=90)
    assert done is not None
    assert done["state"] == "SUCCESS", done["error"]
    return done


def test_the_second_version_of_a_text_is_hinted_at_when_it_is_read(board: Board) -> None:
    first = added(board, "plan.md", prose(101))["document_id"]
    second = added(board, "plan-new.md", changed(prose(101), 1, 0.03) + "\n\n" + prose(102, 40))
    (hint,) = second["result"]["looks_like"]
    assert (hint["document_id"], hint["layer"]) == (first, "near")
    with board.client() as client:
        shown = client.get(f"/documents/{first}").json()["looks_like"]
        group = client.get("/duplicates", params={"document": first}).json()["items"][0]
    assert [one["document_id"] for one in shown] == [second["document_id"]]
    assert [one["role"] for one in group["documents"]] == ["primary", "copy"]
    assert "more" in group["what_differs"]


def test_a_scan_is_a_job_that_finds_groups_and_counts_pairs(board: Board) -> None:
    first, second = (added(board, f"{name}.md", f"# {name}\n\n{prose(111)}")["document_id"] for name in ("one", "two"))
    board.sql("DELETE FROM duplicate_pairs RETURNING a")
    board.sql("DELETE FROM document_signatures RETURNING document_id")  # as a board from before signatures has them
    done = scanned(board)
    assert set(done["result"]) == {"groups", "pairs", "documents", "by_layer"}
    assert done["result"]["by_layer"]["near"] >= 1
    assert done["meta"]["units"]["kind"] == "pair"
    assert done["meta"]["units"]["done"] == done["meta"]["units"]["total"]
    with board.client() as client:
        found = client.get("/duplicates", params={"document": first}).json()
    assert [one["document_id"] for one in found["items"][0]["documents"]] == [first, second]
    assert found["last_scan"]["job_id"] == done["job_id"]
    assert found["last_scan"]["groups"] == done["result"]["groups"]


def test_two_people_never_see_each_others_twins(board: Board) -> None:
    mine = added(board, "mine.md", prose(121))["document_id"]
    with board.client() as client:
        code = client.post("/invitations").json()["code"]
    token = board.sign_up("grace-with-twins", invitation=code)
    with board.client(token) as client:
        job = client.post("/upload_file", files={"file": ("theirs.md", (prose(121) + "\n").encode())}).json()
        eventually(lambda: client.get(f"/jobs/{job['job_id']}/status").json()["finished_at"], within=60)
        result = client.get(f"/jobs/{job['job_id']}/status").json()["result"]
    assert result["looks_like"] == []
    assert scanned(board, token)["result"]["groups"] == 0
    with board.client(token) as client:
        assert client.get("/duplicates").json()["items"] == []
        assert client.get("/duplicates", params={"document": mine}).json()["total"] == 0


def picture(seed: int) -> Image.Image:
    """A picture of shapes that is like no other."""
    image = Image.radial_gradient("L").resize((480, 360)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for step in range(9):
        at = [(seed * 37 + step * 53) % 400, (seed * 71 + step * 91) % 280]
        draw.ellipse((*at, at[0] + 40 + 9 * step, at[1] + 60), fill=(25 * step, 255 - 20 * step, (seed * 40) % 255))
    return image


def saved(image: Image.Image, kind: str, **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def shown(board: Board, name: str, body: bytes) -> int:
    """A picture on the board once it was looked at; one without words fails to be read, and stays."""
    with board.client() as client:
        answer = client.post("/upload_image", files={"file": (name, body)})
    assert answer.status_code == 202, answer.text
    board.finished(answer.json()["job_id"], within=120)
    document: int = answer.json()["document_id"]
    return document


def test_a_picture_saved_anew_smaller_in_another_format_is_the_same_picture(board: Board) -> None:
    image = picture(1)
    first = shown(board, "sun.png", saved(image, "PNG"))
    second = shown(board, "sun-small.jpg", saved(image.resize((240, 180)), "JPEG", quality=60))
    third = shown(board, "sun-cut.webp", saved(image.crop((10, 6, 476, 352)), "WEBP", quality=80))
    other = shown(board, "moon.png", saved(picture(5), "PNG"))
    with board.client() as client:
        hints = client.get(f"/documents/{first}").json()["looks_like"]
        assert {hint["document_id"] for hint in hints} == {second, third}
        assert {hint["layer"] for hint in hints} == {"image"}
        assert client.get(f"/documents/{other}").json()["looks_like"] == []
        board.sql("DELETE FROM duplicate_pairs RETURNING a")
        board.sql("DELETE FROM picture_signatures RETURNING document_id")
        scanned(board, layers=["image"])
        (group,) = client.get("/duplicates", params={"document": first}).json()["items"]
    assert group["layer"] == "image"
    assert {one["document_id"] for one in group["documents"]} == {first, second, third}
    assert group["primary_id"] == first


def test_a_second_scan_while_one_is_open_is_that_one(board: Board) -> None:
    with board.client() as client:
        client.post("/admin/queues/analysis/pause").raise_for_status()
        try:
            answers = [client.post("/duplicates/scan", json={}) for _ in range(3)]
        finally:
            client.post("/admin/queues/analysis/resume").raise_for_status()
    assert all(answer.status_code == 202 for answer in answers), [answer.text for answer in answers]
    assert len({answer.json()["job_id"] for answer in answers}) == 1
    board.finished(answers[0].json()["job_id"], within=90)


def test_a_wrong_wish_is_refused(board: Board) -> None:
    with board.client() as client:
        assert client.post("/duplicates/scan", json={"threshold": 0}).status_code == 422
        assert client.post("/duplicates/scan", json={"layers": ["smell"]}).status_code == 422
        answer: httpx.Response = client.get("/duplicates", params={"cursor": "nonsense"})
        assert answer.json()["error"]["code"] == "invalid_cursor"
