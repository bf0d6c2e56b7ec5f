"""Language models, by the one protocol that all vendors speak."""

from backend.providers.writing.chat import ChatWriter

__all__ = ["ChatWriter"]
