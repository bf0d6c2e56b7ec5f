"""Words that say little of what a text is about: where phrases end, what tables are labelled with, adjectives alone."""

from __future__ import annotations

import re

_STOPPING_LIST = (
    "told added announced reported called claimed asked argued explained noted showed shown found given taken "
    "came come goes going gone went know known think thought want wanted need needed see seen look looked believe "
    "believed according including based using followed following include made making became become began begin "
    "left set put keep kept take takes gave give gives getting got help helped helps try trying tried seems seem "
    "seemed say year last next month months week weeks day days today yesterday tomorrow time times people way "
    "ways thing things lot part number good better best great big little long high old own mr mrs ms different "
    "important able years saw lost won broke met led held ran fell rose sold bought sent built spoke drew beat "
    "struck felt heard meant brought caught taught fought hit lies lifts looks means turns starts wins loses "
    "wants provides allows becomes remains appears includes contains requires involves produce adapt defended "
    "nominated compared behind previous recent numerous various likely less least back still away around despite "
    "against during expected don doesn didn won ve re ll monday tuesday wednesday thursday friday saturday sunday "
    "january february march april may june july august september october november december bit sure really "
    "actually article writes wrote subject lines started continued decided agreed received increased reduced "
    "insisted warned admitted revealed confirmed hopes hoped hope expects plans planned says turn turned works "
    "worked working play played move moved run running ask asks tell tells call feel feels find finds leave "
    "leaves bring brings happen happened happens start begins stop stopped live lives"
)
STOPPING = frozenset(_STOPPING_LIST.split())
"""English words that end a phrase without being stop words: verbs of every report, time, mere measure."""
_LABEL_LIST = (
    "total totals subtotal sum page pages table figure fig date number no qty quantity item items column row section "
    "chapter appendix note notes example examples sheet yes name title description amount header footer contents index "
    "author email e-mail phone fax address signature click download login copyright"
)
LABELS = frozenset(_LABEL_LIST.split())
"""What stands on tables, forms and pages and says nothing of what they are about."""

_ADJECTIVE = re.compile(r"..(?:ous|ful|less|[^t]able|ible|[^t]ical|ional|cial|tial|[^t]ive|ish|ian|ese)$")
_NOUN_LIST = (
    "potential official commercial credential essential material professional national perspective initiative "
    "alternative objective detective executive archive drive dive hive olive narrative representative motive "
    "musical physical chemical medical festival british english polish finish dish fish rubbish establish historian "
    "politician musician physician librarian guardian vegetarian civilian comedian technician vegetable cable table "
    "variable stable timetable handful armful bible crucible special trial initial tutorial editorial memorial "
    "serial burial financial superficial cheese japanese chinese portuguese"
)
_NOUNS_ALIKE = frozenset(_NOUN_LIST.split())
"""Nouns that end as adjectives do."""


def ends_in_adjective(phrase: str) -> bool:
    """Whether an English phrase lacks its noun, as "knocking religious" does; names are believed."""
    last = phrase.rsplit(maxsplit=1)[-1]
    return last.islower() and bool(_ADJECTIVE.search(last)) and last not in _NOUNS_ALIKE
