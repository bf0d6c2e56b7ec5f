"""Concepts that are one: merged by the machine at filing and by a person, and taken apart exactly."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from backend.domain import words
from backend.domain.concepts import FoundConcept
from backend.domain.errors import NotFound
from backend.domain.ports import Embedder
from backend.domain.spellings import Acronym, Evidence
from backend.store import concept_lists, concepts, documents, spellings
from backend.store.concept_rows import Concept, DocumentConcept
from backend.store.database import Database
from tests.factories import new_document

WHO = "World Health Organization"


def show(
    database: Database,
    owner: int,
    *names: str,
    acronyms: tuple[Acronym, ...] = (),
    embedder: Embedder | None = None,
    document_id: int | None = None,
) -> int:
    """A document that shows concepts of these names; its id."""
    document_id = document_id or new_document(database, owner, f"{names} {len(acronyms)} {id(names)}")
    found = [
        FoundConcept(name, "topic", round(0.9 - index / 100, 3), f"About {name}.", 0, 9, 0)
        for index, name in enumerate(names)
    ]
    evidence = Evidence(acronyms=acronyms)
    if embedder is not None:
        vectors = dict(zip([words.folded(name) for name in names], embedder.embed(names), strict=True))
        evidence = Evidence(embedder.model, vectors, acronyms)
    with database.session(owner) as session:
        concepts.replace(session, owner, document_id, found, [], evidence)
    return document_id


def shown(database: Database, owner: int) -> dict[str, tuple[int, int]]:
    """Documents and names of each concept that the board shows."""
    with database.session(owner) as session:
        rows, total = concept_lists.page(session, owner, limit=100)
    assert total == len(rows)
    return {row.concept.name: (row.documents, row.spellings) for row in rows}


def how(database: Database, owner: int, name: str) -> list[tuple[str, str]]:
    """The names of a concept, and how each came to be one of them."""
    with database.session(owner) as session:
        rows = concept_lists.spellings(session, owner, concepts.get(session, owner, of(database, owner, name)).id)
        return [(row.concept.name, row.concept.merged_how or "self") for row in rows]


def of(database: Database, owner: int, name: str) -> int:
    with database.session(owner) as session:
        return session.scalars(select(Concept.id).where(Concept.owner_id == owner, Concept.name == name)).one()


def state(database: Database, owner: int) -> list[Any]:
    """Who is merged with whom, word for word, and the evidence."""
    with database.session(owner) as session:
        merged = session.execute(
            select(Concept.name, Concept.merged_into, Concept.merged_with, Concept.merged_how).order_by(Concept.id)
        ).all()
        evidence = session.execute(
            select(DocumentConcept.document_id, DocumentConcept.concept_id, DocumentConcept.quote).order_by(
                DocumentConcept.document_id, DocumentConcept.concept_id
            )
        ).all()
    return [*map(tuple, merged), *map(tuple, evidence)]


def person(database: Database, owner: int, move: str, target: str, *names: str) -> None:
    with database.session(owner) as session:
        concepts.lock(session, owner)
        whole = concepts.get(session, owner, of(database, owner, target))
        parts = [session.get_one(Concept, of(database, owner, name)) for name in names]
        if move == "merge":
            spellings.merge(session, whole, parts)
        else:
            spellings.split(session, owner, parts)


def test_other_spellings_of_a_name_are_one_concept(database: Database, user: int) -> None:
    for name in ("Heat pump", "heat-pumps", "HEATPUMP", "heat pump"):
        show(database, user, name)
    assert shown(database, user) == {"Heat pump": (4, 3)}
    assert how(database, user, "Heat pump") == [
        ("Heat pump", "self"),
        ("heat-pumps", "spelling"),
        ("HEATPUMP", "spelling"),
    ]


def test_a_document_with_two_spellings_shows_the_concept_once(database: Database, user: int) -> None:
    document_id = show(database, user, "Heat pump", "heat pumps", "Insulation")
    with database.session(user) as session:
        names = [one.concept.name for one in concepts.of_document(session, user, document_id)]
        listed = [concept.name for concept, _ in concepts.of_documents(session, user, [document_id])[document_id]]
        proofs, total = concept_lists.proofs(session, user, of(database, user, "heat pumps"), after=None, limit=9)
    assert names == listed == ["Heat pump", "Insulation"]
    assert (len(proofs), total) == (0, 0), "what is merged is asked for by the concept that is shown"
    assert shown(database, user)["Heat pump"] == (1, 2)


def test_an_acronym_is_what_all_documents_say_it_stands_for(database: Database, user: int) -> None:
    told = (Acronym("WHO", WHO),)
    show(database, user, "WHO")
    show(database, user, "vaccines", acronyms=told)
    show(database, user, WHO)
    assert how(database, user, WHO) == [(WHO, "self"), ("WHO", "acronym")]
    show(database, user, "rock music", acronyms=(Acronym("WHO", "Wild Horses Orchestra"),))
    assert shown(database, user).keys() >= {"WHO", WHO}, "it stands for two things, so it is neither"


def test_an_acronym_joins_when_both_names_are_there_before_the_explanation(database: Database, user: int) -> None:
    show(database, user, "ECB")
    show(database, user, "European Central Bank")
    assert len(shown(database, user)) == 2
    show(database, user, "interest rates", acronyms=(Acronym("ECB", "European Central Bank"),))
    assert shown(database, user)["European Central Bank"] == (2, 2)


def test_names_that_mean_the_same_are_one_only_when_the_likeness_is_strict(
    database: Database, embedder: Embedder, user: int
) -> None:
    for name in ("car insurance", "automobile insurance", "health insurance", "Windows 95", "Windows 98"):
        show(database, user, name, embedder=embedder)
    assert set(shown(database, user)) == {"car insurance", "health insurance", "Windows 95", "Windows 98"}
    assert how(database, user, "car insurance")[1] == ("automobile insurance", "meaning")


def test_merging_and_splitting_gives_exactly_what_was_there(database: Database, user: int) -> None:
    show(database, user, "Solar power", "solar-powers", "Photovoltaics")
    show(database, user, "photovoltaic", "Wind")
    before = state(database, user)
    person(database, user, "merge", "Photovoltaics", "Solar power")
    person(database, user, "merge", "Wind", "Photovoltaics")
    assert shown(database, user) == {"Wind": (2, 5)}
    person(database, user, "split", "Wind", "Photovoltaics")
    assert shown(database, user) == {"Photovoltaics": (2, 4), "Wind": (1, 1)}
    person(database, user, "split", "Photovoltaics", "Solar power")
    assert state(database, user) == before


def test_what_a_person_split_no_machine_merges_again(database: Database, user: int) -> None:
    told = (Acronym("ATM", "asynchronous transfer mode"),)
    show(database, user, "ATM", "asynchronous transfer mode", "ATMs", acronyms=told)
    assert len(shown(database, user)) == 1
    person(database, user, "split", "asynchronous transfer mode", "ATM", "ATMs")
    apart = shown(database, user)
    assert set(apart) == {"ATM", "ATMs", "asynchronous transfer mode"}
    show(database, user, "ATM", "ATMs", "asynchronous transfer mode", acronyms=told)
    assert set(shown(database, user)) == set(apart)


def test_what_a_person_merged_stays_merged(database: Database, user: int) -> None:
    show(database, user, "Soccer", "Football")
    person(database, user, "merge", "Football", "Soccer")
    document_id = show(database, user, "soccer")
    with database.session(user) as session:
        assert [one.concept.name for one in concepts.of_document(session, user, document_id)] == ["Football"]
    assert how(database, user, "Football") == [("Football", "self"), ("Soccer", "person")]


def test_a_new_spelling_joins_the_concept_a_person_renamed(database: Database, user: int) -> None:
    show(database, user, "HP")
    with database.session(user) as session:
        concepts.change(session, user, of(database, user, "HP"), name="Heat pump", category="technology")
    show(database, user, "heat pumps", "hp")
    assert shown(database, user) == {"Heat pump": (2, 2)}


def test_people_never_share_a_concept(database: Database, user: int, other_user: int, embedder: Embedder) -> None:
    told = (Acronym("WHO", WHO),)
    show(database, user, WHO, "car insurance", acronyms=told, embedder=embedder)
    show(database, other_user, "WHO", "World Health Organisation", "automobile insurance", embedder=embedder)
    assert shown(database, user) == {WHO: (1, 1), "car insurance": (1, 1)}
    assert set(shown(database, other_user)) == {"WHO", "World Health Organisation", "automobile insurance"}
    theirs = of(database, other_user, "WHO")
    with database.session(user) as session, pytest.raises(NotFound):
        concepts.get(session, user, theirs)


def test_only_documents_on_the_board_count(database: Database, user: int) -> None:
    document_id = show(database, user, "Tides")
    show(database, user, "tide")
    with database.session(user) as session:
        documents.get(session, user, document_id).deleted_at = domain_moment(session)
    assert shown(database, user) == {"Tides": (1, 1)}


def domain_moment(session: Any) -> Any:
    """The database's own time."""
    return session.execute(select(Concept.created_at).limit(1)).scalar_one()
