"""Ids that sort by time."""

from __future__ import annotations

from uuid import UUID

from backend.domain.ids import uuid7


def test_the_example_of_the_rfc_comes_out() -> None:
    # RFC 9562, appendix A.6; the bits of version and variant are set whatever the random bytes hold there
    assert uuid7(0x017F22E279B0, bytes.fromhex("0cc318c4dc0c0c07398f")) == UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
    assert uuid7(0x017F22E279B0, bytes.fromhex("fcc3d8c4dc0c0c07398f")) == UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")


def test_a_later_id_sorts_after_an_earlier_one() -> None:
    assert uuid7(1, b"\xff" * 10) < uuid7(2, b"\x00" * 10) < uuid7(2**48 - 1, b"\x00" * 10)
