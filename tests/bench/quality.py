"""`make quality`: what a recogniser hears of every voice, and how near every translator comes to a reference.

Speech: characters wrong of each hundred, a few sentences a language by its first voice, read back by Whisper
base. Translation: chrF, character n-grams up to six, F2 (Popović 2015), of six developers' sentences with one
reference each. Small samples: they tell a good engine from a poor one, not two good ones apart.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress

import anyio
from rich.console import Console
from rich.table import Table

from claude_narrator.models.errors import UnknownLanguage
from claude_narrator.models.host import EngineHost
from claude_narrator.models.registry import EngineRecord
from claude_narrator.models.types import Language
from tests.bench.references import REFERENCES
from tests.listening import Listener, character_error_rate, joined
from tests.runnable_engines import loaded, runnable_records
from tests.sentences import SENTENCES, sentences_of

_LONGEST_NGRAM, _BETA = 6, 2.0


def chrf(heard: Sequence[str], references: Sequence[str]) -> float:
    """Return the score of a text of several sentences, 0 to 100; white space does not count."""
    scores = [_f_score(heard, references, length) for length in range(1, _LONGEST_NGRAM + 1)]
    return 100 * sum(scores) / len(scores)


def _f_score(heard: Sequence[str], references: Sequence[str], length: int) -> float:
    matching = said = wanted = 0
    for one, other in zip(heard, references, strict=True):
        ours, theirs = Counter(_ngrams(one, length)), Counter(_ngrams(other, length))
        matching += (ours & theirs).total()
        said, wanted = said + ours.total(), wanted + theirs.total()
    if not matching:
        return 0.0
    precision, recall = matching / said, matching / wanted
    return (1 + _BETA**2) * precision * recall / (_BETA**2 * precision + recall)


def _ngrams(text: str, length: int) -> Iterator[str]:
    packed = "".join(text.split())
    return (packed[start : start + length] for start in range(len(packed) - length + 1))


async def errors_heard(record: EngineRecord, listener: Listener) -> dict[str, float]:
    """Return by language the characters that were wrong, of each hundred."""
    found = {}
    async with loaded(record) as host:
        for language, (voice, *_) in record.declaration.voices.items():
            if language.split("-")[0] not in SENTENCES:
                continue
            rates = []
            for sentence in sentences_of(language):
                sound = joined([chunk async for chunk in host.synthesize(sentence, voice, language)])
                rates.append(character_error_rate(sentence, listener.hear(sound, language), language))
            found[str(language)] = 100 * sum(rates) / len(rates)
    return found


async def nearness(record: EngineRecord) -> dict[str, float]:
    """Return by target language, from English, the chrF of the engine's translations."""
    english, found = REFERENCES["en"], {}
    async with loaded(record) as host:
        for language in record.declaration.languages:
            references = REFERENCES.get(language.split("-")[0], ())
            if language == "en" or not references:
                continue
            with suppress(UnknownLanguage):  # its weights are another download
                said = [await _translated(host, sentence, language) for sentence in english]
                found[str(language)] = chrf(said, references)
    return found


async def _translated(host: EngineHost, sentence: str, language: Language) -> str:
    pieces = host.translate(sentence, Language("en"), language)
    return "".join([piece async for piece in pieces])


def main() -> None:
    """Print a row an engine that runs here on weights of its own."""
    parser = argparse.ArgumentParser(prog="make quality")
    parser.add_argument("engines", nargs="*")
    wanted = parser.parse_args().engines
    records = [r for r in runnable_records() if "url" not in r.options and (r.name in wanted or not wanted)]
    table = Table("engine", "what", "by language", box=None)
    listener = Listener() if any(r.declaration.kind == "synthesizer" for r in records) else None
    for record in records:
        if listener is not None and record.declaration.kind == "synthesizer":
            figures, what = anyio.run(errors_heard, record, listener), "characters wrong, %"
        else:
            figures, what = anyio.run(nearness, record), "chrF from English"
        table.add_row(record.name, what, ", ".join(f"{tag} {value:.1f}" for tag, value in figures.items()))
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
