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
_EVENT = re.compile(
    r"\b(cup|olympics?|championships?|festival|election|summit|war|earthquake|tsunami|hurricane|revolution|"
    r"awards?|conference|marathon|grand prix|strike|referendum|treaty|crisis|scandal|tournament)$",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"(?:^|\s)\w*(?:ology|onomics|nomics|physics|ematics|istics|chemistry|astronomy|medicine|philosophy|"
    r"surgery|psychiatry|graphy|ometry|engineering|linguistics)$",
    re.IGNORECASE,
)
_NO_FIELD = re.compile(
    r"(?:photo|bio|bibli|geo|topo|auto|demo|disco)graphy$|technology$|logistics$|apology$", re.IGNORECASE
)
_GIVEN_NAMES = (
    "james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony mark "
    "donald steven paul andrew joshua kenneth kevin brian george edward ronald timothy jason jeffrey ryan jacob gary "
    "nicholas eric jonathan stephen larry justin scott brandon benjamin samuel gregory frank alexander patrick jack "
    "dennis jerry tyler aaron jose adam henry nathan peter simon tony gordon alan ian graham colin martin neil "
    "mary patricia jennifer linda elizabeth barbara susan jessica sarah karen nancy lisa margaret betty sandra ashley "
    "kimberly emily donna michelle carol amanda melissa deborah stephanie rebecca laura sharon cynthia kathleen amy "
    "angela anna emma helen kate julia ada grace ruth clare alice jane hans karl heinz wolfgang klaus ursula sabine "
    "pierre jean marie claude juan carlos luis maria ana giovanni paolo francesca sergei vladimir ivan olga dmitri "
    "ahmed mohammed muhammad ali fatima hassan omar yuki hiroshi wei raj priya anil"
)
_GIVEN = frozenset(_GIVEN_NAMES.split())
_NAME_WORDS = 3


def category(name: str, before: str, *, proper: bool) -> str:
    """The category of a phrase; `before` is what stands in front of it, `proper` whether it is written as a name."""
    if proper and (named := _named(name)):
        return named
    if _TECHNOLOGY.search(name):
        return TECHNOLOGY
    if _METHOD.search(name):
        return METHOD
    if _WITH_TITLE.match(name) or (proper and len(name.split()) <= _NAME_WORDS and _AFTER_TITLE.search(before)):
        return PERSON
    if _EVENT.search(name) and (proper or " " in name):
        return EVENT
    return FIELD if _FIELD.search(name) and not _NO_FIELD.search(name) else TOPIC


def _named(name: str) -> str | None:
    """What a name tells by its own words."""
    words = name.split()
    if _ORGANISATION.search(name):
        return ORGANISATION
    if name.lower() in _KNOWN_PLACES or _PLACE.search(name):
        return PLACE
    given = 1 < len(words) <= _NAME_WORDS and words[0].lower() in _GIVEN
    return PERSON if given and all(word[0].isupper() for word in words) else None
