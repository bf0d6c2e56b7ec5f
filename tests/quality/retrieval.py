"""How well search finds: SciFact's 300 test claims among its 5,183 abstracts, on a real board's database.

Each abstract is one document, its title above its text, cut, embedded and indexed as the board does it. Vectors are
kept in `build/` by the hash of the text, for embedding takes most of the time.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain import chunks as chunking
from backend.domain import search as searching
from backend.domain.content import Content
from backend.providers.embedding import PackagedEmbedder
from backend.store import documents, matches, passages, search
from backend.store.database import EVERYONE, Database
from tests.bench.board import running
from tests.quality.measure import Measure

REACH = "at least .715, then .74"
CUT = 10
KEPT = Path(__file__).parents[2] / "build/scifact-vectors.npz"
BATCH = 64
Ranking = list[str]


def measure(corpus: Path) -> Iterator[Measure]:
    """nDCG@10 of documents, of both ways together beside each alone; settings were chosen on the even half."""
    folder = corpus / "qa/scifact"
    with gzip.open(folder / "corpus.jsonl.gz", "rt", encoding="utf-8") as file:
        abstracts = [json.loads(line) for line in file]
    relevant = _relevant(folder / "qrels.test.tsv")
    claims = {
        row["_id"]: row["text"]
        for row in map(json.loads, (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines())
        if row["_id"] in relevant
    }
    embedder = PackagedEmbedder(threads=2)
    vectors = Vectors(embedder)
    asked = embedder.embed(list(claims.values()))
    with running() as bench:
        owner = bench.people[0]
        names = _fill(bench.database, owner, abstracts, vectors)
        ways: dict[str, dict[str, Ranking]] = {way: {} for way in ("words", "meaning", "both")}
        for (claim, text), vector in zip(claims.items(), asked, strict=True):
            for way, ranked in _found(bench.database, owner, text, vector, embedder.model).items():
                ways[way][claim] = [names[document] for document in ranked]
    scores = {
        way: {claim: ndcg(ranked, relevant[claim]) for claim, ranked in found.items()} for way, found in ways.items()
    }
    yield _measure(scores, len(vectors))


def ndcg(ranked: Sequence[str], relevant: Mapping[str, int]) -> float:
    """Normalised discounted cumulative gain of the first ten (Järvelin, Kekäläinen 2002), as trec_eval has it."""
    gain = sum(relevant.get(name, 0) / math.log2(place + 2) for place, name in enumerate(ranked[:CUT]))
    best = sum(
        grade / math.log2(place + 2) for place, grade in enumerate(sorted(relevant.values(), reverse=True)[:CUT])
    )
    return gain / best


def even(claim: str) -> bool:
    """Whether a claim is of the half on which settings are chosen."""
    return hashlib.sha256(claim.encode()).digest()[0] % 2 == 0


class Vectors:
    """Embeds texts, and keeps the vectors of those it knows."""

    def __init__(self, embedder: PackagedEmbedder) -> None:
        self.embedder = embedder
        self.known: dict[str, NDArray[np.float32]] = {}
        if KEPT.exists():
            with np.load(KEPT) as kept:
                self.known = dict(zip(kept["keys"].tolist(), kept["rows"], strict=True))

    def __len__(self) -> int:
        return len(self.known)

    def of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of these texts."""
        keys = [hashlib.sha256(f"{self.embedder.model} {text}".encode()).hexdigest() for text in texts]
        new = [number for number, key in enumerate(keys) if key not in self.known]
        for number, row in zip(new, self.embedder.embed([texts[number] for number in new]), strict=True):
            self.known[keys[number]] = row
        return np.stack([self.known[key] for key in keys])

    def keep(self) -> None:
        """Write them down."""
        KEPT.parent.mkdir(exist_ok=True)
        np.savez(KEPT, keys=np.array(list(self.known)), rows=np.stack(list(self.known.values())).astype(np.float16))


def _fill(database: Database, owner: int, abstracts: Sequence[Mapping[str, Any]], vectors: Vectors) -> dict[int, str]:
    """Put every abstract on the board; the collection's name of each document by its id."""
    names: dict[int, str] = {}
    for first in range(0, len(abstracts), BATCH):
        batch = abstracts[first : first + BATCH]
        texts = [f"{abstract['title']}\n\n{abstract['text']}" for abstract in batch]
        cuts = [chunking.split(text, (), count_tokens=vectors.embedder.count_tokens) for text in texts]
        rows = vectors.of([chunk.text for cut in cuts for chunk in cut])
        starts = np.cumsum([0, *map(len, cuts)])
        with database.session(owner) as session:
            for number, (abstract, text, cut) in enumerate(zip(batch, texts, cuts, strict=True)):
                document, _ = documents.create(
                    session,
                    owner,
                    kind="text",
                    title=abstract["title"][: documents.LONGEST_TITLE],
                    filename=f"{abstract['_id']}.txt",
                    media_type="text/plain",
                    blob_sha256=hashlib.sha256(abstract["_id"].encode()).hexdigest(),
                    size_bytes=len(text),
                )
                documents.save_text(session, document.id, Content(text, "text/plain", language="en"), "test")
                mine = rows[starts[number] : starts[number + 1]]
                passages.replace(session, owner, document.id, cut, mine, vectors.embedder.model, "en")
                names[document.id] = abstract["_id"]
        if first % (BATCH * 10) == 0:
            vectors.keep()
    vectors.keep()
    return names


def _found(database: Database, owner: int, text: str, vector: NDArray[np.float32], model: str) -> dict[str, list[int]]:
    """Document ids by words alone, by meaning alone and by both, as `GET /search` finds them."""
    query = searching.parse(f"{text} ")
    with database.session(EVERYONE) as session:
        terms = matches.terms(session, owner, query)

        def ask(terms: Sequence[searching.Term], vector: NDArray[np.float32] | None) -> list[int]:
            hits = search.candidates(session, owner, query, terms, vector, model, search.Filters())
            return [hit.document_id for hit in search.best_by_document(session, owner, hits)]

        return {"words": ask(terms, None), "meaning": ask([], vector), "both": ask(terms, vector)}


def _relevant(path: Path) -> dict[str, dict[str, int]]:
    relevant: dict[str, dict[str, int]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        claim, _, document, grade = line.split()
        relevant.setdefault(claim, {})[document] = int(grade)
    return relevant


def _measure(scores: Mapping[str, Mapping[str, float]], passages_in_all: int) -> Measure:
    def mean(way: str, wanted: Callable[[str], bool] = lambda _: True) -> float:
        return float(np.mean([score for claim, score in scores[way].items() if wanted(claim)]))

    data = {
        "words_alone": mean("words"),
        "meaning_alone": mean("meaning"),
        "half_settings_were_chosen_on": mean("both", even),
        "other_half": mean("both", lambda claim: not even(claim)),
        "claims": len(scores["both"]),
        "passages": passages_in_all,
    }
    return Measure("retrieval_scifact_ndcg10", mean("both"), max(mean("words"), mean("meaning")), REACH, data)
