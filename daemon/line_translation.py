"""Translates a text of many lines at once, for whoever wants to read it."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Protocol

from claude_narrator.daemon.preceding import Preceding
from claude_narrator.daemon.text.language import detect_language
from claude_narrator.daemon.translation.attempts import Task, Translator
from claude_narrator.daemon.translation.checked import Rejected, translated
from claude_narrator.daemon.translation.faults import Kind
from claude_narrator.models.errors import BadInput, NarratorError
from claude_narrator.models.languages import same_language
from claude_narrator.models.types import Hints, Language

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Lines:
    """What came of a text: a translation for each line; `left` numbers those that stand as they were.

    `rejected` counts the attempts that did not pass the checks.
    """

    done: list[str] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    rejected: int = 0

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(self.done).strip()

    @property
    def note(self) -> str:
        """What a reader must know of the lines that are left, a line; "" when there are none."""
        if not self.left:
            return ""
        which = "line " + ", ".join(map(str, self.left[:10])) + ", ..." * (len(self.left) > 10)
        return f"no translation passed the checks, and it stands as it was written: {which}"


class Watches(Protocol):
    """Who shows how engines fare."""

    def unable(self, engine: str, error: NarratorError) -> None:
        """`engine` failed."""

    def answered(self, engine: str) -> None:
        """`engine` did its work."""


class Interpreter:
    """Translates lines of one text into one language; who has translated one of them goes on.

    A `Witness` of its own work, of which it tells `troubles`.
    """

    def __init__(
        self,
        translators: Sequence[Translator],
        target: Language,
        glossary: Mapping[str, str],
        troubles: Watches,
        is_checked: bool = True,
    ) -> None:
        """Take at least one translator, best first."""
        self._translators, self._target, self._glossary = list(translators), target, glossary
        self._troubles = troubles
        self._is_checked = is_checked
        self._preceding = Preceding()
        self.rejections = 0

    async def translate(self, line: str, source: Language) -> str:
        """Return the translation of a line, itself if it is in the target language already.

        :raises Rejected: no translation passed the checks.
        :raises NarratorError: why the last translator could not, or what each of them would refuse.
        """
        language = detect_language(line, source, self._target)
        if not line.strip() or same_language(language, self._target):
            return line
        before = self._preceding.then("", language, line)
        task = Task(line, language, self._target, Hints(self._glossary, before), is_checked=self._is_checked)
        async with aclosing(translated(task, self._translators, self)) as pieces:
            return "".join([piece async for piece in pieces])

    def failed(self, engine: str, error: NarratorError) -> None:
        """Say why in the log, and show it unless it is for the text alone."""
        _log.warning("%s failed: %s", engine, error.problem)
        if not isinstance(error, BadInput):
            self._troubles.unable(engine, error)

    def rejected(self, engine: str, faults: Collection[Kind]) -> None:
        """Say why in the log, and count: it has worked none the less."""
        self.rejections += 1
        self._troubles.answered(engine)
        _log.info("a translation by %s did not pass: %s", engine, ", ".join(sorted(faults)))

    def worked(self, engine: str) -> None:
        """Let it go on; what was wrong with it is over."""
        self._troubles.answered(engine)
        self._translators.sort(key=lambda each: each.name != engine)


async def translate_lines(lines: Sequence[str], source: Language, interpreter: Interpreter) -> Lines:
    """Return the translation of `lines`; one whose translation does not pass the checks stands as it is.

    :raises NarratorError: no translator could work, or each of them would refuse.
    """
    result = Lines()
    for number, line in enumerate(lines, start=1):
        try:
            result.done.append(await interpreter.translate(line, source))
        except Rejected:
            result.done.append(line)
            result.left.append(number)
    result.rejected = interpreter.rejections
    return result
