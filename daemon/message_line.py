"""The messages of one turn, one after the other, and what of the Stop hook's text they have shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

from claude_narrator.daemon.messages import PIECE_CHARS, Delta, Heard, Message
from claude_narrator.daemon.overlap import rest_of
from claude_narrator.daemon.text_style import StyleSource, default_style
from claude_narrator.models.types import Language, Passage, Seconds

GAP_WAIT_S = Seconds(1.0)
"""How long a missing delta is waited for."""
REORDER_S = Seconds(0.05)
"""How long a message waits that may have overtaken a shorter one of its turn."""
MAX_WAITING_MESSAGES = 8
MAX_CLOSED_IDS = 1024
MAX_BLOCKS = 8
"""Messages whose text is kept after their end, to tell what Stop's text adds."""


@dataclass(frozen=True, slots=True)
class LastMessage:
    """What Stop says the last message is; `arrived_s` is when it said so."""

    text: str
    arrived_s: Seconds

    def is_before(self, message: Message) -> bool:
        """Return whether `message` came later: the stop was blocked, and the turn went on."""
        return message.seen_s >= self.arrived_s and not message.shows_part_of(self.text)


@dataclass(frozen=True, slots=True)
class Shown:
    """The text of a message that has ended."""

    text: str
    passage: Passage


class MessageLine:
    """Messages in the order in which they began: only the first of them is heard.

    Methods return what is to be said next, in order. `stop` is what Stop said, until all of it is heard.
    """

    def __init__(self, language: Language, turn: int, style: StyleSource = default_style) -> None:
        """Start empty; `language` is what Claude writes unless the script says otherwise."""
        self._language, self._style = language, style
        self._passage = Passage(turn)
        self._messages: list[Message] = []
        self._begun: Message | None = None
        self._last: Message | None = None
        self._shown: list[Shown] = []
        self._closed_ids: dict[str, None] = {}

    @property
    def empty(self) -> bool:
        """True when no message is open."""
        return not self._messages

    @property
    def crowded(self) -> bool:
        """True when more waits than a real turn would ever have waiting."""
        return len(self._messages) > MAX_WAITING_MESSAGES or any(each.overfull for each in self._messages)

    def next_due_s(self, stop: LastMessage | None) -> Seconds | None:
        """Return when `go_on` must be called even if nothing arrives."""
        if not self._messages:
            return None
        if self._begun is None:
            return self._begins_s(stop)
        return self._begun.seen_s if self._begun.ready else self._gives_up_s(self._begun)

    def put(self, message_id: str, index: int, delta: Delta) -> None:
        """Take a delta; one of a message that has been closed is late and dropped."""
        if message_id in self._closed_ids:
            return
        message = next((each for each in self._messages if each.id == message_id), None)
        if message is None:
            message = Message(message_id, delta.arrived_s, self._language, self._style)
            self._messages.append(message)
        message.put(index, delta)

    def go_on(self, now: Seconds, stop: LastMessage | None) -> list[Heard]:
        """Return what can be said by now."""
        heard: list[Heard] = []
        while self._messages and (self._begun or now >= self._begins_s(stop)):
            head = self._head()
            heard += self._hear(head, now)
            if not head.done:
                break
            self._retire(head)
        return heard

    def flush(self, now: Seconds, until: Message | None = None) -> list[Heard]:
        """Return all that is here of the messages before `until`, or of all."""
        heard: list[Heard] = []
        while self._messages and (head := self._head()) is not until:
            following = self._messages[1:2]
            heard += head.finish_unfinished(now, following[0]) if following else head.flush(now)
            self._retire(head)
        return heard

    def interrupt(self, now: Seconds) -> list[Heard]:
        """Return all that waits behind gaps, but no sentence that was cut off."""
        heard: list[Heard] = []
        while self._messages:
            head = self._head()
            heard += head.drain()
            while head.waits_for_gap_since is not None:
                heard += head.skip_gap(now)
            if not head.done:
                head.abandon()
            self._retire(head)
        return heard

    def reconcile(self, stop: LastMessage, now: Seconds) -> list[Heard]:
        """Return what is missing of the turn up to its last message; messages behind that one stay."""
        if target := self._open_part_of(stop.text):
            return self.flush(now, target) + self._complete(target, stop)
        rest = self.missing_of(stop.text)
        if rest == "":
            return []
        behind = next(filter(stop.is_before, self._messages), None)
        begun = self._last.passage if self._last and rest is not None else None
        heard = self.flush(now, behind)
        text = stop.text if rest is None else rest
        return heard + self._say(text, stop, begun or self._next_passage())

    def missing_of(self, text: str, head: Message | None = None) -> str | None:
        """Return the end of `text` that was not displayed, None when all of it was not.

        `head` is the open message at the end of what was displayed. A message with several blocks of text may
        have been displayed as several.
        """
        shown = [*self._shown, Shown(head.text, head.passage)] if head else self._shown
        for at in range(len(shown)):
            if (rest := _rest_behind(shown[at:], text)) is not None:
                return rest
        last = head or self._last
        return last.missing_of(text) if last else None

    def passages_of(self, text: str) -> tuple[Passage, ...]:
        """Return the messages that show `text`; the last one when none does, as of an empty text."""
        for at in range(len(self._shown)):
            if _rest_behind(self._shown[at:], text) is not None:
                return tuple(each.passage for each in self._shown[at:])
        return tuple(each.passage for each in self._shown[-1:])

    def clear(self) -> None:
        """Keep nothing but the ids."""
        self._messages.clear()
        self._begun = self._last = None
        self._shown.clear()

    def _begins_s(self, stop: LastMessage | None) -> Seconds:
        """Return when the next message may begin. The first of a turn has overtaken nothing."""
        first = self._messages[0]
        if stop and stop.text and stop.is_before(first):
            return Seconds(inf)
        if self._last is None or self.crowded:
            return first.seen_s
        return Seconds(first.seen_s + REORDER_S)

    def _head(self) -> Message:
        """Return the message at the front, chosen now if none has begun: the first that is complete.

        Messages never overlap at their source: a complete one among incomplete ones has been overtaken.
        """
        if self._begun is None:
            until_s = self._messages[0].seen_s + REORDER_S
            together = [each for each in self._messages if each.seen_s <= until_s]
            self._begun = next((each for each in together if each.complete), together[0])
            self._messages.remove(self._begun)
            self._messages.insert(0, self._begun)
            self._begun.passage = self._next_passage()
            if self._last:
                self._begun.expect_echo_of(self._last)
        return self._begun

    def _hear(self, head: Message, now: Seconds) -> list[Heard]:
        """Say what can be said of `head`, and give up waiting for more of it when it is time."""
        heard = head.drain(at_most_chars=PIECE_CHARS)
        if head.ready:
            return heard  # the rest is due at once, but after what else waits in the daemon
        while (gives_up_s := self._gives_up_s(head)) is not None and now >= gives_up_s:
            if head.waits_for_gap_since is not None:
                heard += head.skip_gap(now)
            else:
                heard += head.finish_unfinished(now, self._messages[1])
        return heard

    def _gives_up_s(self, head: Message) -> Seconds | None:
        """Return when the wait for the head's gap or its final delta is over; None when there is none."""
        if head.done:
            return None
        since = head.waits_for_gap_since
        if since is None and len(self._messages) > 1:
            since = self._messages[1].seen_s
        if since is None or self.crowded:
            return since
        return Seconds(since + GAP_WAIT_S)

    def _retire(self, message: Message) -> None:
        self._messages.remove(message)
        self._begun = None
        self._closed_ids[message.id] = None
        self._remember(message)
        if len(self._closed_ids) > MAX_CLOSED_IDS:
            del self._closed_ids[next(iter(self._closed_ids))]

    def _remember(self, message: Message) -> None:
        self._last = message
        self._shown = [*self._shown[1 - MAX_BLOCKS :], Shown(message.text, message.passage)]

    def _next_passage(self) -> Passage:
        self._passage = replace(self._passage, message=self._passage.message + 1)
        return self._passage

    def _open_part_of(self, text: str) -> Message | None:
        """Return the open message that is `text`, or else a part of it."""
        newest_first = list(reversed(self._messages))
        begun = [each for each in newest_first if each.text.strip()]
        same = next((each for each in begun if each.missing_of(text) is not None), None)
        if same or self.missing_of(text) == "":
            return same
        return next((each for each in newest_first if each.shows_part_of(text)), None)

    def _complete(self, head: Message, stop: LastMessage) -> list[Heard]:
        heard = head.drain()
        if not head.done:
            heard += head.complete_with(self.missing_of(stop.text, head) or "", stop.arrived_s)
        self._retire(head)
        return heard

    def _say(self, text: str, stop: LastMessage, passage: Passage) -> list[Heard]:
        """Say a text that no message displayed."""
        unseen = Message("", stop.arrived_s, self._language, self._style)
        unseen.passage = passage
        heard = unseen.complete_with(text, stop.arrived_s)
        self._remember(unseen)
        return heard


def _rest_behind(shown: Sequence[Shown], text: str) -> str | None:
    """Return `text` behind what was `shown`; None when it does not begin with that."""
    joined = "".join(each.text for each in shown)
    return rest_of(text, joined) if joined.strip() else None
