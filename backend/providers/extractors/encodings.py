"""The encoding of a text: by its byte order mark, by being UTF-8, by what it says of itself, or by its looks."""

from __future__ import annotations

import codecs

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 65536
_OF_ASCII_BYTES = {"iso-2022-jp", "iso-2022-kr", "hz-gb-2312", "utf-7"}
_JAPANESE_ESCAPE = b"\x1b$B"


def decode(data: bytes, *, declared: str | None = None) -> tuple[str, str]:
    """The text and the name of its encoding: by its mark, else UTF-8, else as declared, else the likeliest."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace"), encoding.removesuffix("-sig")
    if (escaping := _escaping(data, declared)) is not None:
        return data.decode(escaping, errors="replace"), escaping
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        encoding = _known(declared) or _guess(data[:_SAMPLE])
        return data.decode(encoding, errors="replace"), encoding


def _escaping(data: bytes, declared: str | None) -> str | None:
    """An encoding made of ASCII bytes only, which would pass for UTF-8: as declared, or Japanese by its escapes."""
    if declared is not None and declared.lower() in _OF_ASCII_BYTES:
        return declared.lower()
    return "iso2022_jp_2" if _JAPANESE_ESCAPE in data else None


def _known(declared: str | None) -> str | None:
    """A declared encoding that Python knows as one of text; Latin-1 is taken for the Windows code page it mostly is."""
    try:
        name = codecs.lookup(declared).name if declared else None
    except LookupError:
        return None
    if name in {
        None,
        "utf-8",
        "base64",
        "hex",
        "zlib",
        "bz2",
        "rot13",
        "quopri",
        "uu",
        "undefined",
        "idna",
        "punycode",
    }:
        return None
    return "cp1252" if name in {"iso8859-1", "ascii"} else name


def _guess(sample: bytes) -> str:
    if is_utf_16(sample):
        return "utf-16-be" if sample[::2].count(0) > sample[1::2].count(0) else "utf-16-le"
    # Loaded only where a file is really read: the API, which merely looks at first bytes, never pays for it.
    import charset_normalizer  # noqa: PLC0415

    best = charset_normalizer.from_bytes(sample).best()
    return "cp1252" if best is None or best.encoding in {"ascii", "utf_8", "latin_1"} else best.encoding


def is_utf_16(sample: bytes) -> bool:
    """Whether it looks like UTF-16 of a mostly Western text without a mark: every other byte is zero."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    return max(even, odd) > len(sample) // 5 and min(even, odd) <= len(sample) // 100
