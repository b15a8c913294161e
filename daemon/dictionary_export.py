"""Brings the user's words to a VOICEVOX-compatible server, for the other programs that it speaks for."""

from __future__ import annotations

from collections.abc import Iterable

from claude_narrator.daemon import settings
from claude_narrator.daemon.dictionary_table import Entry
from claude_narrator.daemon.glossary import EVERY_LANGUAGE
from claude_narrator.daemon.paths import find_paths
from claude_narrator.models.engines.local_server import Server
from claude_narrator.models.engines.server_settings import find_server
from claude_narrator.models.engines.voicevox_dictionary import LANGUAGE, Exported, export_words, katakana_only
from claude_narrator.models.errors import BadInput, EngineUnavailable
from claude_narrator.models.languages import same_language
from claude_narrator.models.readings import reading_for

FROM_SETTINGS = "settings"
_ENGINE = "voicevox"


def export_to_voicevox(entries: Iterable[Entry], where: str) -> int:
    """Bring what of `entries` the server can say to it and print what became of them.

    Return 0, or 1 when it refused any.

    `where` is the server's address, or `settings` for the one that the engine is set to.

    :raises BadInput: no such address.
    :raises ServerFailed: nobody answers, or not as such a server does.
    """
    server = _server(where)
    words, left_out = _sayable(entries)
    done = export_words(server, words)
    print(f"{len(done.added)} added, {len(done.changed)} changed, {len(done.unchanged)} already there.")
    if left_out:
        print(f"Left out, because the reading is no kana: {', '.join(left_out)}")
    _print_refused(done)
    return 1 if done.refused else 0


def _print_refused(done: Exported) -> None:
    for word, why in done.refused.items():
        print(f"{word}: {why}")


def _sayable(entries: Iterable[Entry]) -> tuple[dict[str, str], list[str]]:
    """Pronunciations in kana, those of the language before those for every one, and the words without one."""
    given: dict[str, str] = {}
    for entry in sorted(entries, key=lambda entry: entry.language != EVERY_LANGUAGE):
        if entry.language == EVERY_LANGUAGE or same_language(entry.language, LANGUAGE):
            given[entry.word] = katakana_only(reading_for(LANGUAGE)(entry.reading))
    return {word: kana for word, kana in given.items() if kana}, [
        word for word, kana in given.items() if not kana
    ]


def _server(where: str) -> Server:
    options = settings.load(find_paths().settings_file).engines.get(_ENGINE, {})
    if where != FROM_SETTINGS:
        try:
            return find_server(_ENGINE, {"url": where})
        except EngineUnavailable:
            raise BadInput(
                f"{where[:80]!r} is no http address", "Write one such as http://127.0.0.1:50021."
            ) from None
    if not options.get("url"):
        raise BadInput(
            "no VOICEVOX server is set", "Name one: voice dictionary export --voicevox http://127.0.0.1:50021"
        )
    return find_server(_ENGINE, options)
