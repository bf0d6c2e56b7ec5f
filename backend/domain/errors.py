"""The one family of errors a person may meet.

BoardError
├── InvalidInput        the request itself is wrong                        (400)
│   └── …               `code` says which: invalid_base64, empty_file, …
├── NotAuthenticated    no token, or one that is unknown, old or revoked   (401)
├── NotAllowed          a valid token without the right                    (403)
├── NotFound            unknown, or somebody else's: the same answer       (404)
│   └── Merged          it is part of another document now, and which      (404)
├── Conflict            it clashes with what is there                      (409)
├── TooLarge            over a size limit                                  (413)
├── Unreadable          a stored file that cannot be read                  (422)
├── TooMany             a rate limit or a quota; `retry_after` seconds     (429)
└── Unavailable         a part of the machinery is away; try again         (503)

Raise the class that fits and give `code` where the class is broader than the case. `backend/api/errors.py` maps
classes to HTTP, and nothing else does.
"""

from __future__ import annotations

from typing import Any, ClassVar


class BoardError(Exception):
    """A refusal or failure a person can act on.

    `code` is stable and for programs, `message` is one sentence, `hint` says what to do next, `retryable` says
    whether the same thing may succeed later without any change.
    """

    default_code: ClassVar[str] = "internal"
    default_hint: ClassVar[str] = ""
    default_retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str | None = None,
        retryable: bool | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.hint = self.default_hint if hint is None else hint
        self.retryable = self.default_retryable if retryable is None else retryable
        self.retry_after = retry_after

    def as_json(self) -> dict[str, Any]:
        """The `{"code", "message", "hint", "retryable"}` of the API and of a failed job."""
        return {"code": self.code, "message": self.message, "hint": self.hint, "retryable": self.retryable}


class InvalidInput(BoardError):
    """The request cannot be understood or breaks a rule."""

    default_code = "invalid_input"


class NotAuthenticated(BoardError):
    """No valid credentials came with the request."""

    default_code = "not_authenticated"
    default_hint = "Sign in again, or send a valid token as `Authorization: Bearer …`."


class NotAllowed(BoardError):
    """The credentials are valid but do not reach this far."""

    default_code = "not_allowed"


class NotFound(BoardError):
    """There is no such thing, or it belongs to someone else."""

    default_code = "not_found"


class Merged(NotFound):
    """The document was merged into `merged_into`, which the answer names for programs as well."""

    default_code = "merged"

    def __init__(self, merged_into: int) -> None:
        super().__init__(
            f"This document was merged into document {merged_into}.",
            hint=f"Use document {merged_into} instead, or undo the merge.",
        )
        self.merged_into = merged_into

    def as_json(self) -> dict[str, Any]:
        return {**super().as_json(), "merged_into": self.merged_into}


class Conflict(BoardError):
    """The request clashes with the present state."""

    default_code = "conflict"


class TooLarge(BoardError):
    """The input is over a size limit."""

    default_code = "too_large"


class Unreadable(BoardError):
    """A stored original that cannot be turned into text; `code`: encrypted, no_text, unsupported_type, corrupt, …"""

    default_code = "unreadable"


class TooMany(BoardError):
    """A rate limit or quota was met; `retry_after` is in seconds."""

    default_code = "too_many"
    default_retryable = True


class Unavailable(BoardError):
    """A needed part is away for the moment; the runner tries such a job again by itself."""

    default_code = "unavailable"
    default_retryable = True
