"""Whether the concepts of a document tell what it is about: do they name its class, or a word near to it?

A document counts when one word of one of its concepts is its class or a near word of it, as listed here. The lists were
written before anything was measured and hold words of the field, no names of teams, firms or people. Beside it, the
same number of top terms of TF-IDF (one and two words) over the same collection, and nothing else of this project.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from backend.domain import chunks, concepts, fields, languages
from backend.domain.spellings import singular
from backend.providers.embedding import PackagedEmbedder
from tests.quality.measure import Measure

COLLECTIONS = {"bbc": ("bbc_news", 20), "20news": ("20news_bydate_test", 75)}
"""The file, and which share of it is taken: every twentieth document of it, every seventy-fifth."""
REACH = "well above TF-IDF"

NEAR = {
    "business": "business economy economic economics company corporate firm market stock share profit bank banking "
    "trade finance financial investment investor industry sale price inflation",
    "entertainment": "entertainment film movie cinema music album song band singer actor actress television tv show "
    "theatre award oscar festival celebrity comedy art",
    "politics": "politics political government party election vote minister parliament policy labour tory conservative "
    "democrat campaign law mp cabinet tax immigration",
    "sport": "sport football soccer rugby cricket tennis athletics olympic league cup match champion championship "
    "coach player team club race tournament goal",
    "tech": "tech technology computer computing software hardware internet web online digital mobile phone broadband "
    "network gadget game video virus security pc",
    "alt.atheism": "atheism atheist religion religious god belief faith bible morality moral theism islam christian",
    "comp.graphics": "graphics graphic image picture rendering 3d polygon animation visualization pixel computer gif",
    "comp.os.ms-windows.misc": "windows microsoft dos operating driver computer software pc file desktop",
    "comp.sys.ibm.pc.hardware": "hardware pc ibm computer disk drive controller scsi ide motherboard card bus memory",
    "comp.sys.mac.hardware": "mac macintosh apple hardware computer quadra powerbook monitor disk drive memory",
    "comp.windows.x": "x11 window xterm motif widget server client unix software computer display",
    "misc.forsale": "sale sell selling price offer shipping buy buyer seller condition trade shopping",
    "rec.autos": "auto automobile car vehicle engine driver driving automotive motor tire wheel",
    "rec.motorcycles": "motorcycle motorbike bike biker rider riding helmet motor vehicle",
    "rec.sport.baseball": "baseball sport pitcher pitching batting batter inning league team player hitter",
    "rec.sport.hockey": "hockey sport nhl playoff goalie goal puck team player league ice",
    "sci.crypt": "cryptography crypto encryption cryptographic cipher key privacy security decryption clipper",
    "sci.electronics": "electronics electronic circuit voltage current amplifier resistor electrical chip signal",
    "sci.med": "medicine medical disease doctor patient health treatment drug clinical symptom diet therapy",
    "sci.space": "space orbit nasa shuttle satellite rocket launch moon spacecraft astronomy lunar",
    "soc.religion.christian": "christian christianity religion religious church god jesus christ bible faith scripture",
    "talk.politics.guns": "gun firearm weapon handgun rifle shooting crime law politics",
    "talk.politics.mideast": "mideast israel israeli arab palestinian turkish armenian jewish war politics muslim",
    "talk.politics.misc": "politics political government president tax law right abortion policy drug",
    "talk.religion.misc": "religion religious god bible christian faith church belief moral jesus",
}

_WORD = re.compile(r"[^\W_]+")


def measure(corpus: Path) -> Iterator[Measure]:
    """The share of documents whose concepts name their class, of each collection and of both."""
    embedder = PackagedEmbedder()
    known = fields.vectors(embedder.embed)
    told: list[float] = []
    beside: list[float] = []
    for name, (file, step) in COLLECTIONS.items():
        rows = _rows(corpus / f"topics/{file}.jsonl.gz")
        # every second of those taken was looked at while the extraction was made; the figure is of the others
        found = {index: _found(embedder, known, rows[index]["text"]) for index in range(0, len(rows), step)}
        terms = _terms([row["text"] for row in rows], {index: len(names) for index, names in found.items()})
        halves = {"looked_at": list(found)[0::2], "held_out": list(found)[1::2]}
        ours, theirs = ({half: _share(rows, named, of) for half, of in halves.items()} for named in (found, terms))
        count = float(np.mean([len(names) for names in found.values()]))
        data = {"documents": len(found), "concepts": count, "ours": ours, "tfidf": theirs}
        yield Measure(f"concepts_hit_{name}", ours["held_out"], theirs["held_out"], REACH, data)
        told.append(ours["held_out"])
        beside.append(theirs["held_out"])
    yield Measure("concepts_hit", float(np.mean(told)), float(np.mean(beside)), REACH, {"of": list(COLLECTIONS)})


def _rows(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _found(embedder: PackagedEmbedder, known: fields.Fields, text: str) -> list[str]:
    """The names of the concepts, as an ingest finds them."""
    cut = chunks.split(text, (), count_tokens=embedder.count_tokens)
    vectors = embedder.embed([chunk.text for chunk in cut])
    found = concepts.find(cut, vectors, embedder.embed, language=languages.guess(text), known_fields=known)
    return [concept.name for concept in found]


def _terms(texts: Sequence[str], counts: dict[int, int]) -> dict[int, list[str]]:
    """As many top terms of each wanted document as it has concepts."""
    vectorizer = TfidfVectorizer(stop_words="english", ngram_range=(1, 2), sublinear_tf=True, min_df=2, max_df=0.5)
    matrix = vectorizer.fit_transform(texts).tocsr()
    names = vectorizer.get_feature_names_out()
    top = {}
    for index, count in counts.items():
        row = matrix[index]
        top[index] = [str(names[column]) for column in row.indices[np.argsort(-row.data)][:count]]
    return top


def _share(rows: Sequence[dict[str, Any]], named: dict[int, list[str]], of: Sequence[int]) -> float:
    return float(np.mean([_tells(rows[index]["label"], named[index]) for index in of]))


def _tells(label: str, names: Sequence[str]) -> bool:
    near = {singular(word) for word in NEAR[label].split()}
    return any(singular(word.lower()) in near for name in names for word in _WORD.findall(name))
