"""Which sentences came before: what a translator is told so that "it" and "they" mean something."""

from __future__ import annotations

from collections import OrderedDict, deque

from claude_narrator.models.languages import same_language
from claude_narrator.models.types import Language

SENTENCES = 2
_REMEMBERED_SESSIONS = 256


class Preceding:
    """The last sentences of each session, as they were written."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[str, deque[tuple[Language, str]]] = OrderedDict()

    def then(self, session: str, language: Language, text: str) -> tuple[str, ...]:
        """Return what came just before `text`, up to SENTENCES and in its language, and remember `text`."""
        recent = self._sessions.pop(session, None) or deque(maxlen=SENTENCES)
        before = tuple(said for tag, said in recent if same_language(tag, language))
        recent.append((language, text))
        self._sessions[session] = recent
        while len(self._sessions) > _REMEMBERED_SESSIONS:
            self._sessions.popitem(last=False)
        return before
