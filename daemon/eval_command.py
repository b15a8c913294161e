"""`voice eval translation`: how good the translations are that this machine makes."""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

from claude_narrator.daemon.client import Client, connect
from claude_narrator.daemon.paths import find_paths, working_folder
from claude_narrator.daemon.protocol import Translate
from claude_narrator.daemon.settings import Speech
from claude_narrator.daemon.translation.scores import Example, Scores, Trial, check_sacrebleu, lost_of, score
from claude_narrator.models.errors import BadInput
from claude_narrator.models.languages import check_language
from claude_narrator.models.types import Language

_EXAMPLE = "example: voice eval translation sentences.en-ja.jsonl --engine qwen"
_NAMED = re.compile(r"(?P<source>{0})-(?P<target>{0})(?:-[a-z]{{4,}})*$".format(r"[a-z]{2,3}(?:-[A-Z]\w+)*"))
"""A pair as `en-pt-BR`, and what else the file is called: `en-ja-unseen`."""
_FORM = 'each line is {"source": "...", "references": ["..."], "keep": ["main.py"]}'


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add `eval` to the subcommands of `voice`; its `run` is the default of the parsed arguments."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "eval", help="measure how good what is made here is", epilog=_EXAMPLE
    )
    kinds = parser.add_subparsers(title="what", required=True, metavar="WHAT")
    translation: argparse.ArgumentParser = kinds.add_parser(
        "translation",
        help="chrF++, BLEU, what came back, wrong script and seconds of a set of sentences",
        description=f"Translate a set of sentences and compare. FILE is JSON Lines: {_FORM}.",
        epilog=_EXAMPLE,
    )
    translation.add_argument("file", metavar="FILE", help="JSON Lines, - for standard input")
    translation.add_argument(
        "--to", default="", metavar="L", help="default: as the file is named, en-ja.jsonl"
    )
    translation.add_argument("--from", dest="source", default="", metavar="L", help="the same")
    translation.add_argument("--engine", default="", metavar="NAME", help="this translator alone")
    translation.add_argument("--unchecked", action="store_true", help="take translations as they come")
    translation.add_argument("--json", action="store_true", help="the scores and every translation")
    translation.set_defaults(run=run)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Translate, print the scores and return 0.

    :raises BadInput: the file cannot be read or has another form, or the languages are not known.
    :raises EngineUnavailable: sacrebleu is not installed.
    :raises Refused: the daemon cannot translate; it says why.
    """
    check_sacrebleu()
    source, target = languages_of(arguments)
    examples = read_examples(_read(arguments.file))
    paths, trials = find_paths(), []
    with connect(paths.socket, paths.log) as client:
        _trial(client, examples[0], (source, target), arguments)  # loads the translator, evaluates its prompt
        for number, example in enumerate(examples, start=1):
            trials.append(_trial(client, example, (source, target), arguments))
            _show_progress(number, len(examples))
    scores = score(examples, trials, source, target)
    print(_json(scores, examples, trials, target) if arguments.json else _table(scores, arguments))
    return 0


def read_examples(text: str) -> list[Example]:
    """Return the sentences of a file in JSON Lines.

    :raises BadInput: there is none, or a line has another form.
    """
    examples = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            examples.append(_example(line, number))
    if not examples:
        raise BadInput("there is no sentence in the file", f"In JSON Lines {_FORM}.")
    if len({len(each.references) for each in examples}) > 1:
        raise BadInput("the sentences have different numbers of references", "Give each as many.")
    return examples


def _example(line: str, number: int) -> Example:
    try:
        given = json.loads(line)
        example = Example(given["source"], tuple(given["references"]), tuple(given.get("keep", ())))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadInput(f"line {number} of the file cannot be used", f"In JSON Lines {_FORM}.") from None
    texts = (example.source, *example.references, *example.keep)
    if not example.references or not all(isinstance(text, str) and text.strip() for text in texts):
        raise BadInput(f"line {number} of the file cannot be used", f"In JSON Lines {_FORM}.")
    return example


def languages_of(arguments: argparse.Namespace) -> tuple[Language, Language]:
    """Return from which into which language a file is: as asked for, else as the file is named.

    :raises BadInput: the second is not known, or one of them is no language.
    """
    named = _NAMED.match(Path(arguments.file).stem.split(".")[-1])
    source = arguments.source or (named["source"] if named else Speech().source_language)
    target = arguments.to or (named["target"] if named else "")
    if not target:
        raise BadInput("the language to translate into is not known", "Give it: --to ja")
    return check_language(source), check_language(target)


def _trial(
    client: Client, example: Example, pair: tuple[Language, Language], arguments: argparse.Namespace
) -> Trial:
    source, target = pair
    request = Translate(
        example.source, target, source, working_folder(), arguments.engine, arguments.unchecked
    )
    start_s = time.perf_counter()
    result = client.call(request)
    seconds = time.perf_counter() - start_s
    return Trial(result["text"], seconds, result["rejected"], bool(result["note"]))


def _show_progress(number: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{number} of {total}", end="\n" if number == total else "", file=sys.stderr, flush=True)


def _table(scores: Scores, arguments: argparse.Namespace) -> str:
    recall = 100 * scores.came_back / scores.kept if scores.kept else 100.0
    wrong = 100 * scores.wrong_script / scores.sentences
    lines = {
        "sentences": f"{scores.sentences}, {'unchecked' if arguments.unchecked else 'checked'}",
        "chrF++": f"{scores.chrf:.1f}   {scores.chrf_signature}",
        "BLEU": f"{scores.bleu:.1f}   {scores.bleu_signature}",
        "kept": f"{recall:.1f} %   {scores.came_back} of {scores.kept} names, numbers and quotations",
        "wrong script": f"{wrong:.1f} %   {scores.wrong_script} sentences",
        "left as written": f"{scores.left}, after {scores.rejected} rejected translations in all",
        "asked again": f"{scores.asked_again} sentences, {scores.seconds_again:.2f} seconds each; "
        f"the others {scores.seconds_once:.2f}",
        "seconds": f"{scores.seconds_mean:.2f} a sentence, median {scores.seconds_median:.2f}, "
        f"95 % within {scores.seconds_p95:.2f}",
    }
    return "\n".join(f"{name:<16}{value}" for name, value in lines.items())


def _json(scores: Scores, examples: list[Example], trials: list[Trial], target: Language) -> str:
    rows = [
        {
            "source": example.source,
            "translation": trial.text,
            "lost": lost_of(example, trial.text, target),
            **{key: value for key, value in dataclasses.asdict(trial).items() if key != "text"},
        }
        for example, trial in zip(examples, trials, strict=True)
    ]
    return json.dumps({"scores": dataclasses.asdict(scores), "sentences": rows}, ensure_ascii=False, indent=2)


def _read(name: str) -> str:
    if name == "-":
        return sys.stdin.buffer.read().decode("utf-8", "replace")
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else "it is not UTF-8"
        raise BadInput(f"cannot read {name}: {why}", "Give a file in JSON Lines.") from None
