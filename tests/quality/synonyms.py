"""Names that mean the same and names that only sound alike: what the threshold of merging by meaning was chosen on.

The pairs were written by hand, before anything was measured: names that any reference work would treat in one article,
and names of the same field that it would not. The threshold was chosen on every second pair of each list so that none
of the different ones is merged, and rounded up; the figure is of the other pairs. That opposites are told apart by a
list of words came after these had been seen, because of `left wing = right wing`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.domain import spellings
from backend.providers.embedding import PackagedEmbedder
from tests.quality.measure import Measure

SAME = """car insurance = automobile insurance | mobile phone = cell phone | film industry = movie industry
heart attack = myocardial infarction | global warming = climate warming | solar panel = photovoltaic panel
prime minister = head of government | unemployment rate = jobless rate | interest rate = rate of interest
machine learning model = machine-learned model | computer virus = virus on computers
tax cut = tax reduction | stock market = share market | oil price = price of oil | house price = home price
general election = national election | football club = soccer club | high blood pressure = hypertension
e-mail spam = junk email | web site = internet site | online shopping = internet shopping
sales growth = growth in sales | lawyer = attorney | movie director = film director
nuclear power plant = nuclear power station | broadband connection = broadband internet connection
graphics card = video card | hard drive = hard disk | operating system kernel = OS kernel
space shuttle mission = shuttle mission | gun control = firearm control | motorbike = motorcycle
encryption key = cryptographic key | holy scripture = sacred scripture | physician = doctor
cancer = tumour | bicycle = bike | kid = child | university professor = college professor
data protection = data privacy protection | wages = pay | aeroplane = airplane | autumn = fall season
refuse collection = garbage collection service | electric car = electric vehicle
speech recognition = voice recognition | picture = image"""
DIFFERENT = """car insurance = health insurance | mobile phone = mobile home | film industry = music industry
heart attack = heart failure | global warming = global trade | solar panel = solar eclipse
prime minister = foreign minister | unemployment rate = inflation rate | interest rate = exchange rate
machine learning = machine translation | computer virus = computer game | tax cut = tax rise
stock market = labour market | oil price = gas price | house price = house arrest
general election = local election | football club = rugby club | high blood pressure = low blood pressure
e-mail spam = e-mail address | import tariff = export tariff | online shopping = online banking
sales growth = sales decline | supply = demand | movie director = movie actor
nuclear power plant = coal power plant | broadband connection = dial-up connection
graphics card = sound card | hard drive = floppy drive | Microsoft Windows = Microsoft Office
North Korea = South Korea | space shuttle = space station | gun control = gun owner
Democratic Party = Republican Party | men's singles = women's singles | public key = private key
Old Testament = New Testament | type 1 diabetes = type 2 diabetes | Iraq war = Iran war
Manchester United = Manchester City | first half = second half | minimum wage = maximum wage
buyer = seller | World War I = World War II | bacterial infection = viral infection
upper house = lower house | deflation = inflation | Bush administration = Clinton administration
left wing = right wing | vitamin C = vitamin D | input = output | electric car = electric guitar
speech recognition = face recognition | supervised learning = unsupervised learning
Houston Rockets = Houston Astros | client side = server side | fixed rate = variable rate"""

Pair = tuple[str, str]


def measure(_corpus: Path) -> Iterator[Measure]:
    """How many pairs that mean the same are merged, and how many that do not."""
    embedder = PackagedEmbedder()
    same, different = (_pairs(text) for text in (SAME, DIFFERENT))
    strict = spellings.SAME_MEANING[embedder.model]
    rows = {}
    for half, start in (("chosen_on", 0), ("held_out", 1)):
        merged = _merged(embedder, same[start::2], strict)
        wrong = _merged(embedder, different[start::2], strict)
        rows[half] = {"same": len(same[start::2]), "merged": merged, "different": len(different[start::2])}
        rows[half] |= {"wrongly_merged": wrong}
    worst = sorted(zip(_cosines(embedder, different), different, strict=True), reverse=True)[:8]
    data = {"threshold": strict, **rows, "nearest_different": [(round(float(c), 3), *pair) for c, pair in worst]}
    out = rows["held_out"]
    yield Measure(
        "synonyms_precision",
        len(out["merged"]) / max(1, len(out["merged"]) + len(out["wrongly_merged"])),
        None,
        "1: a wrong merge is worse than none",
        data,
    )
    yield Measure("synonyms_recall", len(out["merged"]) / out["same"], None, "what precision leaves", data)


def _pairs(text: str) -> list[Pair]:
    found = []
    for line in text.replace("\n", " | ").split(" | "):
        one, _, other = line.partition(" = ")
        found.append((one.strip(), other.strip()))
    return found


def _cosines(embedder: PackagedEmbedder, pairs: Sequence[Pair]) -> NDArray[np.float32]:
    one, other = (embedder.embed([pair[side] for pair in pairs]) for side in (0, 1))
    return np.asarray((one * other).sum(axis=1), dtype=np.float32)


def _merged(embedder: PackagedEmbedder, pairs: Sequence[Pair], strict: float) -> list[Pair]:
    cosines = _cosines(embedder, pairs)
    return [
        pair
        for pair, cosine in zip(pairs, cosines, strict=True)
        if cosine >= strict and spellings.may_mean_the_same(*pair)
    ]
