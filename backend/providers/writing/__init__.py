"""Language models, by the one protocol that all vendors speak."""

from __future__ import annotations

from backend.providers.writing.chat import ChatWriter

__all__ = ["ChatWriter"]
