"""Translates a sentence and lets nothing out that fails the checks: again, by another, or not at all.

A translator that takes instructions is asked once more, strictly; then the next one is asked. Where nothing
but a name or a number is wanting, or a question may be an answer, the best of what came is taken and what is
wanting added; anything worse is `Rejected`, and the source stands. docs/adr/009 says what may leave early.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from claude_narrator.daemon.translation.attempts import Attempts, Task, Translator, Witness
from claude_narrator.daemon.translation.drafts import Draft, best_of
from claude_narrator.daemon.translation.faults import has_prose, pair_of
from claude_narrator.daemon.translation.masks import in_other_words
from claude_narrator.models.errors import EngineFailed, NarratorError


class Rejected(EngineFailed):
    """No translation of a sentence passed the checks."""

    code = "translation_rejected"


async def translated(
    task: Task, translators: Sequence[Translator], witness: Witness
) -> AsyncGenerator[str, None]:
    """Yield the translation of a sentence: its clauses when it streams, else all of it at once.

    One in which there is nothing but names and numbers is its own translation.
    When a translator fails after some clauses, the next one gives the whole sentence again.

    :raises Rejected: nothing that came passed the checks.
    :raises NarratorError: why the last of `translators` could not, when none of them gave anything.
    """
    pair = pair_of(task.text, task.source, task.target, task.hints.glossary, task.names)
    drafts = list[Draft]()
    if task.is_checked and not has_prose(pair):
        yield in_other_words(task.text, pair.kept)
        return
    error: NarratorError = EngineFailed("there is no translator")
    for number, translator in enumerate(translators):
        attempts = Attempts(task, pair, translator, witness)
        try:
            async with aclosing(attempts.run(may_stream=number == 0)) as clauses:
                async for clause in clauses:
                    yield clause
        except NarratorError as failure:
            witness.failed(translator.name, failure)
            error = failure
        if attempts.is_done:
            return
        drafts += attempts.drafts
        if (best := best_of(drafts, pair)) is not None:
            witness.worked(best.engine)
            yield best.text
            return
    raise Rejected("no translation passed the checks", "See: voice log") if drafts else error
