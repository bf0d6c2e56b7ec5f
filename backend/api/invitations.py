"""Invitations: how people after the owner get an account."""

from __future__ import annotations

import secrets
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from backend.api.api_keys import Revoked
from backend.api.deps import OwnerAccess, RowId, ServicesDep
from backend.api.idempotency import Answer, OnceDep
from backend.domain import access
from backend.domain.errors import NotFound
from backend.store import audit, invitations


class Invitation(BaseModel):
    """An open invitation. `code` is there once, in the answer that makes it."""

    id: int
    created_at: datetime
    expires_at: datetime
    code: str | None = None


class InvitationList(BaseModel):
    """The invitations nobody used yet."""

    items: list[Invitation]
    next_cursor: None = None
    total: int


router = APIRouter(tags=["accounts"])


@router.get("/invitations")
def list_invitations(services: ServicesDep, principal: OwnerAccess) -> InvitationList:
    """The open invitations, newest first."""
    with services.database.session(principal.user_id) as session:
        items = [_shown(invitation) for invitation in invitations.still_open(session)]
    return InvitationList(items=items, total=len(items))


@router.post("/invitations", status_code=201, response_model=Invitation)
def invite(services: ServicesDep, principal: OwnerAccess, once: OnceDep) -> JSONResponse:
    """Make a code that lets one person register within seven days; it is shown this once."""

    def make() -> Answer:
        code = secrets.token_urlsafe(24)
        invitation = invitations.add(session, principal.user_id, access.token_hash(code))
        audit.record(session, principal.user_id, "invitation.made", f"invitation:{invitation.id}")
        return Answer(_shown(invitation).model_dump(), 201, secret={"code": code})

    with services.database.session(principal.user_id) as session:
        return once(session, make)


@router.delete("/invitations/{invitation_id}", response_model=Revoked)
def withdraw(services: ServicesDep, principal: OwnerAccess, once: OnceDep, invitation_id: RowId) -> JSONResponse:
    """Close an open invitation."""

    def make() -> Answer:
        if not invitations.revoke(session, invitation_id):
            raise NotFound("There is no such invitation.", hint="GET /invitations lists the open ones.")
        audit.record(session, principal.user_id, "invitation.withdrawn", f"invitation:{invitation_id}")
        return Answer({"revoked": True})

    with services.database.session(principal.user_id) as session:
        return once(session, make)


def _shown(invitation: invitations.Invitation) -> Invitation:
    return Invitation(id=invitation.id, created_at=invitation.created_at, expires_at=invitation.expires_at)
