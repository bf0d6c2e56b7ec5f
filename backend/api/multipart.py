"""Reading `multipart/form-data` as it comes: the bytes of the file go straight on, nothing is gathered in memory."""

from __future__ import annotations

from collections.abc import Callable

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, MultipartState, parse_options_header

from backend.domain.errors import InvalidInput

MAX_FIELD = 64 * 1024
"""Bytes of all ordinary fields together; a file is a part with a file name."""
MAX_PARTS = 20

Sink = Callable[[memoryview], None]


class FormReader:
    """A form with one file in the field `file`: `write` takes the body in pieces of any size, `close` ends it.

    `filename` is what the client said (None until the file's part began), `fields` the other fields as text.
    Errors are InvalidInput: `invalid_multipart`, `missing_file`, `one_file_only`, `missing_filename`.
    """

    def __init__(self, content_type: str, sink: Sink) -> None:
        _, options = parse_options_header(content_type)
        self.filename: str | None = None
        self.fields: dict[str, str] = {}
        self.most_parts = MAX_PARTS
        self._sink = sink
        self._parts = 0
        self._gathered = 0
        self._name = ""
        self._header = (b"", b"")
        self._disposition = ""
        self._field = bytearray()
        self._in_file = False
        try:
            self._parser = MultipartParser(
                options.get(b"boundary", b""),
                {
                    "on_part_begin": self._part_begin,
                    "on_header_field": self._header_field,
                    "on_header_value": self._header_value,
                    "on_header_end": self._header_end,
                    "on_headers_finished": self._headers_finished,
                    "on_part_data": self._part_data,
                    "on_part_end": self._part_end,
                },
                max_header_count=8,
                max_header_size=4096,
            )
        except FormParserError as error:
            raise _broken("The boundary cannot be used.") from error
        if not options.get(b"boundary"):
            raise _broken("The Content-Type names no boundary.")

    def write(self, data: bytes | bytearray) -> None:
        """Read on."""
        try:
            self._parser.write(data)  # type: ignore[arg-type]  # it only searches and slices
        except FormParserError as error:
            raise _broken("A line of it breaks the rules.") from error

    def close(self) -> None:
        """The body is over: was it whole, and was there a file?"""
        if self._parser.state != MultipartState.END:
            raise _broken("It ends in the middle.")
        if self.filename is None:
            raise InvalidInput(
                "There is no file in this upload.", code="missing_file", hint="Send it in the form field `file`."
            )

    def _part_begin(self) -> None:
        self._parts += 1
        if self._parts > self.most_parts:
            raise _broken("It has too many parts.")
        self._header, self._disposition = (b"", b""), ""
        self._field.clear()

    def _header_field(self, data: bytes | bytearray, start: int, end: int) -> None:
        self._header = (self._header[0] + data[start:end], b"")

    def _header_value(self, data: bytes | bytearray, start: int, end: int) -> None:
        self._header = (self._header[0], self._header[1] + data[start:end])

    def _header_end(self) -> None:
        if self._header[0].lower() == b"content-disposition":
            self._disposition = self._header[1].decode("latin-1")
        self._header = (b"", b"")

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._name = _text(options.get(b"name", b""))
        self._in_file = self._name == "file"
        if not self._in_file:
            return
        if self.filename is not None:
            raise InvalidInput("One upload carries one file.", code="one_file_only", hint="Send one request per file.")
        # browsers send a quotation mark in a name as %22 (HTML, "multipart/form-data encoding algorithm")
        self.filename = _text(options.get(b"filename", b"")).replace("%22", '"')
        if not self.filename:
            raise InvalidInput(
                "The file has no name.", code="missing_filename", hint='Send `filename="…"` with the field `file`.'
            )

    def _part_data(self, data: bytes | bytearray, start: int, end: int) -> None:
        if self._in_file:
            self._sink(memoryview(data)[start:end])
            return
        self._gathered += end - start
        if self._gathered > MAX_FIELD:
            raise _broken("Its fields are too long.")
        self._field += data[start:end]

    def _part_end(self) -> None:
        if not self._in_file:
            self.fields[self._name] = self._field.decode("utf-8", "replace")


class FilesReader(FormReader):
    """A form with up to `most` files in fields `file`: `begin` is told the name of each and says where its bytes go."""

    def __init__(self, content_type: str, begin: Callable[[str], Sink], *, most: int) -> None:
        super().__init__(content_type, lambda _before_the_first: None)
        self._begin, self.most_parts = begin, most

    def _headers_finished(self) -> None:
        self.filename, last = None, self.filename
        super()._headers_finished()
        if self.filename is None:  # an ordinary field
            self.filename = last
        else:
            self._sink = self._begin(self.filename)


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _broken(why: str) -> InvalidInput:
    return InvalidInput(
        f"This is not a form we can read: {why}",
        code="invalid_multipart",
        hint="Send multipart/form-data with the file in the field `file`.",
    )
