"""The queue against a model that forgets nothing, over histories that Hypothesis makes up."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from claude_narrator.daemon.speech_queue import MakesWay, SpeechQueue
from claude_narrator.models.types import Priority, Utterance
from tests.daemon.test_speech_queue import (
    IMPORTANT,
    MESSAGE,
    NOTIFICATION,
    PROGRESS,
    TEXT,
    utterance,
)

MAX_UTTERANCES, MAX_CHARS = 6, 60


class Entry:
    """What the model knows of one utterance: everything ever put, with what became of it."""

    def __init__(self, utterance: Utterance, number: int) -> None:
        self.utterance, self.number = utterance, number
        self.priority = utterance.priority
        self.state = "waits"
        self.late = False


class QueueMachine(RuleBasedStateMachine):
    """Against a model that forgets nothing and asks of each utterance, rule by rule, what becomes of it."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = SpeechQueue(MAX_UTTERANCES, MAX_CHARS)
        self.all: list[Entry] = []
        self.silences = 0

    def those(self, state: str, *priorities: Priority) -> list[Entry]:
        chosen = priorities or tuple(Priority)
        return [each for each in self.all if each.state == state and each.priority in chosen]

    @rule(
        priority=st.sampled_from(Priority),
        session=st.sampled_from(["s", "t"]),
        chars=st.integers(0, 12) | st.integers(0, MAX_CHARS + 5),
    )
    def put(self, priority: Priority, session: str, chars: int) -> None:
        self.put_one(priority, session, chars)

    @rule(priority=st.sampled_from([NOTIFICATION, PROGRESS]))
    def put_what_is_dropped_easily(self, priority: Priority) -> None:
        self.put_one(priority, "s", 1)

    @rule()
    def take_next(self) -> None:
        self.take_one(None)

    @rule(before=st.sampled_from(Priority))
    def take(self, before: Priority) -> None:
        self.take_one(before)

    def put_one(self, priority: Priority, session: str, chars: int) -> None:
        number = len(self.all)
        new = Entry(utterance(f"{number:04}", priority, session, chars), number)
        others = [*self.those("waits"), *self.those("begun")]
        dropped: list[Entry] = []
        if priority is NOTIFICATION and any(each.priority is not NOTIFICATION for each in others):
            dropped.append(new)
        else:
            dropped += self.those("waits", NOTIFICATION)
            dropped += self.those("waits", PROGRESS) if priority is PROGRESS else []
        if new not in dropped:
            left = [*[each for each in self.those("waits") if each not in dropped], new]
            if others:
                for each in left:
                    each.late = each.late or each.priority is PROGRESS
            dropped += self.too_much(left)
        self.all.append(new)
        assert {each.id for each in self.queue.put(new.utterance)} == {each.utterance.id for each in dropped}
        for each in dropped:
            each.state = "dropped"

    def too_much(self, left: list[Entry]) -> list[Entry]:
        dropped = []
        while (
            len(left) > MAX_UTTERANCES or sum(len(each.utterance.sentences[0]) for each in left) > MAX_CHARS
        ):
            least = min(left, key=lambda each: (each.priority, each.number))
            left.remove(least)
            dropped.append(least)
        return dropped

    def take_one(self, before: Priority | None) -> None:
        taken = self.queue.take(before)
        line = sorted(self.those("waits"), key=turn_of)
        first = line[0] if line else None
        if first and before is not None and turn_of(first)[0] >= RANKS[before]:
            first = None
        assert (taken and taken.id) == (first and first.utterance.id)
        if first and taken:
            first.state = "begun"
            first.priority = MESSAGE if first.late else first.priority
            first.late = False
            assert taken.priority is first.priority

    @rule()
    def make_way(self) -> None:
        waiting = {each.priority for each in self.those("waits")}
        expected = set()
        for each in self.those("begun", TEXT, MESSAGE):
            if IMPORTANT in waiting:
                expected.add((each.utterance.id, True))
        cut = self.those("begun", NOTIFICATION) if waiting else []
        cut += self.those("begun", PROGRESS) if waiting & {IMPORTANT, MESSAGE, TEXT} else []
        expected |= {(each.utterance.id, False) for each in cut}
        stops: tuple[MakesWay, ...] = self.queue.making_way()
        assert {(way.utterance.id, way.again) for way in stops} == expected
        for each in cut:
            comes_back = each.priority is PROGRESS and PROGRESS not in waiting
            each.state, each.late = ("waits", True) if comes_back else ("dropped", False)
            waiting |= {each.priority} if comes_back else set()

    @precondition(lambda self: self.those("begun"))
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        entry = data.draw(st.sampled_from(self.those("begun")))
        self.queue.ended(entry.utterance.id)
        entry.state = "said"

    @precondition(lambda self: self.all)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        chosen = data.draw(st.lists(st.sampled_from(self.all), max_size=3))
        gone = [each for each in chosen if each.state == "waits"]
        withdrawn = self.queue.withdraw({each.utterance.id for each in chosen})
        assert {each.id for each in withdrawn} == {each.utterance.id for each in gone}
        for each in chosen:
            each.state = "dropped" if each.state in ("waits", "begun") else each.state

    @rule(session=st.sampled_from(["s", "t", "nobody"]))
    def take_back(self, session: str) -> None:
        own = [e for e in self.those("waits") if e.utterance.session == session]
        gone = sorted((e for e in own if e.priority is not IMPORTANT), key=turn_of)
        assert [e.id for e in self.queue.take_back(session)] == [e.utterance.id for e in gone]
        for each in gone:
            each.state = "dropped"

    @rule(session=st.sampled_from(["", "s", "t", "nobody"]))
    def silence(self, session: str) -> None:
        self.silences += 1
        of_it = [each for each in self.all if not session or each.utterance.session == session]
        gone = {each.utterance.id for each in of_it if each.state == "waits"}
        assert {each.id for each in self.queue.silence(session)} == gone
        for each in of_it:
            each.state = "dropped" if each.state in ("waits", "begun") else each.state

    @invariant()
    def waits_in_the_order_of_the_model(self) -> None:
        line = [each.utterance.id for each in sorted(self.those("waits"), key=turn_of)]
        assert [each.id for each in self.queue.waiting()] == line
        assert len(self.queue) == len(line)
        assert {each.id for each in self.queue.begun()} == {e.utterance.id for e in self.those("begun")}
        assert self.queue.generation == self.silences

    @invariant()
    def a_session_keeps_its_order(self) -> None:
        for session in ("s", "t"):
            for priority in (IMPORTANT, MESSAGE, TEXT):
                waiting = self.queue.waiting()
                own = [e.id for e in waiting if e.session == session and e.priority is priority]
                assert own == sorted(own)

    @invariant()
    def a_notification_never_waits_among_others(self) -> None:
        notified = [each for each in self.queue.waiting() if each.priority is NOTIFICATION]
        assert not notified or len(self.queue) == 1

    @invariant()
    def at_most_one_report_waits(self) -> None:
        assert sum(each.priority is PROGRESS for each in self.queue.waiting()) <= 1


RANKS = {IMPORTANT: 0, MESSAGE: 1, TEXT: 2, NOTIFICATION: 3, PROGRESS: 4}


def turn_of(each: Entry) -> tuple[int, int]:
    return RANKS[each.priority], each.number


TestQueueMachine = QueueMachine.TestCase
TestQueueMachine.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
