"""What `voice status` shows as a problem, and what of it the listener is told once.

A problem of an engine goes away when that engine works again; that no engine could do a language goes away
when one can. A sentence that was lost for its own sake stays lost, and its reason stays.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable

from claude_narrator.daemon.notices import Notices, notices_for
from claude_narrator.daemon.sentence import Sentence
from claude_narrator.daemon.timelines import Stage
from claude_narrator.daemon.translation.checked import Rejected
from claude_narrator.models.engine_state import EngineGaveUp
from claude_narrator.models.errors import BadInput, EngineUnavailable, NarratorError
from claude_narrator.models.types import Language

_PASSING = (EngineGaveUp, EngineUnavailable, BadInput)
"""Errors that hold until an engine is there for the language; others are about one sentence."""

_log = logging.getLogger(__name__)


class Troubles:
    """The `Reports` of the pipeline. `problems` are one line each, by what they are about.

    `say` speaks a notice: (sentence it is about, text, language of the text).
    """

    def __init__(self, say: Callable[[Sentence, str, Language], None]) -> None:
        self.problems: OrderedDict[str, str] = OrderedDict()
        self._say = say
        self._announced: set[tuple[str, str]] = set()

    def failed(self, sentence: Sentence, error: NarratorError, stage: Stage) -> None:
        """Keep why `sentence` did not reach `stage`, and tell once."""
        _log.warning("sentence %s was not %s: %s", sentence.id, stage, error)
        passing = stage is Stage.TRANSLATED or isinstance(error, _PASSING)
        self.problems[_about(sentence, stage) if passing else error.code] = str(error)
        is_unfit = isinstance(error, Rejected)
        notices = notices_for(sentence.choice.language if is_unfit else sentence.language)
        untranslated = notices.unfit if is_unfit else notices.untranslated
        text = untranslated if stage is Stage.TRANSLATED else notices.unspoken
        self._announce((error.code, error.problem), sentence, notices, text)

    def broke_off(self, sentence: Sentence, engine: str, error: NarratorError) -> None:
        """Keep why the rest of `sentence` is not heard."""
        _log.warning("sentence %s broke off: %s", sentence.id, error)
        self.problems[error.code] = f"{engine} broke off in a sentence: {error}"

    def replaced(self, sentence: Sentence, engine: str, error: NarratorError, by: str, stage: Stage) -> None:
        """Keep why `engine` is not heard and who stands in for it, and tell once an engine."""
        does = "translates" if stage is Stage.TRANSLATED else "speaks"
        line = f"{error.problem}; {by} {does} instead"
        self.problems[engine] = f"{line}. {error.hint}" if error.hint else line
        notices = notices_for(sentence.choice.language)
        text = notices.other_translator if stage is Stage.TRANSLATED else notices.other_voice
        self._announce((engine, "replaced"), sentence, notices, text)

    def unable(self, engine: str, error: NarratorError) -> None:
        """Keep why `engine` could not; what became of its sentence is told with that."""
        self.problems[engine] = str(error)

    def answered(self, engine: str) -> None:
        """Forget what was wrong with `engine`."""
        if self.problems.pop(engine, None) is not None:
            _log.info("%s works again", engine)

    def worked(self, sentence: Sentence, engine: str, stage: Stage) -> None:
        """Forget what was wrong with `engine` and with the language."""
        self.answered(engine)
        self.problems.pop(_about(sentence, stage), None)

    def _announce(self, what: tuple[str, str], sentence: Sentence, notices: Notices, text: str) -> None:
        if what not in self._announced:
            self._announced.add(what)
            self._say(sentence, text, notices.language)


def _about(sentence: Sentence, stage: Stage) -> str:
    """The key of a problem that is no engine's own: no engine has a space in its name."""
    return f"{stage} {sentence.choice.language}"
