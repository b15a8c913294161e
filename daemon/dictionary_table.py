"""Entries of the dictionary as lines of a file that other programs read: CSV, TSV or JSON lines.

CSV and TSV have the columns word, reading and language, the last one optional, and may begin with a line that
names them. A JSON line is an object with these keys. No language means every language.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from claude_narrator.daemon.dictionary import Dictionary, mistake_in, same_word
from claude_narrator.daemon.glossary import EVERY_LANGUAGE
from claude_narrator.daemon.strict_json import load_object
from claude_narrator.models.errors import BadInput

COLUMNS = ("word", "reading", "language")
_DELIMITERS = {"csv": ",", "tsv": "\t"}
_FORMATS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A word, its reading, and the tag of its language or EVERY_LANGUAGE."""

    word: str
    reading: str
    language: str = EVERY_LANGUAGE


def entries_of(dictionary: Dictionary) -> list[Entry]:
    """Return every entry, sorted by word."""
    entries = [Entry(w, said, tag) for tag, words in dictionary.items() for w, said in words.items()]
    return sorted(entries, key=lambda entry: (entry.word.casefold(), entry.language))


def read_table(content: bytes, name: str) -> list[Entry]:
    """Return the entries in a file called `name`, whose ending or first line tells its format.

    :raises BadInput: one line that names every bad line of the file.
    """
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise BadInput(
            f"{name} is no UTF-8: {error.reason} at byte {error.start}", "Save it as UTF-8."
        ) from None
    form = _format_of(name, lines)
    found = [(number, _entry(line, form)) for number, line in _without_heading(lines, form)]
    mistakes = [f"line {number}: {entry}" for number, entry in found if isinstance(entry, str)]
    entries = [(number, entry) for number, entry in found if isinstance(entry, Entry)]
    mistakes += _given_twice(entries)
    if mistakes:
        raise BadInput(f"{name}: " + "; ".join(mistakes), "Correct it; nothing was changed.")
    return [entry for _, entry in entries]


def write_table(entries: Iterable[Entry], name: str = "") -> str:
    """Return the entries as a file called `name` has them; CSV when its ending tells nothing."""
    form = _FORMATS.get(Path(name).suffix.lower(), "csv")
    if form == "jsonl":
        return "".join(json.dumps(_shown(entry), ensure_ascii=False) + "\n" for entry in entries)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=_DELIMITERS[form], lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((entry.word, entry.reading, entry.language) for entry in entries)
    return out.getvalue()


def _format_of(name: str, lines: list[str]) -> str:
    if form := _FORMATS.get(Path(name).suffix.lower()):
        return form
    first = next((line.strip() for line in lines if line.strip()), "")
    return "jsonl" if first.startswith("{") else "tsv" if "\t" in first else "csv"


def _without_heading(lines: list[str], form: str) -> Iterator[tuple[int, str]]:
    """The lines with something in them, by number; not the one that names the columns."""
    written = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if written and form != "jsonl":
        heading = [cell.strip().lower() for cell in written[0][1].split(_DELIMITERS[form])]
        written = written[heading[:2] == list(COLUMNS[:2]) :]
    yield from written


def _entry(line: str, form: str) -> Entry | str:
    """The entry on a line, or what is wrong with it."""
    try:
        cells = _json_cells(line) if form == "jsonl" else _cells(line, _DELIMITERS[form])
    except (ValueError, csv.Error) as error:
        return str(error)
    word, reading, language = cells
    return mistake_in(word, reading, language) or Entry(word, reading, language)


def _cells(line: str, delimiter: str) -> tuple[str, str, str]:
    rows = list(csv.reader([line], delimiter=delimiter, strict=True))
    cells = [cell.strip() for cell in rows[0]] if rows else []
    if not 2 <= len(cells) <= len(COLUMNS):
        raise ValueError(f"{len(cells)} columns where word, reading and perhaps a language should be")
    return cells[0], cells[1], cells[2] if len(cells) > 2 else EVERY_LANGUAGE


def _json_cells(line: str) -> tuple[str, str, str]:
    given = load_object(line.encode("utf-8", "surrogatepass"))
    if unknown := sorted(given.keys() - set(COLUMNS)):
        raise ValueError(f"unknown key {unknown[0][:40]!r}")
    if missing := [key for key in COLUMNS[:2] if key not in given]:
        raise ValueError(f"the key {missing[0]!r} is missing")
    cells = [given.get(key, EVERY_LANGUAGE) for key in COLUMNS]
    if not all(isinstance(cell, str) for cell in cells):
        raise ValueError("word, reading and language must be texts")
    return cells[0].strip(), cells[1].strip(), cells[2].strip()


def _given_twice(entries: list[tuple[int, Entry]]) -> list[str]:
    first: dict[tuple[str, str], tuple[int, Entry]] = {}
    mistakes = []
    for number, entry in entries:
        before = first.setdefault((entry.word.casefold(), entry.language), (number, entry))
        if before[1].reading != entry.reading and same_word(before[1].word, entry.word):
            mistakes.append(f"line {number}: {entry.word[:40]!r} has another reading in line {before[0]}")
    return mistakes


def _shown(entry: Entry) -> dict[str, str]:
    shown = {"word": entry.word, "reading": entry.reading}
    return {**shown, "language": entry.language} if entry.language else shown
