"""Families of media types, as people filter by them."""

from __future__ import annotations

FAMILIES: dict[str, tuple[str, ...]] = {
    "pdf": ("application/pdf",),
    "office": (
        "application/vnd.openxmlformats%",
        "application/vnd.ms-%",
        "application/msword",
        "application/vnd.oasis.opendocument%",
        "application/rtf",
        "text/rtf",
        "application/vnd.apple.%",
    ),
    "text": ("text/plain", "text/markdown", "text/x-rst", "text/asciidoc", "application/x-tex", "text/x-latex"),
    "web": ("text/html", "application/xhtml+xml"),
    "mail": ("message/rfc822", "application/vnd.ms-outlook"),
    "book": ("application/epub+zip",),
    "data": ("text/csv", "text/tab-separated-values", "application/json", "application/xml", "text/xml", "text/yaml"),
    "code": ("text/x-%", "application/javascript", "text/javascript", "application/x-sh"),
    "image": ("image/%",),
    "audio": ("audio/%",),
    "video": ("video/%",),
}


def patterns(type_: str) -> list[str]:
    """LIKE patterns for a family ("pdf") or for a media type itself ("text/html"); an unknown word matches nothing."""
    if type_ in FAMILIES:
        return list(FAMILIES[type_])
    return [type_.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")]


def families(media_type: str) -> list[str]:
    """The families a media type is of; most are of one."""
    return [
        family
        for family, of in FAMILIES.items()
        if any(media_type == one or (one.endswith("%") and media_type.startswith(one[:-1])) for one in of)
    ]
