"""The content of a file, plain or compressed: JSON, or a CSV of text cells; and what is wrong with one that is neither.

Here: bytes to values. Not here: which form a content has (`forms.py`).
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from pathlib import Path
from typing import Any

from nba_precompute.sources.league_files.grid import Grid
from nba_precompute.sources.league_files.model import Unknown, Unreadable

HEAD = 1 << 16
"""Bytes of a file that are enough to recognize its form, but for unusual JSON."""

_GZIP = b"\x1f\x8b"
_BINARY = (b"PAR1", b"PK\x03\x04")


def text_of(path: Path, limit: int = -1) -> str:
    """Return the text of a file, without a byte order mark; the first `limit` bytes only, if not negative.

    Raises:
        Unreadable: if the file is empty, cannot be read, or is cut off or damaged.
        Unknown: if it is not text.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4)
            file.seek(0)
            if start[:2] == _GZIP:
                with gzip.open(file) as unpacked:
                    data = unpacked.read(limit)
            else:
                data = file.read(limit)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Unreadable(f"the .gz file is cut off or damaged ({error})") from None
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror or error}") from None
    if not data.strip():
        raise Unreadable("the file is empty")
    if data[:4] in _BINARY:
        raise Unknown("not a text file")
    try:
        # A head may end within a character.
        text = data.decode("utf-8-sig", errors="strict" if limit < 0 else "ignore")
    except UnicodeDecodeError:
        raise Unknown("not UTF-8 text") from None
    if text.lstrip()[:1] == "<":
        raise Unreadable("an HTML page; the site answered with a page instead of data: fetch the file again")
    return text


def is_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[")


def json_of(text: str) -> Any:
    """Return the value of a JSON text.

    Raises:
        Unreadable: if it is cut off or not JSON.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        end = len(text.rstrip())
        what = "cut off: its JSON is not complete" if error.pos >= end - 1 or _is_open(error) else "not valid JSON"
        raise Unreadable(f"{what} ({error.msg}, line {error.lineno} column {error.colno})") from None
    except RecursionError:
        raise Unreadable("not valid JSON (nested too deeply)") from None


def _is_open(error: json.JSONDecodeError) -> bool:
    return error.msg.startswith("Unterminated string")


def csv_of(text: str) -> Grid:
    """Return the cells of a CSV text with a header; an empty cell is None.

    Raises:
        Unreadable: if a row has another number of cells than the header, or a quote is not closed.
    """
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    equal: dict[str, str | None] = {"": None}  # one object for equal cells: a season of shots has five million
    try:
        headers = next(lines)
        return Grid(headers, [[equal.setdefault(cell, cell) for cell in row] for row in lines if row])
    except csv.Error as error:
        raise Unreadable(f"line {lines.line_num}: not valid CSV ({error})") from None


def headers_of(text: str) -> tuple[str, ...]:
    """Return the names in the first line of a CSV text, in upper case."""
    try:
        return tuple(name.strip().upper() for name in next(csv.reader([text.split("\n", 1)[0].rstrip("\r")])))
    except csv.Error:
        return ()
