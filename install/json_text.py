"""Edits JSON text in place: what is not asked to change keeps its bytes, blanks and order. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from claude_narrator.models.errors import BadInput

Path = tuple[str | int, ...]
"""Keys and indices, from the outside in. Of a key that occurs twice the last counts, as in JavaScript."""
_BLANK = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Slot:
    """Member of an object or item of an array as offsets: it begins at `start`, its value at `value`."""

    key: str | int
    start: int
    value: int
    end: int


def parse(data: bytes, where: str) -> tuple[str, Any]:
    """Return the text of a JSON file, its byte order mark included, and what it says.

    :raises BadInput: not UTF-8 or not JSON; says the line and the column.
    """
    try:
        text = data.decode("utf-8")
        return text, json.loads(text.removeprefix("\ufeff"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        line, before = data.count(b"\n", 0, error.start) + 1, data.rfind(b"\n", 0, error.start)
        raise _broken(where, line, error.start - before, "a byte that is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise _broken(where, error.lineno, error.colno, error.msg) from None
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{where} is not valid JSON: {error}", "Repair it; nothing was changed.") from None


def find(text: str, path: Path) -> Slot | None:
    """Return where the value at `path` stands, or nothing."""
    start = _skip(text, 1 if text.startswith("\ufeff") else 0)
    slot: Slot | None = Slot("", start, start, _DECODER.raw_decode(text, start)[1])
    for key in path:
        slot = {s.key: s for s in slots(text, slot.value)}.get(key) if slot else None
    return slot


def slots(text: str, at: int) -> list[Slot]:
    """Return what the object or array with its bracket at `at` holds, in order; nothing for other values."""
    found: list[Slot] = []
    if text[at] not in "{[":
        return found
    position = _skip(text, at + 1)
    while text[position] not in "}]":
        start, key = position, len(found)
        if text[at] == "{":
            key, position = _DECODER.raw_decode(text, position)
            position = _skip(text, _skip(text, position) + 1)
        end = _DECODER.raw_decode(text, position)[1]
        found.append(Slot(key, start, position, end))
        position = _skip(text, end)
        position = _skip(text, position + 1) if text[position] == "," else position
    return found


def add(text: str, path: Path, value: Any) -> str:
    """Return `text` with `value` as the last member of the object at `path[:-1]`, under the key `path[-1]`.

    When `path[-1]` is a number, an array is meant and `value` becomes its last item. What is missing on the
    way is made. Indentation and line ends are the file's own.
    """
    depth = next(n for n in range(len(path) - 1, -1, -1) if find(text, path[:n]))
    for key in reversed(path[depth + 1 :]):
        value = [value] if isinstance(key, int) else {key: value}
    container = find(text, path[:depth])
    assert container is not None
    return _append(text, container, path[depth], value)


def remove(text: str, path: Path) -> str:
    """Return `text` without the value at `path`, its key and its comma."""
    container, slot = find(text, path[:-1]), find(text, path)
    assert container is not None
    assert slot is not None
    siblings = slots(text, container.value)
    index = siblings.index(slot)
    if len(siblings) == 1:
        return text[: container.value + 1] + text[container.end - 1 :]
    if slot == siblings[-1]:
        return text[: siblings[index - 1].end] + text[slot.end :]
    return text[: slot.start] + text[siblings[index + 1].start :]


def _append(text: str, container: Slot, key: str | int, value: Any) -> str:
    siblings, unit = slots(text, container.value), _indent_unit(text)
    if siblings:
        lead, end = _lead(text, container, siblings), siblings[-1].end
        entry = _write(text, container, key, value, lead if "\n" in lead else "", unit)
        return text[:end] + "," + lead + entry + text[end:]
    outer = _line_end(text) + _indent_of_line(text, container.start) if unit else ""
    inner = outer + unit
    entry = _write(text, container, key, value, inner, unit)
    return text[: container.value + 1] + inner + entry + outer + text[container.end - 1 :]


def _lead(text: str, container: Slot, siblings: list[Slot]) -> str:
    """Return the blanks before one more entry: line end and indentation, or what parts entries on a line."""
    start = siblings[-2].end if siblings[1:] else container.value
    gap = text[start : siblings[-1].start]
    blanks = gap[len(gap.rstrip()) :]
    if "\n" in blanks:
        return ("\r\n" if "\r\n" in blanks else "\n") + blanks.rpartition("\n")[2]
    return blanks if siblings[1:] else "" if _is_dense(text) else " "


def _write(text: str, container: Slot, key: str | int, value: Any, lead: str, unit: str) -> str:
    dense = (",", ":") if _is_dense(text) else (", ", ": ")
    written = (
        json.dumps(value, indent=unit, ensure_ascii=False).replace("\n", lead)
        if lead
        else json.dumps(value, ensure_ascii=False, separators=dense)
    )
    if text[container.value] == "[":
        return written
    return json.dumps(key, ensure_ascii=False) + (": " if lead else dense[1]) + written


def _indent_unit(text: str) -> str:
    """Return what one level is indented by; empty when a file with content is all on one line."""
    if found := re.search(r"\n([ \t]+)[^ \t\r\n]", text):
        return found[1]
    content = text.removeprefix("\ufeff").strip()
    return "  " if "\n" in content or re.fullmatch(r"\{\s*\}", content) else ""


def _indent_of_line(text: str, position: int) -> str:
    line = text[text.rfind("\n", 0, position) + 1 : position].removeprefix("\ufeff")
    return line[: len(line) - len(line.lstrip(" \t"))]


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _is_dense(text: str) -> bool:
    return re.search(r'":\s', text) is None and '":' in text


def _skip(text: str, position: int) -> int:
    blank = _BLANK.match(text, position)
    assert blank is not None
    return blank.end()


def _broken(where: str, line: int, column: int, problem: str) -> BadInput:
    return BadInput(
        f"{where} is not valid JSON: line {line}, column {column}: {problem}",
        "Repair it (Claude Code reads no comments and no trailing commas) and run this again; "
        "nothing was changed.",
    )


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
