"""Clusters over HTTP: two levels, what people decide, grouping anew, the map, what changed."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from backend.jobs.services import Services
from backend.store import clusters
from backend.store.cluster_rows import Cluster
from tests import topical
from tests.api.conftest import MakeToken, bearer


@pytest.fixture
def filed(services: Services, user: int) -> list[int]:
    """Nine documents in two topics, three of them in a sub-topic of the first."""
    model = services.embedder.model
    ids = topical.file_all(services.database, user, topical.made([5, 4]), model)
    with services.database.session(user) as session:
        topics = session.query(Cluster).order_by(Cluster.document_count.desc()).all()
        part = clusters.start(session, user, topical.made([1]).vectors[0], model)
        part.parent_id, part.name = topics[0].id, "A part"
        session.flush()
        members = [one for one in ids if session.get_one(clusters.Document, one).cluster_id == topics[0].id]
        for one in members[:3]:
            clusters.move(session, user, one, part.id)
    return ids


@pytest.fixture
def topics(client: TestClient, filed: list[int]) -> list[dict]:
    return client.get("/clusters").json()["items"]


def test_topics_are_listed_and_their_parts_below_them(client: TestClient, topics: list[dict]) -> None:
    assert [(one["level"], one["parent_id"], one["document_count"]) for one in topics] == [
        ("topic", None, 5),
        ("topic", None, 4),
    ]
    parts = client.get("/clusters", params={"parent": topics[0]["id"]}).json()
    assert parts["total"] == 1
    (part,) = parts["items"]
    assert (part["level"], part["parent_id"], part["document_count"]) == ("subtopic", topics[0]["id"], 3)
    inside = client.get("/documents", params={"subcluster": part["id"]}).json()["items"]
    assert {one["subcluster_name"] for one in inside} == {"A part"}
    assert len(inside) == 3


def test_a_cluster_is_named_and_pinned_by_a_person(client: TestClient, topics: list[dict]) -> None:
    address = f"/clusters/{topics[0]['id']}"
    assert client.patch(address, json={"pinned": True}).json()["pinned"] is True
    named = client.patch(address, json={"name": "  My   sport "}).json()
    assert (named["name"], named["name_source"], named["pinned"]) == ("My sport", "person", True)
    assert client.patch(address, json={"pinned": False}).json()["name"] == "My sport"
    change = client.get("/clusters/changes", params={"limit": 1}).json()["items"][0]
    assert (change["kind"], change["cluster_id"]) == ("renamed", topics[0]["id"])
    assert change["message"].endswith("is called “My sport” now.")
    assert client.patch(address, json={"name": " "}).json()["error"]["code"] == "empty_name"


def test_the_documents_of_a_deleted_cluster_are_filed_again(
    client: TestClient, filed: list[int], topics: list[dict]
) -> None:
    gone = client.delete(f"/clusters/{topics[0]['id']}").json()
    assert gone["documents"] == 5
    assert topics[0]["id"] not in gone["clusters"]
    assert client.get(f"/clusters/{topics[0]['id']}").status_code == 404
    listed = client.get("/documents").json()["items"]
    assert {one["id"] for one in listed} == set(filed), "none is lost"
    assert all(one["cluster_id"] in {*gone["clusters"], topics[1]["id"]} for one in listed)
    vanished = client.get("/clusters/changes", params={"limit": 1}).json()["items"][0]
    assert (vanished["kind"], vanished["documents"]) == ("vanished", 5)
    assert client.delete(f"/clusters/{topics[0]['id']}").json()["error"]["code"] == "cluster_not_found"


def test_the_documents_of_a_deleted_part_stay_in_their_topic(client: TestClient, topics: list[dict]) -> None:
    part = client.get("/clusters", params={"parent": topics[0]["id"]}).json()["items"][0]
    assert client.delete(f"/clusters/{part['id']}").json()["clusters"] == [topics[0]["id"]]
    assert client.get(f"/clusters/{topics[0]['id']}").json()["document_count"] == 5
    assert client.get("/clusters", params={"parent": topics[0]["id"]}).json()["total"] == 0


def test_a_move_is_written_down(client: TestClient, filed: list[int], topics: list[dict]) -> None:
    moved = next(one for one in filed if client.get(f"/documents/{one}").json()["cluster_id"] == topics[1]["id"])
    client.patch(f"/documents/{moved}", json={"cluster_id": topics[0]["id"]})
    change = client.get("/clusters/changes").json()["items"][0]
    assert (change["kind"], change["cluster_id"], change["details"]["document_id"]) == ("moved", topics[0]["id"], moved)


def test_grouping_is_one_job_however_often_it_is_asked_for(client: TestClient, filed: list[int], rung: list) -> None:
    first = client.post("/clusters/recluster")
    assert first.status_code == 202
    assert first.headers["Location"] == f"/jobs/{first.json()['job_id']}/status"
    again = client.post("/clusters/recluster").json()
    assert again["job_id"] == first.json()["job_id"]
    assert rung == ["analysis"]
    status = client.get(first.headers["Location"]).json()
    assert (status["kind"], status["queue"]) == ("recluster_board", "analysis")
    assert client.get("/clusters/map").json()["job_id"] == first.json()["job_id"]


def test_the_map_has_every_document_and_a_tag_that_changes_with_it(
    client: TestClient, filed: list[int], topics: list[dict]
) -> None:
    answer = client.get("/clusters/map")
    drawn = answer.json()
    assert {one["document_id"] for one in drawn["documents"]} == set(filed)
    assert all(0 <= one["x"] <= 1 and 0 <= one["y"] <= 1 for one in drawn["documents"])
    assert (drawn["computed_at"], drawn["stale"], drawn["job_id"]) == (None, True, None)
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert client.get("/clusters/map", headers=tag).status_code == 304
    client.patch(f"/documents/{filed[0]}", json={"title": "Another title"})
    assert client.get("/clusters/map", headers=tag).status_code == 200


def test_changes_are_read_page_by_page(client: TestClient, topics: list[dict]) -> None:
    for name in ("One", "Two", "Three"):
        client.patch(f"/clusters/{topics[0]['id']}", json={"name": name})
    first = client.get("/clusters/changes", params={"limit": 2}).json()
    assert [one["cluster_name"] for one in first["items"]] == ["Three", "Two"]
    second = client.get("/clusters/changes", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert second["items"][0]["cluster_name"] == "One"


def test_nobody_sees_or_changes_the_clusters_of_others(
    client: TestClient, topics: list[dict], make_token: MakeToken, other_user: int
) -> None:
    theirs = bearer(make_token(other_user))
    assert client.get("/clusters/map", headers=theirs).json()["documents"] == []
    assert client.get("/clusters/changes", headers=theirs).json()["total"] == 0
    assert client.get("/clusters", params={"parent": topics[0]["id"]}, headers=theirs).json()["total"] == 0
    for send in (
        client.delete(f"/clusters/{topics[0]['id']}", headers=theirs),
        client.patch(f"/clusters/{topics[0]['id']}", json={"pinned": True}, headers=theirs),
    ):
        assert send.status_code == 404
