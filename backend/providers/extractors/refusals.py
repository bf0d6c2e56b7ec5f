"""The sentences with which a file is refused."""

from __future__ import annotations

from backend.domain.errors import Unreadable


def encrypted(hint: str = "Give the password and try again.") -> Unreadable:
    return Unreadable("This file is protected with a password.", code="encrypted", hint=hint)


def wrong_password() -> Unreadable:
    return Unreadable(
        "The password does not open this file.", code="encrypted", hint="Check the password and try again."
    )


def corrupt(what: str = "file") -> Unreadable:
    return Unreadable(
        f"This {what} is damaged and cannot be read.",
        code="corrupt",
        hint="Open it in the program it comes from, save it again, and add that copy.",
    )


def bomb() -> Unreadable:
    return Unreadable(
        "This file unpacks to far more than its size allows.",
        code="corrupt",
        hint="It looks made to exhaust a computer. If it is genuine, save it again with its own program.",
    )


def no_text(hint: str = "Add a version of it that contains text.") -> Unreadable:
    return Unreadable("There is no text in this file.", code="no_text", hint=hint)


def needs_a_program() -> Unreadable:
    return Unreadable(
        "There is no text in this page: a program in the browser would have to fetch it.",
        code="no_text",
        hint="The page needs JavaScript. Open it in a browser, and add the page saved there or its text.",
    )


def empty_file() -> Unreadable:
    return Unreadable("This file is empty.", code="empty_file", hint="Check that it was saved, then add it again.")
