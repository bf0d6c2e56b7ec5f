"""Who may do what: principals, scopes, and the rules for names, passwords and waiting after failures."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from backend.domain.errors import InvalidInput, NotAllowed

READ, UPLOAD, ADMIN = "read", "upload", "admin"
SCOPES = (READ, UPLOAD, ADMIN)
"""What a key may do: see one's own things, change them, manage the account (and, as owner, the board)."""

OWNER, MEMBER = "owner", "member"

KEY_PREFIX = "sbk_"
KEY_SHOWN = 10
"""Characters of a key that its list shows, to tell one from another."""

FREE_FAILURES = 5
"""Wrong passwords in a row that cost no waiting."""
FIRST_WAIT, LONGEST_WAIT = 5, 300
"""Seconds; more would let a stranger lock somebody out for good."""

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}")
_PASSWORD_MIN, _PASSWORD_MAX = 10, 1024


@dataclass(frozen=True)
class Principal:
    """The person (and the token) a request speaks for."""

    user_id: int
    username: str
    role: str
    scopes: frozenset[str]
    token_id: int
    kind: str

    def require(self, scope: str) -> None:
        """Raises NotAllowed (`missing_scope`) when the token was not given `scope`."""
        if scope not in self.scopes:
            raise NotAllowed(
                f"This key was not given the scope `{scope}`.",
                code="missing_scope",
                hint=f"Make a key with the scope `{scope}`, or sign in.",
            )

    def require_owner(self) -> None:
        """Raises NotAllowed (`owner_only`) for everybody but the owner of the board."""
        self.require(ADMIN)
        if self.role != OWNER:
            raise NotAllowed("Only the owner of the board may do this.", code="owner_only", hint="Ask the owner.")


def token_hash(token: str) -> bytes:
    """What is stored of a token or an invitation: SHA-256 suffices, for these are 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def username(name: str) -> str:
    """The name as stored (lower case). Raises InvalidInput (`invalid_username`)."""
    clean = name.strip().lower()
    if not _USERNAME.fullmatch(clean):
        raise InvalidInput(
            "That user name cannot be used.",
            code="invalid_username",
            hint="Use 2 to 64 letters a-z, digits and . _ @ + -, starting with a letter or digit.",
        )
    return clean


def tried_name(name: str) -> str:
    """The key under which failures of a sign-in are counted, for any input at all: bounded, never rejected."""
    clean = name.strip().lower()
    return clean if _USERNAME.fullmatch(clean) else "#" + hashlib.sha256(clean.encode("utf-8", "replace")).hexdigest()


def password(secret: str, name: str) -> str:
    """The password, if it may be used by `name`. Raises InvalidInput (`weak_password`)."""
    if not _PASSWORD_MIN <= len(secret) <= _PASSWORD_MAX:
        raise InvalidInput(
            f"The password must have {_PASSWORD_MIN} to {_PASSWORD_MAX} characters.",
            code="weak_password",
            hint="A few words in a row make a good password.",
        )
    if secret.strip().lower() == name:
        raise InvalidInput("The password must not be the user name.", code="weak_password", hint="Choose another.")
    return secret


def wait_after(failures: int) -> int:
    """Seconds until the next try after `failures` wrong passwords in a row: 0 at first, then doubling, then bounded."""
    over = failures - FREE_FAILURES
    return 0 if over < 0 else min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(over, 20))


def scopes(wanted: list[str]) -> list[str]:
    """The scopes in our order, without repeats. Raises InvalidInput (`unknown_scope`)."""
    unknown = sorted(set(wanted) - set(SCOPES))
    if unknown or not wanted:
        raise InvalidInput(
            f"There is no scope `{unknown[0][:40]}`." if unknown else "A key needs at least one scope.",
            code="unknown_scope",
            hint=f"The scopes are {', '.join(SCOPES)}.",
        )
    return [scope for scope in SCOPES if scope in wanted]
