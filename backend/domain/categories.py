"""What kind of thing a phrase names, where a rule can tell; anything else is honestly a topic."""

from __future__ import annotations

import re

PERSON, ORGANISATION, PLACE = "person", "organisation", "place"
EVENT, FIELD = "event", "field"
METHOD, TECHNOLOGY, TOPIC = "method", "technology", "topic"
ALL = (PERSON, ORGANISATION, PLACE, EVENT, FIELD, METHOD, TECHNOLOGY, TOPIC)

_TITLES = (
    "mr|mrs|ms|miss|dr|prof|professor|sir|dame|lord|lady|king|queen|prince|princess|pope|saint|president|chancellor|"
    "prime minister|minister|secretary|senator|judge|captain|general|chairman|chief executive|coach|herr|frau|monsieur|"
    "madame|señor|señora|archbishop|bishop|actor|actress|singer|author"
)
_WITH_TITLE = re.compile(rf"^(?:{_TITLES})\.?\s+(?-i:[A-Z])", re.IGNORECASE)
_AFTER_TITLE = re.compile(rf"(?:^|[^\w])(?:{_TITLES})\.?\s+(?:[A-Z]\w*\s+)?$", re.IGNORECASE)
_ORGANISATION = re.compile(
    r"\b(inc|ltd|llc|plc|corp|corporation|gmbh|ag|company|university|universität|université|universidad|college|institute|"
    r"bank|ministry|department|agency|association|federation|foundation|committee|council|commission|party|union|club|"
    r"airlines|airways|church|parliament|senate|court|group|holdings|society)$",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"^(mount|lake|river|cape|gulf of|bay of|republic of|kingdom of)\s|"
    r"\s(street|avenue|road|square|river|mountains?|islands?|valley|county|province|bay|ocean|desert|airport|stadium)$",
    re.IGNORECASE,
)
_METHOD = re.compile(
    r"\b(methods?|algorithms?|analysis|learning|regression|classification|clustering|approach|technique|theory|theorem|"
    r"equations?|simulation|sampling|optimi[sz]ation|methodology|estimation|segmentation|recognition|retrieval|"
    r"verfahren|methode|méthode|método)$",
    re.IGNORECASE,
)
_TECHNOLOGY = re.compile(
    r"\b(software|hardware|database|server|protocol|network|networks|framework|api|engine|operating system|browser|"
    r"compiler|chip|processor|driver|sdk|library|firmware|router|sensor|app|programming language|encryption)$",
    re.IGNORECASE,
)
_NATIONS = (
    "afghanistan albania algeria argentina armenia australia austria azerbaijan bangladesh belarus belgium "
    "bolivia bosnia brazil britain bulgaria cambodia cameroon canada chile china colombia croatia cuba cyprus "
    "denmark ecuador egypt england estonia ethiopia finland france georgia germany ghana greece guatemala haiti "
    "hungary iceland india indonesia iran iraq ireland israel italy jamaica japan jordan kazakhstan kenya kuwait "
    "latvia lebanon libya lithuania luxembourg malaysia mali malta mexico moldova mongolia morocco mozambique "
    "myanmar nepal netherlands nicaragua nigeria norway pakistan palestine panama paraguay peru philippines "
    "poland portugal qatar romania russia rwanda scotland senegal serbia singapore slovakia slovenia somalia "
    "spain sudan sweden switzerland syria taiwan tanzania thailand tunisia turkey uganda ukraine uruguay "
    "uzbekistan venezuela vietnam wales yemen zambia zimbabwe europe asia africa america antarctica uk usa london "
    "paris berlin madrid rome moscow beijing tokyo brussels washington"
)
_KNOWN_PLACES = frozenset(_NATIONS.split()) | {
    "united states",
    "united kingdom",
    "south africa",
    "new zealand",
    "new york",
}
_NAME_WORDS = 3


def category(name: str, before: str, *, proper: bool) -> str:
    """The category of a phrase; `before` is what stands in front of it, `proper` whether it is written as a name."""
    if proper and _ORGANISATION.search(name):
        return ORGANISATION
    if proper and (name.lower() in _KNOWN_PLACES or _PLACE.search(name)):
        return PLACE
    if _TECHNOLOGY.search(name):
        return TECHNOLOGY
    if _METHOD.search(name):
        return METHOD
    if _WITH_TITLE.match(name) or (proper and len(name.split()) <= _NAME_WORDS and _AFTER_TITLE.search(before)):
        return PERSON
    return TOPIC
