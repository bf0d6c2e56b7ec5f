"""Accounts: who gets in, how, and what is kept of it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.testclient import TestClient

from backend.api import passwords
from backend.domain import access
from backend.jobs.services import Services
from backend.store import audit, login_failures, tokens, users
from backend.store.database import EVERYONE

PASSWORD = "correct horse battery"


def register(client: TestClient, name: str = "ada", **more: str):
    return client.post("/users", json={"username": name, "password": PASSWORD, **more})


def sign_in(client: TestClient, name: str = "ada", password: str = PASSWORD, **headers: str):
    return client.post("/token", json={"username": name, "password": password}, headers=headers)


def code_of(response) -> str:
    return response.json()["error"]["code"]


def test_the_first_account_is_the_owner_and_then_the_board_no_longer_waits_for_one(anyone: TestClient) -> None:
    assert anyone.get("/setup").json() == {"needs_owner": True, "registration": "invite"}
    made = register(anyone)
    assert made.status_code == 201
    assert made.json() == {"id": made.json()["id"], "username": "ada", "role": "owner"}
    assert anyone.get("/setup").json()["needs_owner"] is False


def test_of_many_first_accounts_at_one_moment_one_is_the_owner_and_the_others_need_an_invitation(
    anyone: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(8)

    def hash_together(_password: str) -> str:
        together.wait(timeout=60)  # all were let through as possible first ones, and now race
        return "no hash"

    monkeypatch.setattr(passwords, "hash_of", hash_together)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: register(anyone, f"person{n}"), range(8)))
    assert sorted(a.status_code for a in answers) == [201] + [403] * 7
    assert {code_of(a) for a in answers if a.status_code == 403} == {"invitation_required"}


def test_an_invitation_lets_in_one_person_once(anyone: TestClient) -> None:
    register(anyone)
    owner = {"Authorization": f"Bearer {sign_in(anyone).json()['access_token']}"}
    code = anyone.post("/invitations", headers=owner).json()["code"]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda n: register(anyone, f"guest{n}", invitation=code), range(6)))
    assert [a.status_code for a in answers].count(201) == 1
    assert {code_of(a) for a in answers if a.status_code != 201} <= {"invitation_required", "busy"}
    assert next(a for a in answers if a.status_code == 201).json()["role"] == "member"
    assert anyone.get("/invitations", headers=owner).json()["items"] == []


def test_a_withdrawn_invitation_lets_nobody_in(anyone: TestClient) -> None:
    register(anyone)
    owner = {"Authorization": f"Bearer {sign_in(anyone).json()['access_token']}"}
    made = anyone.post("/invitations", headers=owner).json()
    assert anyone.get("/invitations", headers=owner).json()["items"][0]["code"] is None
    assert anyone.delete(f"/invitations/{made['id']}", headers=owner).status_code == 200
    assert code_of(register(anyone, "guest", invitation=made["code"])) == "invitation_required"


def test_only_the_owner_invites(client: TestClient, other_user: int, make_token) -> None:
    other = {"Authorization": f"Bearer {make_token(other_user)}"}
    assert code_of(client.post("/invitations", headers=other)) == "owner_only"


@pytest.mark.parametrize(
    ("username", "password", "code"),
    [
        ("ada", "short", "weak_password"),
        ("ada.lovelace", "Ada.Lovelace", "weak_password"),
        ("ada", "x" * 1025, "weak_password"),
        ("a b", PASSWORD, "invalid_username"),
        ("<script>", PASSWORD, "invalid_username"),
        ("a", PASSWORD, "invalid_username"),
        ("аda", PASSWORD, "invalid_username"),  # noqa: RUF001 - a Cyrillic letter that looks like ours
    ],
)
def test_names_and_passwords_have_rules(anyone: TestClient, username: str, password: str, code: str) -> None:
    answer = anyone.post("/users", json={"username": username, "password": password})
    assert (answer.status_code, code_of(answer)) == (400, code)


def test_a_name_is_taken_in_any_spelling(anyone: TestClient) -> None:
    register(anyone)
    owner = {"Authorization": f"Bearer {sign_in(anyone).json()['access_token']}"}
    code = anyone.post("/invitations", headers=owner).json()["code"]
    again = register(anyone, " ADA ", invitation=code)
    assert (again.status_code, code_of(again)) == (409, "username_taken")
    assert register(anyone, "grace", invitation=code).status_code == 201, "a refused registration uses nothing up"


def test_a_token_comes_for_a_form_and_for_json_and_only_its_hash_is_stored(
    anyone: TestClient, services: Services
) -> None:
    register(anyone)
    by_json = sign_in(anyone).json()
    by_form = anyone.post("/token", data={"username": "ada", "password": PASSWORD}).json()
    for answer in (by_json, by_form):
        assert answer["token_type"] == "bearer"
        assert answer["expires_in"] == services.settings.token_ttl_hours * 3600
        mine = anyone.get("/users/me", headers={"Authorization": f"Bearer {answer['access_token']}"})
        assert mine.json()["username"] == "ada"
    with services.database.session(EVERYONE) as session:
        kept = session.query(tokens.Token).all()
        assert {token.hash for token in kept} == {access.token_hash(a["access_token"]) for a in (by_json, by_form)}
        stored_passwords = [user.password_hash for user in session.query(users.User)]
    assert all(stored.startswith("$argon2id$") for stored in stored_passwords)


def test_a_revoked_token_and_an_expired_one_open_nothing(anyone: TestClient, services: Services) -> None:
    register(anyone)
    first, second = (sign_in(anyone).json()["access_token"] for _ in range(2))
    assert anyone.post("/token/revoke", headers={"Authorization": f"Bearer {first}"}).status_code == 200
    assert anyone.get("/users/me", headers={"Authorization": f"Bearer {first}"}).status_code == 401
    with services.database.session(EVERYONE) as session:
        session.query(tokens.Token).update({"expires_at": tokens.func.now() - tokens.timedelta(seconds=1)})
    assert anyone.get("/users/me", headers={"Authorization": f"Bearer {second}"}).status_code == 401


def test_that_a_token_was_used_is_written_at_most_once_a_minute(client: TestClient, services: Services) -> None:
    seen = set()
    for _ in range(3):
        client.get("/users/me")
        with services.database.session(EVERYONE) as session:
            seen.add(session.query(tokens.Token).one().last_used_at)
    assert len(seen) == 1
    assert None not in seen


def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(anyone: TestClient) -> None:
    register(anyone)
    wrong_password = sign_in(anyone, "ada", "not the password")
    wrong_name = sign_in(anyone, "nobody", "not the password")
    assert wrong_password.status_code == wrong_name.status_code == 401
    assert wrong_password.json()["error"] == wrong_name.json()["error"]


@pytest.mark.parametrize("name", ["ada", "nobody", "x" * 4000, "\u0000", "'; DROP TABLE users"])
def test_after_a_few_wrong_passwords_one_has_to_wait_and_the_right_one_does_not_help(
    anyone: TestClient, services: Services, name: str
) -> None:
    register(anyone)
    answers = [sign_in(anyone, name, f"guess {n}") for n in range(access.FREE_FAILURES + 1)]
    assert [a.status_code for a in answers] == [401] * access.FREE_FAILURES + [429]
    assert code_of(answers[-1]) == "wait_after_failures"
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert sign_in(anyone, name).status_code == 429


def test_a_hundred_guesses_at_once_are_no_more_than_the_free_ones(anyone: TestClient, app) -> None:
    register(anyone)
    app.state.rates.count_sign_in = lambda _address: None  # the delay alone must hold
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda n: sign_in(anyone, "ada", f"guess {n}").status_code, range(100)))
    assert answers.count(401) <= access.FREE_FAILURES + 2, "a second may have passed"
    assert answers.count(401) + answers.count(429) == 100


def test_the_wait_grows_and_ends_and_the_right_password_ends_it(anyone: TestClient, services: Services) -> None:
    register(anyone)
    waits = [access.wait_after(failures) for failures in range(1, 30)]
    assert waits[: access.FREE_FAILURES - 1] == [0] * (access.FREE_FAILURES - 1)
    assert waits == sorted(waits)
    assert waits[-1] == access.LONGEST_WAIT
    for n in range(access.FREE_FAILURES):
        sign_in(anyone, "ada", f"guess {n}")
    with services.database.session(EVERYONE) as session:
        session.query(login_failures.LoginFailure).update({"retry_at": tokens.func.now()})
    assert sign_in(anyone).status_code == 200
    assert sign_in(anyone, "ada", "wrong again").status_code == 401


def test_signing_in_too_often_from_one_address_is_limited(anyone: TestClient) -> None:
    register(anyone)
    codes = [sign_in(anyone, f"name{n}", "wrong") for n in range(40)]
    assert code_of(codes[-1]) == "rate_limited"
    assert int(codes[-1].headers["Retry-After"]) >= 1


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"username": 1}', "username=ada"])
def test_a_sign_in_without_name_and_password_says_what_is_missing(anyone: TestClient, body: str) -> None:
    answer = anyone.post("/token", content=body)
    assert (answer.status_code, code_of(answer)) == (400, "invalid_credentials_form")


def test_keys_are_shown_once_hold_their_scopes_and_end_at_once(client: TestClient) -> None:
    made = client.post("/api-keys", json={"name": "laptop", "scopes": ["read"]})
    assert made.status_code == 201
    key = made.json()["key"]
    assert key.startswith(made.json()["prefix"])
    assert [(k["name"], k["key"]) for k in client.get("/api-keys").json()["items"]] == [("laptop", None)]
    mine = {"Authorization": f"Bearer {key}"}
    assert client.get("/users/me", headers=mine).status_code == 200
    assert code_of(client.post("/api-keys", json={"name": "x", "scopes": ["read"]}, headers=mine)) == "missing_scope"
    assert client.delete(f"/api-keys/{made.json()['id']}").status_code == 200
    assert client.get("/users/me", headers=mine).status_code == 401
    assert client.delete(f"/api-keys/{made.json()['id']}").status_code == 404


def test_a_key_cannot_make_a_key_that_may_do_more(client: TestClient, user: int, make_token) -> None:
    admin_only = {"Authorization": f"Bearer {make_token(user, scopes=['admin'], kind='api_key')}"}
    answer = client.post("/api-keys", json={"name": "x", "scopes": ["upload"]}, headers=admin_only)
    assert (answer.status_code, code_of(answer)) == (403, "missing_scope")


def test_unknown_scopes_are_refused(client: TestClient) -> None:
    for scopes in (["everything"], []):
        answer = client.post("/api-keys", json={"name": "x", "scopes": scopes})
        assert (answer.status_code, code_of(answer)) == (400, "unknown_scope")


def test_what_was_done_to_accounts_is_on_record_without_secrets(anyone: TestClient, services: Services) -> None:
    register(anyone)
    token = sign_in(anyone).json()["access_token"]
    mine = {"Authorization": f"Bearer {token}"}
    key = anyone.post("/api-keys", json={"name": "laptop", "scopes": ["read"]}, headers=mine).json()
    anyone.post("/token/revoke", headers=mine)
    with services.database.session(EVERYONE) as session:
        entries = session.query(audit.AuditEntry).order_by(audit.AuditEntry.id).all()
    assert [e.action for e in entries] == ["user.registered", "user.signed_in", "key.made", "token.revoked"]
    told = " ".join(f"{e.subject} {e.details}" for e in entries)
    assert not any(secret in told for secret in (PASSWORD, token, key["key"]))
