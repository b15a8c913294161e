"""How good translations are: nearness to references (sacrebleu), what came back, what script they are in."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from claude_narrator.daemon.translation.facts import facts_of
from claude_narrator.daemon.translation.faults import Kind, of_sentence, pair_of
from claude_narrator.daemon.translation.kept import Kept, missing_in
from claude_narrator.daemon.translation.numbers import NUMBER
from claude_narrator.models.errors import EngineUnavailable
from claude_narrator.models.extras import install_command
from claude_narrator.models.types import Language

_IN_WRONG_SCRIPT = {Kind.SCRIPT, Kind.UNTRANSLATED, Kind.WORD}


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence, good translations of it, as many for each sentence, and what must come back as it is."""

    source: str
    references: tuple[str, ...]
    keep: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of an example: the translation, in what time, after how many that were rejected.

    `is_left` says that no translation passed and the source stands.
    """

    text: str
    seconds: float
    rejected: int = 0
    is_left: bool = False


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of a set of sentences.

    `chrf` is chrF++, `bleu` BLEU, 0 to 100, with sacrebleu's signatures. Of `kept` parts that must come back
    `came_back` did. `wrong_script` counts sentences with letters, or words, of another language. A sentence
    of which a translation was rejected is `asked_again`, and took `seconds_again`, any other `seconds_once`.
    """

    sentences: int
    chrf: float
    bleu: float
    chrf_signature: str
    bleu_signature: str
    kept: int
    came_back: int
    wrong_script: int
    left: int
    rejected: int
    asked_again: int
    seconds_again: float
    seconds_once: float
    seconds_mean: float
    seconds_median: float
    seconds_p95: float


def score(examples: Sequence[Example], trials: Sequence[Trial], source: Language, target: Language) -> Scores:
    """Return the scores of `trials`, one for each of `examples`.

    :raises EngineUnavailable: sacrebleu is not installed.
    """
    chrf, bleu = _metrics(target)
    said = [trial.text for trial in trials]
    references = [list(column) for column in zip(*(each.references for each in examples), strict=True)]
    near, nearer = chrf.corpus_score(said, references), bleu.corpus_score(said, references)
    kept = [lost_of(each, trial.text, target) for each, trial in zip(examples, trials, strict=True)]
    seconds = sorted(trial.seconds for trial in trials)
    return Scores(
        len(examples),
        near.score,
        nearer.score,
        str(chrf.get_signature()),
        str(bleu.get_signature()),
        sum(len(each.keep) for each in examples),
        sum(len(each.keep) for each in examples) - sum(map(len, kept)),
        sum(
            is_in_wrong_script(each.source, trial.text, source, target)
            for each, trial in zip(examples, trials, strict=True)
        ),
        sum(trial.is_left for trial in trials),
        sum(trial.rejected for trial in trials),
        sum(trial.rejected > 0 for trial in trials),
        _mean(trial.seconds for trial in trials if trial.rejected),
        _mean(trial.seconds for trial in trials if not trial.rejected),
        statistics.fmean(seconds),
        statistics.median(seconds),
        seconds[min(len(seconds) - 1, round(0.95 * len(seconds)))],
    )


def lost_of(example: Example, translation: str, target: Language) -> tuple[str, ...]:
    """Return what of `example.keep` is not in its translation."""
    kept = [Kept(each, is_number=NUMBER.fullmatch(each) is not None) for each in example.keep]
    return tuple(each.text for each in missing_in(translation, kept, facts_of(target)))


def is_in_wrong_script(text: str, translation: str, source: Language, target: Language) -> bool:
    """Return whether a translation has letters, or is left in words, that are not of its language."""
    return not _IN_WRONG_SCRIPT.isdisjoint(of_sentence(translation, pair_of(text, source, target)))


def check_sacrebleu() -> None:
    """Look whether the scores can be computed.

    :raises EngineUnavailable: sacrebleu is not installed.
    """
    try:
        import_module("sacrebleu")
    except ImportError as error:
        raise EngineUnavailable(
            f"the scores need sacrebleu: {error}", f"Run: {install_command('eval')}"
        ) from None


def _mean(seconds: Iterable[float]) -> float:
    given = list(seconds)
    return statistics.fmean(given) if given else 0.0


def _metrics(target: Language) -> tuple[Any, Any]:
    check_sacrebleu()
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    for tokenizer in facts_of(target).bleu:
        try:
            return CHRF(word_order=2), BLEU(tokenize=tokenizer)
        except (ImportError, RuntimeError):  # what the tokenizer itself needs is not installed
            continue
    return CHRF(word_order=2), BLEU(tokenize="char")
