"""`voice dictionary`: how words are said, by every voice."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from claude_narrator.daemon import dictionary_file
from claude_narrator.daemon.command_parser import add_command
from claude_narrator.daemon.controls import call_running
from claude_narrator.daemon.dictionary import (
    MAX_WORDS,
    Dictionary,
    mistake_in,
    same_word,
    with_words,
    without_word,
)
from claude_narrator.daemon.dictionary_export import export_to_voicevox
from claude_narrator.daemon.dictionary_table import entries_of, read_table, write_table
from claude_narrator.daemon.engine_settings import nearest
from claude_narrator.daemon.paths import find_paths
from claude_narrator.daemon.protocol import Reload
from claude_narrator.models.errors import BadInput

_ABOUT = (
    "Say how words are pronounced. A word holds for every engine and, without --language, for every "
    "language; case does not count. A daemon that runs has it with the next reply."
)


def add_parser(commands: Any) -> None:
    """Add `dictionary` to the commands of `voice`."""
    parser = commands.add_parser(
        "dictionary",
        help="How words are pronounced, by every voice.",
        description=_ABOUT,
        epilog="example: voice dictionary add kubectl キューブシーティーエル --language ja",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    adding = add_command(
        actions, "add", "add a word, or change it", "nginx エンジンエックス --language ja", _add
    )
    removing = add_command(actions, "remove", "remove a word", "nginx --language ja", _remove)
    listing = add_command(actions, "list", "show every word", "--json", _list)
    importing = add_command(
        actions, "import", "add the words of a CSV, TSV or JSON lines file", "w.csv", _import
    )
    exporting = add_command(actions, "export", "write every word to a file or server", "words.csv", _export)
    for action in (adding, removing):
        action.add_argument("word", metavar="WORD")
        action.add_argument("--language", default="", metavar="L", help="for this language alone, such as ja")
    adding.add_argument(
        "reading", metavar="READING", help="what shall be said, in the letters of the language"
    )
    listing.add_argument("--json", action="store_true", help="for programs")
    importing.add_argument(
        "file", metavar="FILE", help="columns or keys: word, reading, and language if you like"
    )
    exporting.add_argument(
        "file", nargs="?", default="", metavar="FILE", help=".csv, .tsv or .jsonl; standard output without"
    )
    exporting.add_argument(
        "--voicevox",
        default="",
        metavar="URL",
        help="to the server at URL, or at engines.voicevox.url: settings",
    )


def _add(arguments: argparse.Namespace) -> int:
    word, reading = arguments.word.strip(), arguments.reading.strip()
    if mistake := mistake_in(word, reading, arguments.language):
        raise BadInput(f"{word[:40]!r} was not added: {mistake}", "See: voice dictionary add --help")
    _save(with_words(_load(), [(word, reading, arguments.language)]))
    return 0


def _remove(arguments: argparse.Namespace) -> int:
    before = _load()
    if not any(same_word(word, arguments.word) for word in before.get(arguments.language, {})):
        raise BadInput(*_not_there(before, arguments.word, arguments.language))
    _save(without_word(before, arguments.word, arguments.language))
    return 0


def _not_there(dictionary: Dictionary, word: str, language: str) -> tuple[str, str]:
    others = [tag for tag, words in dictionary.items() if any(same_word(word, each) for each in words)]
    where = f" for {language}" if language else " for every language"
    if others:
        ways = " or ".join(f"--language {tag}" if tag else "no --language" for tag in others)
        return f"{word[:40]!r} is not in the dictionary{where}", f"It is with {ways}."
    return f"{word[:40]!r} is not in the dictionary", nearest(word, dictionary.get(language, {}))


def _list(arguments: argparse.Namespace) -> int:
    entries = entries_of(_load())
    if arguments.json:
        shown = [{"word": e.word, "reading": e.reading, "language": e.language} for e in entries]
        print(json.dumps(shown, ensure_ascii=False, indent=2))
        return 0
    for entry in entries:
        print(f"{entry.word} = {entry.reading}" + (f"  ({entry.language})" if entry.language else ""))
    return 0


def _import(arguments: argparse.Namespace) -> int:
    path = Path(arguments.file)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(
            f"cannot read {path}: {error.strerror}", "Give a CSV, TSV or JSON lines file."
        ) from None
    entries = read_table(content, path.name)
    _save(with_words(_load(), ((entry.word, entry.reading, entry.language) for entry in entries)))
    print(f"{len(entries)} words.")
    return 0


def _export(arguments: argparse.Namespace) -> int:
    entries = entries_of(_load())
    if arguments.voicevox:
        return export_to_voicevox(entries, arguments.voicevox)
    text = write_table(entries, arguments.file)
    if not arguments.file:
        print(text, end="")
        return 0
    try:
        Path(arguments.file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"cannot write {arguments.file}: {error.strerror}", "Name another file.") from None
    return 0


def _load() -> Dictionary:
    return dictionary_file.load(find_paths().dictionary)


def _save(dictionary: Dictionary) -> None:
    """Write the dictionary and tell a daemon that runs."""
    count = sum(map(len, dictionary.values()))
    if count > MAX_WORDS:
        raise BadInput(
            f"that would be {count} words, more than {MAX_WORDS}", "Remove some; nothing was changed."
        )
    dictionary_file.save(find_paths().dictionary, dictionary)
    call_running(Reload())
