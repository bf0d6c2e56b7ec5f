"""Accounts: the first becomes the owner, later ones need an invitation unless registration is open."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from backend.api import passwords
from backend.api.deps import OwnerAccess, ReadAccess, ServicesDep, address_of
from backend.domain import access
from backend.domain.errors import Conflict, NotAllowed
from backend.store import audit, invitations, users
from backend.store.database import EVERYONE


class Registration(BaseModel):
    """Who wants an account."""

    username: str = Field(max_length=200)
    password: str = Field(max_length=5000)
    invitation: str | None = Field(default=None, max_length=200)


class User(BaseModel):
    """An account as its owner sees it."""

    id: int
    username: str
    role: str


class Account(User):
    """An account as the owner of the board sees it."""

    created_at: datetime
    disabled: bool


class AccountList(BaseModel):
    """Everybody on the board."""

    items: list[Account]
    next_cursor: None = None
    total: int


class Setup(BaseModel):
    """What a page needs to know before anybody signed in."""

    needs_owner: bool
    registration: str


router = APIRouter(tags=["accounts"])


@router.get("/setup")
def setup(services: ServicesDep) -> Setup:
    """Whether the board waits for its owner, and who may register."""
    with services.database.session(EVERYONE) as session:
        return Setup(needs_owner=users.none_yet(session), registration=services.settings.registration)


@router.post("/users", status_code=201)
def register(request: Request, services: ServicesDep, wanted: Registration) -> User:
    """Make an account."""
    request.app.state.rates.count_sign_in(address_of(request))
    name = access.username(wanted.username)
    secret = access.password(wanted.password, name)
    code = access.token_hash(wanted.invitation) if wanted.invitation else None
    is_open = services.settings.registration == "open"
    with services.database.session(EVERYONE) as session:  # no hashing for those who may not come in anyway
        if not (is_open or users.none_yet(session) or (code and invitations.is_open(session, code))):
            raise _uninvited()
    hashed = passwords.hash_of(secret)
    with services.database.session(EVERYONE) as session:
        users.lock_registration(session)
        owner = users.none_yet(session)
        user = users.add(session, name, hashed, owner=owner)
        if user is None:
            raise Conflict("That user name is taken.", code="username_taken", hint="Choose another.")
        if not owner and not is_open and not (code and invitations.use(session, code, user.id)):
            raise _uninvited()
        audit.record(session, user.id, "user.registered", f"user:{user.id}", role=user.role)
        return User(id=user.id, username=user.username, role=user.role)


@router.get("/users")
def list_users(services: ServicesDep, _principal: OwnerAccess) -> AccountList:
    """Everybody with an account, the oldest first."""
    with services.database.session(EVERYONE) as session:
        items = [
            Account(
                id=user.id,
                username=user.username,
                role=user.role,
                created_at=user.created_at,
                disabled=user.disabled_at is not None,
            )
            for user in users.everyone(session)
        ]
    return AccountList(items=items, total=len(items))


@router.get("/users/me")
def me(principal: ReadAccess) -> User:
    """The account of this token."""
    return User(id=principal.user_id, username=principal.username, role=principal.role)


def _uninvited() -> NotAllowed:
    return NotAllowed(
        "An account on this board needs an open invitation.",
        code="invitation_required",
        hint="Ask the owner of the board for an invitation code.",
    )
