"""Media types: which zip-based format an archive is, and which kind of text a text is."""

from __future__ import annotations

import re
from pathlib import Path

from backend.domain import media_types
from backend.providers.extractors import ole

OOXML = "application/vnd.openxmlformats-officedocument."
DOCX = OOXML + "wordprocessingml.document"
XLSX = OOXML + "spreadsheetml.sheet"
PPTX = OOXML + "presentationml.presentation"
XLSB = "application/vnd.ms-excel.sheet.binary.macroEnabled.12"
ODT, ODS, ODP, ODG = (
    f"application/vnd.oasis.opendocument.{kind}" for kind in ("text", "spreadsheet", "presentation", "graphics")
)
HWPX, DBASE = "application/hwp+zip", "application/x-dbf"
PAGES, NUMBERS, KEYNOTE = (f"application/vnd.apple.{kind}" for kind in ("pages", "numbers", "keynote"))
IWORK = frozenset({PAGES, NUMBERS, KEYNOTE})
EPUB = "application/epub+zip"
ZIP = "application/zip"

PDF, RTF = "application/pdf", "application/rtf"
HTML, XHTML, XML, SVG = "text/html", "application/xhtml+xml", "application/xml", "image/svg+xml"
VTT, SRT, CSV, TSV = "text/vtt", "application/x-subrip", "text/csv", "text/tab-separated-values"
SSA, SBV, LRC, TTML = "text/x-ssa", "text/x-sbv", "text/x-lrc", "application/ttml+xml"
MAIL, NOTEBOOK = "message/rfc822", "application/x-ipynb+json"
DOCUMENTS = frozenset(
    {PDF, DOCX, XLSX, XLSB, PPTX, ODT, ODS, ODP, EPUB, ole.DOC, ole.XLS, ole.PPT, ole.MSG, RTF, HTML, XHTML, XML, MAIL}
    | {NOTEBOOK, VTT, SRT, SSA, SBV, LRC, TTML, CSV, TSV, ODG, HWPX, ole.HWP, DBASE, SVG}
    | IWORK
)
"""What has a reader of its own in `reading.py`."""
ZIPPED = frozenset({DOCX, XLSX, XLSB, PPTX, ODT, ODS, ODP, ODG, EPUB, HWPX}) | IWORK
TEXT = frozenset(
    {"application/json", "application/jsonl", "application/yaml", "application/toml"}
    | {"application/x-bibtex", "application/x-research-info-systems"}
)
"""Text that is not named so; like everything `text/`, it is read as it stands."""

_DOCUMENT_SUFFIXES = {
    ".pdf": PDF, ".rtf": RTF, ".epub": EPUB, ".doc": ole.DOC, ".xls": ole.XLS, ".ppt": ole.PPT, ".msg": ole.MSG,
    ".docx": DOCX, ".docm": DOCX, ".dotx": DOCX, ".xlsx": XLSX, ".xlsm": XLSX, ".xltx": XLSX, ".xlsb": XLSB,
    ".pptx": PPTX, ".pptm": PPTX, ".ppsx": PPTX, ".odt": ODT, ".ods": ODS, ".odp": ODP, ".odg": ODG,
    ".hwp": ole.HWP, ".hwpx": HWPX, ".dbf": DBASE,
}  # fmt: skip

_IWORK_SUFFIXES = {".pages": PAGES, ".numbers": NUMBERS, ".key": KEYNOTE}

_MIMETYPE = re.compile(rb"mimetype(application/[\w.+-]+?)(?:-template)?(?:PK|[^\w.+-])")
_BY_MEMBER = (
    ("word/", DOCX),
    ("xl/workbook.bin", XLSB),
    ("xl/", XLSX),
    ("ppt/", PPTX),
    ("META-INF/container.xml", EPUB),
    (".opf", EPUB),
    ("Index/Slide", KEYNOTE),
    ("Index/Document.iwa", PAGES),
    ("Index.zip", PAGES),
    ("QuickLook/Preview.pdf", PAGES),
)

_BY_SUFFIX = {
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".rst": "text/x-rst",
    ".tex": "text/x-tex",
    ".org": "text/x-org",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".ipynb": "application/x-ipynb+json",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".toml": "application/toml",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".xml": "application/xml",
    ".nxml": "application/xml",
    ".srt": "application/x-subrip",
    ".vtt": "text/vtt",
    ".lrc": LRC,
    ".bib": "application/x-bibtex",
    ".ris": "application/x-research-info-systems",
    ".typ": "text/x-typst",
    ".adoc": "text/x-asciidoc",
    ".ics": "text/calendar",
    ".vcf": "text/vcard",
    ".eml": "message/rfc822",
    ".svg": "image/svg+xml",
    ".eps": "application/postscript",
}
_CODE = {
    "python": ("py", "pyi"), "javascript": ("js", "mjs", "cjs", "jsx"), "typescript": ("ts", "tsx"), "c": ("c", "h"),
    "c++": ("cc", "cpp", "cxx", "hpp"), "java": ("java",), "go": ("go",), "rust": ("rs",), "ruby": ("rb",),
    "php": ("php",), "csharp": ("cs",), "swift": ("swift",), "kotlin": ("kt", "kts"), "scala": ("scala",),
    "shellscript": ("sh", "bash", "zsh"), "sql": ("sql",), "r": ("r",), "perl": ("pl", "pm"), "lua": ("lua",),
    "css": ("css", "scss", "less"), "haskell": ("hs", "lhs"), "julia": ("jl",), "dart": ("dart",),
    "elixir": ("ex", "exs"), "erlang": ("erl", "hrl"), "clojure": ("clj", "cljs"), "fsharp": ("fs", "fsx"),
    "ocaml": ("ml", "mli"), "fortran": ("f", "f90", "f95"), "pascal": ("pas",), "ada": ("adb", "ads"),
    "groovy": ("groovy", "gradle"), "powershell": ("ps1", "psm1"), "batch": ("bat", "cmd"), "nim": ("nim",),
    "zig": ("zig",), "solidity": ("sol",), "vue": ("vue",), "svelte": ("svelte",), "assembly": ("s", "asm"),
    "cmake": ("cmake",), "make": ("mk",), "verilog": ("v", "sv"), "vhdl": ("vhd", "vhdl"), "terraform": ("tf",),
    "protobuf": ("proto",),
}  # fmt: skip
_BY_SUFFIX |= {f".{suffix}": f"text/x-{language}" for language, suffixes in _CODE.items() for suffix in suffixes}

_TAIL, _DIRECTORY = 66_000, 1024 * 1024
_LISTED = re.compile(rb"PK\x01\x02.{42}", re.DOTALL)
_STORED = re.compile(rb"PK\x03\x04.{26}", re.DOTALL)
_SBV = re.compile(r"\d{1,2}:\d\d:\d\d\.\d{3},\d{1,2}:\d\d:\d\d\.\d{3}\r?\n")
_SRT = re.compile(r"\s*\d+\s*\n\s*\d{1,2}:\d\d:\d\d[,.]\d{3} --> ")
_HEADER = re.compile(r"(?:[A-Za-z][A-Za-z0-9-]*+:[ \t].*+\r?\n(?:[ \t]++.*+\r?\n)*+){3}")
_MAIL_HEADER = re.compile(
    r"^(?:From|Received|Return-Path|Message-ID|MIME-Version|Delivered-To):", re.IGNORECASE | re.MULTILINE
)
_MAILBOX = re.compile(r"From \S.{0,200}\d{4}\r?\n[A-Za-z][A-Za-z0-9-]*:")
_HTML = re.compile(
    r"\s*+(?:<\?xml[^>]*+>\s*+)?(?><!--.*?-->\s*+)*+<(?:!doctype html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_BY_ROOT = {"svg": SVG, "tt": TTML}
_XML = re.compile(r"\s*(?:<\?xml\b|<!DOCTYPE\b)", re.IGNORECASE)


def is_text(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type in TEXT


def is_readable(media_type: str) -> bool:
    """Whether there is a way to read the type; an encrypted file counts, so that it is refused as what it is."""
    own = media_type in DOCUMENTS or media_type in media_types.MEMBERED or media_type == ole.ENCRYPTED
    return own or media_type in media_types.IMAGES | media_types.MEDIA or is_text(media_type)


def contradicts(suffix: str, media_type: str) -> bool:
    """Whether a file named so must be expected to hold something else."""
    expected = _DOCUMENT_SUFFIXES.get(suffix) or ("text" if suffix in _BY_SUFFIX or suffix == ".txt" else None)
    if expected is None or media_type == ole.ENCRYPTED:
        return False
    return media_type in _DOCUMENT_SUFFIXES.values() if expected == "text" else media_type != expected


def zip_type(path: Path, head: bytes, suffix: str) -> str:
    """What kind of document a zip holds: by the `mimetype` it begins with, else by the names of its members."""
    if declared := _MIMETYPE.search(head[:256]):
        return declared[1].decode()
    members = _members(path, head)
    for sign, media_type in _BY_MEMBER:
        if any(name.startswith(sign) or (sign.startswith(".") and name.endswith(sign)) for name in members):
            # which of the three programs it is from, mostly only the name says
            return _IWORK_SUFFIXES.get(suffix, media_type) if media_type in IWORK else media_type
    return EPUB if suffix == ".epub" else ZIP


def _members(path: Path, head: bytes) -> list[str]:
    """Names of members: of the directory at the end, as far as a bounded look goes, else those at the beginning.

    Not by `zipfile`, which would take a directory of any size into the memory of whoever merely looks.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _TAIL))
        tail = file.read()
        at = tail.rfind(b"PK\x05\x06")
        start = int.from_bytes(tail[at + 16 : at + 20], "little") if at >= 0 else size
        file.seek(start)
        directory = file.read(_DIRECTORY)
    listed = [_name(directory, found.start() + 28, found.end()) for found in _LISTED.finditer(directory)]
    return listed or [_name(head, found.start() + 26, found.end()) for found in _STORED.finditer(head)]


def _name(data: bytes, length_at: int, start: int) -> str:
    length = int.from_bytes(data[length_at : length_at + 2], "little")
    return data[start : start + length].decode(errors="replace")


def text_type(text: str, suffix: str) -> str:
    """Which kind of text it is: what it says of itself goes before the suffix."""
    if subtitles := _subtitles(text):
        return subtitles
    by_name = _BY_SUFFIX.get(suffix, "text/plain")
    if _HTML.match(text):
        return XHTML if by_name == XHTML else HTML
    if _XML.match(text):
        root = re.search(r"<(?![?!])([\w:]+)", text)
        return _BY_ROOT.get(root[1].rpartition(":")[2], XML) if root else XML
    if text.lstrip().startswith("<svg"):
        return SVG
    return _mail_type(text, suffix) or by_name


def _subtitles(text: str) -> str | None:
    if text.startswith("WEBVTT"):
        return VTT
    if text.startswith("[Script Info]"):
        return SSA
    return SBV if _SBV.match(text) else SRT if _SRT.match(text) else None


def _mail_type(text: str, suffix: str) -> str | None:
    if _MAILBOX.match(text):
        return media_types.MAILBOX
    looks = (
        suffix in {"", ".eml", ".txt", ".mht", ".mhtml"} and _HEADER.match(text) and _MAIL_HEADER.search(text[:8192])
    )
    return MAIL if looks else None
