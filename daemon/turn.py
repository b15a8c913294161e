"""One turn of Claude: its messages put in order, its end reconciled with what the Stop hook says."""

from __future__ import annotations

from enum import Enum, auto

from claude_narrator.daemon.messages import Delta, Heard, Message
from claude_narrator.daemon.notices import notices_for
from claude_narrator.daemon.overlap import rest_of
from claude_narrator.models.types import Language, Priority, Seconds

STOP_GRACE_S = Seconds(0.3)
"""How long after Stop deltas may still come: three deliveries run at once, each takes up to 0.1 s."""
GAP_WAIT_S = Seconds(1.0)
"""How long a missing delta is waited for."""
REORDER_S = Seconds(0.05)
"""How long a message waits that may have overtaken a shorter one of its turn."""
MAX_WAITING_MESSAGES = 8
MAX_CLOSED_IDS = 1024
MAX_BLOCKS = 8
"""Messages of a turn whose text is kept, to tell what Stop's text adds."""


class Phase(Enum):
    """Text may come; Stop or the next turn came; all is said; nothing more may be said."""

    OPEN = auto()
    ENDING = auto()
    CLOSED = auto()
    DROPPED = auto()


class Turn:
    """What one prompt set off: messages one after the other, until Stop, a failure, or the next turn.

    Its methods return what is to be said next, in order.
    """

    def __init__(self, key: str, language: Language) -> None:
        """Start with nothing; `key` is the prompt's id."""
        self.key = key
        self.phase = Phase.OPEN
        self._language = language
        self._messages: list[Message] = []
        self._begun: Message | None = None
        self._last: Message | None = None
        self._shown: list[str] = []
        self._closed_ids: dict[str, None] = {}
        self._ends_s = Seconds(0.0)
        self._stop_text: str | None = None
        self._stop_s = Seconds(0.0)
        self._failed = False

    @property
    def running(self) -> bool:
        """True as long as something of this turn may have to be said before the next turn."""
        return self.phase in (Phase.OPEN, Phase.ENDING)

    @property
    def ending(self) -> bool:
        """True between the sign that the turn ends and its end."""
        return self.phase is Phase.ENDING

    @property
    def dropped(self) -> bool:
        """True when nothing more will be said of this turn, whatever comes."""
        return self.phase is Phase.DROPPED

    @property
    def crowded(self) -> bool:
        """True when more waits than a real turn would ever have waiting."""
        return len(self._messages) > MAX_WAITING_MESSAGES or any(each.overfull for each in self._messages)

    @property
    def next_due_s(self) -> Seconds | None:
        """When `advance` must be called even if nothing arrives."""
        moments: list[Seconds | None] = [self._ends_s] if self.phase is Phase.ENDING else []
        if self._messages:
            moments += [self._begins_s() if self._begun is None else self._gives_up_s()]
        return min((at for at in moments if at is not None), default=None)

    def display(self, message_id: str, index: int, delta: Delta) -> None:
        """Take a delta; one of a message that has been closed is late and dropped."""
        if self.phase is Phase.DROPPED or message_id in self._closed_ids:
            return
        message = next((each for each in self._messages if each.id == message_id), None)
        if message is None:
            message = Message(message_id, delta.arrived_s, self._language)
            self._messages.append(message)
        message.put(index, delta)
        if self.phase is Phase.CLOSED:
            self.phase = Phase.OPEN

    def stop(self, text: str, now: Seconds) -> None:
        """Begin to end, with `text` as the last message."""
        if self.phase is not Phase.DROPPED:
            self._end(now)
            self._stop_text, self._stop_s = text, now

    def fail(self, now: Seconds) -> None:
        """Begin to end with a notice that Claude failed."""
        if self.phase is not Phase.DROPPED:
            self._end(now)
            self._failed = True

    def give_way(self, now: Seconds) -> None:
        """Begin to end because the next turn has begun, though no Stop came."""
        if self.phase is Phase.OPEN:
            self._end(now)

    def drop(self) -> None:
        """Say nothing more, whatever comes."""
        self.phase = Phase.DROPPED
        self._messages.clear()
        self.forget()

    def forget(self) -> None:
        """Keep no text: nothing of this turn will be compared any more."""
        self._begun = self._last = None
        self._shown.clear()

    def advance(self, now: Seconds) -> list[Heard]:
        """Return what can be said by now."""
        heard: list[Heard] = []
        while (head := self._head(now)) and not self._blocked(head, heard, now):
            self._retire(head)
        if self.phase is Phase.ENDING and (now >= self._ends_s or self._settled()):
            heard += self.close(now)
        return heard

    def close(self, now: Seconds) -> list[Heard]:
        """Return what is left to be said, and be closed.

        Messages that began behind the one that Stop tells of stay: the stop was blocked and the turn goes on.
        """
        heard = self._failure(now) if self._failed else self._reconcile(now)
        self._stop_text = None
        if self._failed:
            self.drop()
        else:
            self.phase = Phase.OPEN if self._messages else Phase.CLOSED
        return heard

    def _end(self, now: Seconds) -> None:
        self.phase = Phase.ENDING
        self._ends_s = Seconds(now + STOP_GRACE_S)

    def _settled(self) -> bool:
        """Return whether nothing that the end tells of is outstanding."""
        if self._stop_text and not self._failed:
            return self._missing(self._stop_text) == ""
        return not self._messages and (self._failed or self._stop_text is not None)

    # The message at the front

    def _head(self, now: Seconds) -> Message | None:
        if self._begun is None and self._messages and now >= self._begins_s():
            self._begin()
        return self._begun

    def _begins_s(self) -> Seconds:
        """Return when the next message may begin. The first of a turn has overtaken nothing."""
        first = self._messages[0]
        if self._last is None or self.crowded:
            return first.seen_s
        return Seconds(first.seen_s + REORDER_S)

    def _begin(self) -> None:
        """Choose the next message: of those that came together, the first that is complete.

        Messages never overlap at their source: a complete one among incomplete ones has been overtaken.
        """
        until_s = self._messages[0].seen_s + REORDER_S
        together = [each for each in self._messages if each.seen_s <= until_s]
        chosen = next((each for each in together if each.complete), together[0])
        self._messages.remove(chosen)
        self._messages.insert(0, chosen)
        if self._last:
            chosen.expect_echo_of(self._last)
        self._begun = chosen

    def _blocked(self, head: Message, heard: list[Heard], now: Seconds) -> bool:
        """Say what can be said of `head`, and return whether the messages behind it have to wait."""
        heard += head.drain()
        gives_up_s = self._gives_up_s()
        while not head.done and gives_up_s is not None and now >= gives_up_s:
            heard += self._give_up(head, now)
            gives_up_s = self._gives_up_s()
        return not head.done

    def _gives_up_s(self) -> Seconds | None:
        """Return when the wait for the head's gap or its final delta is over; None when there is none."""
        head = self._begun
        if head is None or head.done:
            return None
        if self.crowded:
            return head.seen_s
        since = head.waits_for_gap_since
        if since is None and len(self._messages) > 1:
            since = self._messages[1].seen_s
        return None if since is None else Seconds(since + GAP_WAIT_S)

    def _give_up(self, head: Message, now: Seconds) -> list[Heard]:
        if head.waits_for_gap_since is not None:
            return head.skip_gap(now)
        return head.finish_unfinished(now, self._messages[1])

    def _retire(self, message: Message) -> None:
        self._messages.remove(message)
        self._begun = None
        self._closed_ids[message.id] = None
        self._remember(message)
        if len(self._closed_ids) > MAX_CLOSED_IDS:
            del self._closed_ids[next(iter(self._closed_ids))]

    def _remember(self, message: Message) -> None:
        self._last = message
        self._shown = [*self._shown[1 - MAX_BLOCKS :], message.text]

    # The end

    def _failure(self, now: Seconds) -> list[Heard]:
        notices = notices_for(self._language)
        notice = Heard((notices.failed,), notices.language, now, Priority.IMPORTANT)
        return [*self._flush(None, now), notice]

    def _reconcile(self, now: Seconds) -> list[Heard]:
        text = self._stop_text
        if text is None:
            return self._interrupted(now)
        if not text.strip():
            return self._flush(None, now)
        if target := self._shown_as(text):
            return self._flush(target, now) + self._complete(target, text)
        rest = self._missing(text)
        if rest == "":
            return []
        return self._flush(None, now) + self._say(text if rest is None else rest)

    def _shown_as(self, text: str) -> Message | None:
        """Return the open message that is `text` or a part of it."""
        begun = [each for each in reversed(self._messages) if each.text.strip()]
        same = next((each for each in begun if each.missing_of(text) is not None), None)
        if same or self._missing(text) == "":
            return same
        return next((each for each in reversed(self._messages) if each.shows_part_of(text)), None)

    def _missing(self, text: str, last: Message | None = None) -> str | None:
        """Return the end of `text` that was not displayed, None when all of it was not.

        `last` is the message at the end, by default the one retired last. A message with several blocks of
        text may have been displayed as several.
        """
        shown = [*self._shown, last.text] if last else self._shown
        for at in range(len(shown)):
            joined = "".join(shown[at:])
            if joined.strip() and (rest := rest_of(text, joined)) is not None:
                return rest
        last = last or self._last
        return last.missing_of(text) if last else None

    def _next(self) -> Message:
        if self._begun is None:
            self._begin()
        assert self._begun is not None
        return self._begun

    def _flush(self, until: Message | None, now: Seconds) -> list[Heard]:
        """Say all that is here of the messages before `until`, or of all."""
        heard: list[Heard] = []
        while self._messages and (head := self._next()) is not until:
            if len(self._messages) > 1:
                heard += head.finish_unfinished(now, self._messages[1])
            else:
                heard += head.flush(now)
            self._retire(head)
        return heard

    def _complete(self, head: Message, text: str) -> list[Heard]:
        heard = head.drain()
        if not head.done:
            heard += head.complete_with(self._missing(text, head) or "", self._stop_s)
        self._retire(head)
        return heard

    def _say(self, text: str) -> list[Heard]:
        """Say a text that no message displayed."""
        unseen = Message("", self._stop_s, self._language)
        heard = unseen.complete_with(text, self._stop_s)
        self._remember(unseen)
        return heard

    def _interrupted(self, now: Seconds) -> list[Heard]:
        """Say what waits behind gaps, but no sentence that was cut off."""
        heard: list[Heard] = []
        while self._messages:
            head = self._next()
            heard += head.drain()
            while head.waits_for_gap_since is not None:
                heard += head.skip_gap(now)
            if not head.done:
                head.abandon()
            self._retire(head)
        return heard
