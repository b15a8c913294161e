"""Going back in what was heard: with the samples that the player has kept, else from the texts again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from claude_narrator.daemon.heard import Heard
from claude_narrator.daemon.player import Player
from claude_narrator.daemon.sentence import Sentence

HARDLY_S = 1.5
"""Of a sentence of which less than this was heard, `back` goes to the one before."""

Wanted = Callable[[Sentence], bool]


class Rewinding:
    """Brings sentences that were heard to their end before the one that sounds."""

    def __init__(
        self,
        player: Player,
        in_flight: dict[str, Sentence],
        start_over: Callable[[Sequence[Sentence]], None],
    ) -> None:
        """`in_flight` holds what the pipeline works on, in the order in which it will be heard.

        `start_over` is to say sentences from their texts, and then again what is in flight.
        """
        self._player, self._in_flight, self._start_over = player, in_flight, start_over
        self._heard = Heard()

    @property
    def session(self) -> str:
        """The session that is heard, or was heard last; empty before anything was."""
        return self._heard.begun.session if self._heard.begun else ""

    def begun(self, sentence: Sentence) -> None:
        """Note that a sentence sounds."""
        self._heard.begin(sentence)

    def ended(self, sentence: Sentence) -> None:
        """Note that a sentence has been heard to its end."""
        self._heard.end(sentence)

    def back(self, wanted: Wanted) -> bool:
        """Say the sentence that sounds again, or when it has hardly begun the one before that is `wanted`.

        Return False when there is none.
        """
        if self._player.restart(HARDLY_S):
            return True

        def newest(kept: Sequence[str]) -> Sequence[str]:
            return [each for each in kept if self._is_wanted(each, wanted)][-1:]

        if self._recall(newest):
            return True
        if older := self._heard.last(wanted):
            self._again_from_text([older])
        return bool(older or self._in_flight)

    def replay(self, wanted: Wanted) -> bool:
        """Say again what was heard of the last reply and is `wanted`; return False when that is nothing."""
        group = self._group(wanted)
        heard = [each for each in self._heard.of(group) if wanted(each)]

        def all_of_group(kept: Sequence[str]) -> Sequence[str]:
            if not {each.id for each in heard} <= set(kept):
                return ()
            return [each for each in kept if self._is_wanted(each, lambda s: s.group == group and wanted(s))]

        if not self._recall(all_of_group) and heard:
            self._again_from_text(heard)
        return bool(heard or self._in_flight)

    def _group(self, wanted: Wanted) -> str:
        """Return the group of the sentence that sounds, else of the one that was heard last."""
        begun = self._heard.begun
        if begun is not None and begun.id in self._in_flight:
            return begun.group
        last = self._heard.last(wanted)
        return last.group if last else ""

    def _is_wanted(self, sentence_id: str, wanted: Wanted) -> bool:
        sentence = self._known(sentence_id)
        return sentence is not None and wanted(sentence)

    def _known(self, sentence_id: str) -> Sentence | None:
        # One whose end the player has not reported yet counts as in flight.
        return self._in_flight.get(sentence_id) or self._heard.find(sentence_id)

    def _recall(self, choose: Callable[[Sequence[str]], Sequence[str]]) -> bool:
        found = [self._known(each) for each in self._player.recall(choose)]
        recalled = [sentence for sentence in found if sentence is not None]
        self._heard.take(recalled)
        following = {key: each for key, each in self._in_flight.items() if each not in recalled}
        self._in_flight.clear()
        self._in_flight.update({sentence.id: sentence for sentence in recalled})
        self._in_flight.update(following)
        return bool(recalled)

    def _again_from_text(self, sentences: list[Sentence]) -> None:
        self._heard.take(sentences)
        self._start_over(sentences)
