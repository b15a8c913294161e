"""The sentences that were heard to their end, so that they can be said again. Pure."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable

from claude_narrator.daemon.sentence import Sentence

MAX_SENTENCES = 256
_REMEMBERED_SESSIONS = 256


class Heard:
    """What was heard last, oldest first; a sentence that is cut, or never sounds, is not in it."""

    def __init__(self) -> None:
        self._sentences: deque[Sentence] = deque(maxlen=MAX_SENTENCES)
        self.begun: Sentence | None = None

    def begin(self, sentence: Sentence) -> None:
        """Note that a sentence sounds."""
        self.begun = sentence

    def end(self, sentence: Sentence) -> None:
        """Note that a sentence has been heard to its end."""
        if self.begun is not None and sentence.id == self.begun.id:
            self._sentences.append(sentence)

    def find(self, sentence_id: str) -> Sentence | None:
        """Return the sentence with this id."""
        return next((each for each in self._sentences if each.id == sentence_id), None)

    def take(self, sentences: list[Sentence]) -> None:
        """Forget sentences, because they will be heard again."""
        ids = {each.id for each in sentences}
        kept = [each for each in self._sentences if each.id not in ids]
        self._sentences = deque(kept, maxlen=MAX_SENTENCES)

    def last(self, wanted: Callable[[Sentence], bool]) -> Sentence | None:
        """Return the newest sentence that is wanted."""
        return next((each for each in reversed(self._sentences) if wanted(each)), None)

    def of(self, group: str) -> list[Sentence]:
        """Return the sentences of a group, oldest first."""
        return [each for each in self._sentences if each.group == group]


class Replies:
    """Names the replies of every session: what a session says between two silences is one."""

    def __init__(self) -> None:
        self._silences: OrderedDict[str, int] = OrderedDict()
        self._number = self._everywhere = self._forgotten = 0

    def silence(self, session: str = "") -> None:
        """Note that a session falls silent, or all of them: what it says next is another reply."""
        self._number += 1
        if not session:
            self._everywhere = self._number
            return
        self._silences[session] = self._number
        self._silences.move_to_end(session)
        if len(self._silences) > _REMEMBERED_SESSIONS:
            _, self._forgotten = self._silences.popitem(last=False)

    def name_of(self, session: str) -> str:
        """Return the name of what a session says now; no other reply ever has it."""
        return f"{session} {max(self._silences.get(session, self._forgotten), self._everywhere)}"
