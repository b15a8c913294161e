"""Names as they are, or masked, while Qwen 1.5B translates: what comes back, and how good it is.

`python -m tests.bench.masks`: some four minutes on one thread. The sentences are those of the test set from
which a name must come back.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from claude_narrator.daemon.eval_command import read_examples
from claude_narrator.daemon.translation.kept import kept_in
from claude_narrator.daemon.translation.scores import Example, Trial, score
from claude_narrator.models.base import EngineContext
from claude_narrator.models.engines.qwen import Qwen
from claude_narrator.models.types import NO_HINTS, Hints, Language
from tests.models_home import ensure

MODEL = "qwen2.5-coder-1.5b"
SET = Path(__file__).parents[1] / "data" / "translation" / "en-ja.jsonl"
EN, JA = Language("en"), Language("ja")
SENTENCES = 32
WAYS = {"as they are": "", "as they are, strict prompt": "", "X1": "X{}", "__1__": "__{}__", "[1]": "[{}]"}


def masked(text: str, form: str) -> tuple[str, dict[str, str]]:
    """Return `text` with each name in `form`, and the names by their masks; as it is without a form."""
    names = [each.text for each in kept_in(text) if not each.is_number] if form else []
    masks = {form.format(number): name for number, name in enumerate(names, start=1)}
    for mask, name in sorted(masks.items(), key=lambda pair: -len(pair[1])):
        text = text.replace(name, mask)
    return text, masks


def trial(engine: Qwen, example: Example, form: str, hints: Hints) -> Trial:
    """Return what comes of a sentence."""
    text, masks = masked(example.source, form)
    start_s = time.perf_counter()
    said = "".join(engine.translate(text, EN, JA, hints))
    seconds = time.perf_counter() - start_s
    for mask, name in masks.items():
        said = said.replace(mask, name)
    return Trial(said, seconds)


def with_names(examples: Sequence[Example]) -> list[Example]:
    """Return the first sentences from which a name must come back."""
    found = [each for each in examples if any(re.search("[A-Za-z]", part) for part in each.keep)]
    return found[:SENTENCES]


def main() -> None:
    """Print a row for each way."""
    examples = with_names(read_examples(SET.read_text(encoding="utf-8")))
    engine = Qwen()
    engine.load(EngineContext({MODEL: ensure(MODEL) / MODEL}, threads=1))
    list(engine.translate("", EN, JA))
    table = Table("names", "came back", "chrF++", "BLEU", "s a sentence", box=None)
    for way, form in WAYS.items():
        hints = Hints(strict=True) if "strict" in way else NO_HINTS
        scores = score(examples, [trial(engine, each, form, hints) for each in examples], EN, JA)
        back = f"{scores.came_back} of {scores.kept}"
        table.add_row(way, back, f"{scores.chrf:.1f}", f"{scores.bleu:.1f}", f"{scores.seconds_mean:.2f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
