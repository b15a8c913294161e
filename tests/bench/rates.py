"""How well a voice is understood that speaks fast, by how much of the pace is the model's own.

`python -m tests.bench.rates`: some five minutes on one thread. Of the rate that is asked for, Hibari makes as
much as it is trusted with, and the tempo of what it says is changed for the rest. Characters misheard by
Whisper base of twenty sentences, mean and its standard error; and the time to the first sound, in turns.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from claude_narrator.models.base import EngineContext
from claude_narrator.models.engines import hibari
from claude_narrator.models.types import Language
from tests.bench.measure import time_ms
from tests.bench.references import LONG_ENGLISH
from tests.listening import Listener, character_error_rate, joined

EN = Language("en")
RATES = (1.0, 1.5, 2.0, 2.5, 3.0)
TRUSTED = (1.0, 1.25, 1.5)


def misheard(engine: hibari.Hibari, listener: Listener, texts: Sequence[str], rate: float) -> list[float]:
    """Return the characters that were wrong, of each hundred, by sentence."""
    return [
        100 * character_error_rate(text, listener.hear(joined(engine.synthesize(text, "", EN, rate)), EN), EN)
        for text in texts
    ]


def first_sounds_ms(engine: hibari.Hibari, texts: Sequence[str], rate: float) -> dict[float, float]:
    """Return the median time to the first chunk, by what the model is trusted with."""
    times: dict[float, list[float]] = {fastest: [] for fastest in TRUSTED}
    for text in texts:
        for fastest in TRUSTED:
            hibari.FASTEST_SPEED = fastest
            pieces = iter(engine.synthesize(text, "", EN, rate))
            times[fastest].append(time_ms(pieces.__next__))
    return {fastest: statistics.median(taken) for fastest, taken in times.items()}


def main() -> None:
    """Print a row for each rate and each trust."""
    listener, engine = Listener(), hibari.Hibari()
    engine.load(EngineContext())
    table = Table("rate", "of it the model's", "characters wrong, %", "worst", "first sound, ms", box=None)
    for rate in RATES:
        first_ms = first_sounds_ms(engine, LONG_ENGLISH, rate)
        for fastest in TRUSTED if rate > 1 else TRUSTED[:1]:
            hibari.FASTEST_SPEED = fastest
            wrong = misheard(engine, listener, LONG_ENGLISH, rate)
            error = statistics.stdev(wrong) / len(wrong) ** 0.5
            figures = (f"{statistics.mean(wrong):.1f} +-{error:.1f}", f"{max(wrong):.0f}")
            table.add_row(f"{rate}", f"{min(rate, fastest)}", *figures, f"{first_ms[fastest]:.0f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
