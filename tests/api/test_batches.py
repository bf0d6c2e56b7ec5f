"""Many lines at once: a verdict for each, all or nothing, and steering them together."""

from __future__ import annotations

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from starlette.testclient import TestClient

from backend.jobs import batches as work
from backend.jobs import finish, kinds
from backend.jobs.services import Services
from backend.store import documents, jobs, moves
from backend.store.database import EVERYONE
from tests.api.conftest import bearer
from tests.api.test_uploads import TEXT, error_of, left_behind, with_settings


def send(client: TestClient, *urls: str, **more):
    return client.post("/upload_batch_urls", json={"urls": list(urls)}, **more)


def pages(number: int) -> list[str]:
    return [f"https://site{n % 7}.example/page/{n}" for n in range(number)]


def children(services: Services, user: int, batch_id: str) -> list[jobs.JobRow]:
    with services.database.session(user) as session:
        return (
            session.query(jobs.JobRow)
            .filter_by(parent_id=UUID(batch_id))
            .order_by(jobs.JobRow.turn, jobs.JobRow.created_at)
            .all()
        )


def end(services: Services, job_id: UUID, error: dict[str, object] | None) -> None:
    """As a worker does: claim it and let it end."""
    with services.database.session(EVERYONE) as session:
        row = moves.claim(session, job_id, worker="test", lease=30)
        if error:
            finish.fail(session, row, kinds.BY_NAME[row.kind], error)
        else:
            moves.succeed(session, row, {}, ())


FAILED = {"code": "not_found", "message": "=There is no such page.", "hint": "Look.", "retryable": False}


def test_every_line_has_its_verdict_in_the_order_given(client: TestClient, services: Services, user: int, rung) -> None:
    [known] = send(client, "https://there.example/a").json()["jobs"]
    given = [
        "https://new.example/a", "", "   ", "not an address", "https://new.example/a#part", "HTTPS://NEW.example:443/a",
        "https://there.example/a?utm_source=x", "ftp://new.example/b", "new.example/b",
    ]  # fmt: skip
    answer = send(client, *given)
    body = answer.json()
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/batches/{body['batch_id']}"
    assert [(line["url"], line["verdict"]) for line in body["jobs"]] == [
        ("https://new.example/a", "new"),
        ("https://new.example/a#part", "repeated"),
        ("HTTPS://NEW.example:443/a", "repeated"),
        ("https://there.example/a?utm_source=x", "already_here"),
        ("new.example/b", "new"),
    ]
    assert [(line["url"], line["code"]) for line in body["errors"]] == [
        ("not an address", "invalid_url"), ("ftp://new.example/b", "invalid_url"),
    ]  # fmt: skip
    assert (body["total"], body["queued"], body["job_id"]) == (7, 2, body["batch_id"])
    first, second, third, there, other = body["jobs"]
    assert first["job_id"] == second["job_id"] == third["job_id"] != other["job_id"]
    assert (there["job_id"], there["document_id"]) == (known["job_id"], known["document_id"])
    assert "uploads" in rung
    made = children(services, user, body["batch_id"])
    assert [(str(row.id), row.priority, row.kind) for row in made] == [
        (first["job_id"], 1, "process_url_upload"), (other["job_id"], 1, "process_url_upload"),
    ]  # fmt: skip
    with services.database.session(user) as session:
        document = documents.get(session, user, other["document_id"])
    assert (document.kind, document.source_url, document.status) == ("url", "https://new.example/b", "queued")


def test_a_dry_run_says_the_same_and_begins_nothing(client: TestClient, services: Services, user: int, rung) -> None:
    send(client, "https://there.example/a")
    rung.clear()
    given = ["https://there.example/a", "https://new.example/", "https://new.example/", "nothing at all"]
    tried = send(client, *given, params={"dry_run": True})
    assert tried.status_code == 200
    body = tried.json()
    assert [line["verdict"] for line in body["jobs"]] == ["already_here", "new", "repeated"]
    assert (body["batch_id"], body["job_id"], body["queued"], len(body["errors"])) == (None, None, 1, 1)
    assert {line["job_id"] for line in body["jobs"]} == {None}
    assert rung == []
    assert client.get("/batches").json()["total"] == 1


def test_a_thousand_lines_are_taken_in_one_go_and_one_more_is_refused(client: TestClient, services, user: int) -> None:
    assert error_of(send(client, *pages(1001))) == (400, "too_many_lines")
    assert error_of(send(client, "", " ")) == (400, "no_lines")
    assert client.get("/batches").json()["total"] == 0
    body = send(client, *pages(1000)).json()
    assert (body["total"], body["queued"]) == (1000, 1000)
    turns = [row.turn for row in children(services, user, body["batch_id"])]
    assert sorted(turns) == list(range(min(turns), min(turns) + 1000))


def test_a_batch_over_the_quota_of_jobs_begins_nothing_at_all(client: TestClient, services: Services) -> None:
    with with_settings(services, quota_open_jobs=20) as narrow:
        narrow.headers.update(client.headers)
        assert error_of(send(narrow, *pages(30))) == (429, "too_many_jobs")
        assert narrow.get("/batches").json()["total"] == 0
        assert narrow.get("/documents").json()["total"] == 0
        assert send(narrow, *pages(15)).status_code == 202


def test_the_same_key_makes_one_batch_and_the_same_moment_one_document_each(client: TestClient) -> None:
    with ThreadPoolExecutor(4) as pool:
        keyed = list(pool.map(lambda _: send(client, *pages(20), headers={"Idempotency-Key": "k"}).json(), range(4)))
        apart = list(pool.map(lambda _: send(client, "https://one.example/").json(), range(4)))
    assert len({body["batch_id"] for body in keyed}) == 1
    assert error_of(send(client, "https://x.example/", headers={"Idempotency-Key": "k"})) == (
        409, "idempotency_conflict",
    )  # fmt: skip
    assert len({body["jobs"][0]["document_id"] for body in apart}) == 1
    assert sorted(body["jobs"][0]["verdict"] for body in apart) == ["already_here"] * 3 + ["new"]


def test_a_batch_counts_its_lines_and_pages_through_them(client: TestClient, services: Services, user: int) -> None:
    batch = send(client, *pages(5), "nothing at all").json()["batch_id"]
    rows = children(services, user, batch)
    end(services, rows[0].id, None)
    end(services, rows[1].id, FAILED)
    seen = client.get(f"/batches/{batch}").json()
    assert seen["counts"] == {"waiting": 3, "running": 0, "done": 1, "failed": 2, "cancelled": 0}
    assert (seen["total"], seen["kind"], seen["paused"], seen["state"]) == (6, "link", False, "PENDING")
    assert [item["url"] for item in seen["items"]] == [*pages(5), "nothing at all"]
    assert [item["state"] for item in seen["items"]] == ["SUCCESS", "FAILURE", *["PENDING"] * 3, "FAILURE"]
    assert seen["items"][5]["error"]["code"] == "invalid_url"
    found, cursor = [], None
    while True:
        page = client.get(f"/batches/{batch}", params={"limit": 4, **({"cursor": cursor} if cursor else {})}).json()
        found += [item["url"] for item in page["items"]]
        if not (cursor := page["next_cursor"]):
            break
    assert found == [*pages(5), "nothing at all"]
    failed = client.get(f"/batches/{batch}?state=failed").json()["items"]
    assert [item["url"] for item in failed] == [pages(5)[1], "nothing at all"]
    [listed] = client.get("/batches").json()["items"]
    assert {key: seen[key] for key in listed} == listed


def test_the_jobs_of_a_batch_are_stood_for_by_it_until_they_need_attention(client: TestClient, services, user) -> None:
    batch = send(client, *pages(4)).json()["batch_id"]
    rows = children(services, user, batch)
    listed = client.get("/jobs?state=waiting,running,done").json()
    assert [item["job_id"] for item in listed["items"]] == [batch]
    assert listed["counts"]["waiting"] == 1
    end(services, rows[2].id, FAILED)
    attention = client.get("/jobs?state=attention").json()["items"]
    assert [item["job_id"] for item in attention] == [str(rows[2].id)]
    assert client.get(f"/jobs?ids={rows[0].id}").json()["total"] == 1


def test_a_paused_batch_waits_until_it_is_let_go(client: TestClient, services: Services, user: int) -> None:
    batch = send(client, *pages(3)).json()["batch_id"]
    assert client.post(f"/batches/{batch}/pause").json()["paused"] is True
    with services.database.session(EVERYONE) as session:
        assert moves.head(session, "uploads", ["process_url_upload/fetch"]) is None
    with services.database.session(user) as session:
        work.extend(services, session, user, UUID(batch), ["https://late.example/"])
    with services.database.session(EVERYONE) as session:
        assert moves.head(session, "uploads", ["process_url_upload/fetch"]) is None, "what joins it waits as well"
    [waiting, *_] = client.get(f"/batches/{batch}").json()["items"]
    assert client.get(f"/jobs/{waiting['job_id']}/status").json()["meta"]["waiting_reason"] == "paused"
    resumed = client.post(f"/batches/{batch}/resume").json()
    assert (resumed["paused"], resumed["total"]) == (False, 4)
    with services.database.session(EVERYONE) as session:
        assert moves.head(session, "uploads", ["process_url_upload/fetch"]) is not None


def test_failed_lines_are_tried_again_and_again_asked_changes_nothing(client: TestClient, services, user: int) -> None:
    batch = send(client, *pages(3), "nothing at all").json()["batch_id"]
    rows = children(services, user, batch)
    assert error_of(client.post(f"/batches/{send(client, 'https://a.example/').json()['batch_id']}/retry")) == (
        409, "not_failed",
    )  # fmt: skip
    end(services, rows[0].id, FAILED)
    end(services, rows[1].id, FAILED)
    again = client.post(f"/batches/{batch}/retry").json()
    assert again["counts"] == {"waiting": 3, "running": 0, "done": 0, "failed": 1, "cancelled": 0}
    assert again["items"][0]["job_id"] != str(rows[0].id)
    fresh = [row for row in children(services, user, batch) if row.retry_of]
    assert [(row.priority, row.parent_id) for row in fresh] == [(1, UUID(batch))] * 2
    assert error_of(client.post(f"/batches/{batch}/retry")) == (409, "not_failed")


def test_a_cancelled_batch_ends_all_that_has_not_ended(client: TestClient, services: Services, user: int) -> None:
    batch = send(client, *pages(4)).json()["batch_id"]
    rows = children(services, user, batch)
    end(services, rows[0].id, None)
    cancelled = client.post(f"/batches/{batch}/cancel").json()
    assert cancelled["counts"] == {"waiting": 0, "running": 0, "done": 1, "failed": 0, "cancelled": 3}
    assert cancelled["state"] == "REVOKED"
    assert client.post(f"/batches/{batch}/retry").json()["counts"]["waiting"] == 3
    assert client.get(f"/batches/{batch}").json()["state"] == "PROCESSING"
    assert client.post(f"/batches/{batch}/cancel").json()["counts"]["cancelled"] == 3
    assert error_of(client.post(f"/batches/{batch}/pause")) == (409, "already_finished")


def test_no_cell_of_the_table_of_failures_is_a_formula(client: TestClient, services: Services, user: int) -> None:
    bad = ["=cmd|' /C calc'!A0", "+1", "-2", "@SUM(A1)", "plain words", 'quo"ted, words']
    batch = send(client, "https://gone.example/", *bad).json()["batch_id"]
    end(services, children(services, user, batch)[0].id, FAILED)
    answer = client.get(f"/batches/{batch}/failures.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    head, first, *rest = csv.reader(io.StringIO(answer.text))
    assert head == ["url", "code", "message", "hint", "job_id"]
    assert first[:3] == ["https://gone.example/", "not_found", "'=There is no such page."]
    assert [row[0] for row in rest] == ["'" + line if line[0] in "=+-@" else line for line in bad]


def test_many_files_in_one_form_are_a_batch(client: TestClient, services: Services, user: int) -> None:
    client.post("/upload_file", files={"file": ("known.txt", TEXT)})
    files = [
        ("file", ("one.txt", b"The first file of several.")),
        ("file", ("known.txt", TEXT)),
        ("file", ("again.txt", b"The first file of several.")),
        ("file", ("program", b"\x7fELF\x02\x01\x01" + bytes(64))),
        ("file", ("empty.txt", b"")),
    ]
    answer = client.post("/upload_batch", files=files)
    body = answer.json()
    assert answer.status_code == 202, answer.text
    assert [(line["filename"], line["verdict"]) for line in body["jobs"]] == [
        ("one.txt", "new"), ("known.txt", "already_here"), ("again.txt", "repeated"),
    ]  # fmt: skip
    assert [(line["filename"], line["code"]) for line in body["errors"]] == [
        ("program", "unsupported_type"), ("empty.txt", "empty_file"),
    ]  # fmt: skip
    [row] = children(services, user, body["batch_id"])
    assert (row.kind, row.priority) == ("process_file_upload", 1)
    seen = client.get(f"/batches/{body['batch_id']}").json()
    assert (seen["kind"], [item["filename"] for item in seen["items"]]) == ("file", [file[1][0] for file in files])
    assert left_behind(services)[1] == []
    assert len(left_behind(services)[0]) == 2


def test_too_many_or_no_files_are_refused_and_leave_nothing(client: TestClient, services: Services) -> None:
    many = [("file", (f"{n}.txt", b"%d" % n)) for n in range(101)]
    assert error_of(client.post("/upload_batch", files=many)) == (400, "invalid_multipart")
    assert error_of(client.post("/upload_batch", files={"other": "x"}))[0] in {400, 415}
    assert error_of(client.post("/upload_batch", content=TEXT)) == (415, "unsupported_media_type")
    assert left_behind(services) == ([], [])
    assert client.get("/batches").json()["total"] == 0


def test_somebody_elses_batch_looks_like_none(client: TestClient, services, other_user: int, make_token) -> None:
    batch = send(client, *pages(2)).json()["batch_id"]
    theirs = bearer(make_token(other_user))
    for method, path in (("GET", ""), ("GET", "/failures.csv"), ("POST", "/pause"), ("POST", "/cancel")):
        answer = client.request(method, f"/batches/{batch}{path}", headers=theirs)
        assert error_of(answer) == (404, "batch_not_found")
    assert client.get("/batches", headers=theirs).json()["total"] == 0
    single = client.get("/jobs?state=waiting").json()["items"][0]["job_id"]
    assert single == batch
