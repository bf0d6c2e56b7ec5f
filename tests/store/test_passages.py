"""Passages: what is known of them already when a document is read again."""

from __future__ import annotations

import numpy as np

from backend.domain.chunks import Chunk
from backend.store import passages
from backend.store.database import EVERYONE, Database
from tests.factories import MODEL, direction, new_document


def test_vectors_are_known_by_text_model_and_document(database: Database, user: int, other_user: int) -> None:
    document_id, another = (new_document(database, user, name) for name in ("a.txt", "b.txt"))
    cut = [Chunk(0, "old", 0, 3), Chunk(1, "kept \u00e9", 3, 9)]
    rows = np.stack([direction(1, 2), direction(3, 1)])
    with database.session(user) as session:
        passages.replace(session, user, document_id, cut, rows, MODEL, "en")
    texts = ["kept \u00e9", "new"]
    with database.session(EVERYONE) as session:
        known = passages.known_vectors(session, user, document_id, texts, MODEL)
        assert list(known) == ["kept \u00e9"]
        np.testing.assert_allclose(known["kept \u00e9"], rows[1], atol=1e-3)
        assert passages.known_vectors(session, user, document_id, texts, "other/384/1") == {}
        assert passages.known_vectors(session, user, another, texts, MODEL) == {}
        assert passages.known_vectors(session, other_user, document_id, texts, MODEL) == {}
