"""`voice preview`: what would be said of a Markdown text."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from claude_narrator.daemon import settings
from claude_narrator.daemon.client import connect
from claude_narrator.daemon.paths import find_paths, working_folder
from claude_narrator.daemon.protocol import Translate
from claude_narrator.daemon.text.language import detect_language
from claude_narrator.daemon.text.speakable import speakable_sentences
from claude_narrator.daemon.text_style import TextStyle
from claude_narrator.models.errors import BadInput
from claude_narrator.models.languages import check_language, same_language
from claude_narrator.models.types import Language

_EXAMPLE = "example: voice preview README.md --json"


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add `preview` to the subcommands of `voice`; its `run` is the default of the parsed arguments."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "preview", help="show what would be said of a Markdown text, sentence by sentence", epilog=_EXAMPLE
    )
    parser.add_argument(
        "file", nargs="?", default="-", metavar="FILE", help="Markdown; - or nothing for standard input"
    )
    parser.add_argument(
        "--language", metavar="L", help="what it would be heard in; another than the text's is translated"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object: language and sentences")
    parser.set_defaults(run=run)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Print the sentences and return 0.

    :raises BadInput: the file cannot be read, or the language is no language tag.
    :raises Refused: the daemon cannot translate; it says why.
    """
    text = _read(arguments.file)
    style, source = _style(text)
    heard = source if arguments.language is None else check_language(arguments.language)
    sentences = speakable_sentences(text, source, style)
    if not same_language(source, heard):
        sentences = _translated(sentences, source, heard)
    if arguments.json:
        print(json.dumps({"language": heard, "sentences": sentences}, ensure_ascii=False))
        return 0
    for sentence in sentences:
        print(sentence)
    return 0


def _style(text: str) -> tuple[TextStyle, Language]:
    """Return how this folder's replies are read, and the language of `text`, which may be one."""
    here = settings.load_project(Path(working_folder()), settings.load(find_paths().settings_file))
    return here.text, detect_language(text, Language(here.speech.source_language))


def _translated(sentences: Sequence[str], source: Language, target: Language) -> tuple[str, ...]:
    paths, folder = find_paths(), working_folder()
    with connect(paths.socket, paths.log) as client:
        results = [client.call(Translate(each, target, source, folder)) for each in sentences]
    for sentence in (each for each, result in zip(sentences, results, strict=True) if result["note"]):
        print(
            f"note: no translation passed the checks, it would be said as written: {sentence}",
            file=sys.stderr,
        )
    return tuple(result["text"] for result in results)


def _read(name: str) -> str:
    if name == "-":
        return sys.stdin.buffer.read().decode("utf-8", "replace")
    try:
        return Path(name).read_bytes().decode("utf-8", "replace")
    except OSError as problem:
        raise BadInput(
            f"cannot read {name}: {problem.strerror}", "Give a text file, or - for standard input."
        ) from problem
