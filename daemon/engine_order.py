"""The sections `[voices]` and `[translators]`: whom the user prefers, by language, best first.

`ja = ["kokoro/jf_alpha", "open_jtalk"]` in `[voices]` names engines, or one voice of an engine; in
`[translators]` engines, by the language that is translated into. Who is not named stands behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from claude_narrator.daemon.engine_settings import nearest
from claude_narrator.daemon.open_section import OpenSection
from claude_narrator.models.errors import BadInput, UnknownLanguage
from claude_narrator.models.languages import check_language
from claude_narrator.models.policy import Order
from claude_narrator.models.registry import find_engines
from claude_narrator.models.types import Language

_KINDS = {"voices": "synthesizer", "translators": "translator"}
_LINES = {
    "voices": "# Which voices are tried first, by the language that is heard: ja=['ENGINE/VOICE', 'ENGINE']",
    "translators": "# The same for translators: ja=['ENGINE']",
}


def _parts_of(key: str) -> tuple[str, ...]:
    section, _, tag = key.partition(".")
    try:
        check_language(tag)
    except UnknownLanguage:
        raise BadInput(f"unknown setting {key[:80]!r}", f"Write {section}.ja, or another language.") from None
    return section, tag


def _default_of(key: str) -> tuple[str, ...]:
    _parts_of(key)
    return ()


def _value_in(order: Order, key: str) -> tuple[str, ...]:
    return order.get(Language(_parts_of(key)[1]), ())


def _mistakes_in(section: str, table: Any) -> list[str]:
    if not isinstance(table, Mapping):
        return [f"{section} cannot be {str(table)[:40]!r}; write [{section}] and below it ja = ['NAME']"]
    engines = {r.name for r in find_engines(lambda _: True) if r.declaration.kind in (_KINDS[section], "")}
    return [line for tag, names in table.items() for line in _wrong_order(section, tag, names, engines)]


def _wrong_order(section: str, tag: str, names: Any, engines: set[str]) -> list[str]:
    where = f"{section}.{tag[:40]}"
    try:
        check_language(tag)
    except UnknownLanguage as error:
        return [f"{where}: {error.problem}"]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return [f"{where} cannot be {str(names)[:40]!r}; write a list of names, such as ['NAME', 'OTHER']"]
    unknown = [name for name in names if name.split("/")[0] not in engines]
    unknown += [name for name in names if "/" in name and section == "translators"]
    kind = _KINDS[section]
    return [f"{where}: there is no {kind} {name[:40]!r}. {nearest(name, engines)}" for name in unknown]


def _read(before: Order, table: Mapping[str, list[str]]) -> Order:
    return {**before, **{Language(tag): tuple(names) for tag, names in table.items() if names}}


def _section(name: str) -> OpenSection:
    return OpenSection(
        _parts_of,
        _default_of,
        _value_in,
        partial(_mistakes_in, name),
        _read,
        lambda: (f"[{name}]", _LINES[name], ""),
    )


VOICES, TRANSLATORS = _section("voices"), _section("translators")
