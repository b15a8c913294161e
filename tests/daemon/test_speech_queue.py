from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from claude_narrator.daemon.speech_queue import SpeechQueue
from claude_narrator.models.types import Language, Priority, Seconds, Utterance

MAX_UTTERANCES, MAX_CHARS = 6, 60
READING = (Priority.TEXT, Priority.MESSAGE)


def utterance(name: str, priority: Priority = Priority.TEXT, session: str = "s", chars: int = 5) -> Utterance:
    return Utterance(name, session, ("x" * chars,), Language("en"), Seconds(0.0), priority)


def put_all(queue: SpeechQueue, *utterances: Utterance) -> list[str]:
    return [dropped.id for each in utterances for dropped in queue.put(each)]


def ids(queue: SpeechQueue) -> list[str]:
    return [each.id for each in queue.waiting()]


def test_text_is_first_in_first_out() -> None:
    queue = SpeechQueue()
    put_all(queue, utterance("a"), utterance("b", Priority.MESSAGE), utterance("c"))
    assert [queue.take(), queue.take(), queue.take(), queue.take()] == [
        utterance("a"),
        utterance("b", Priority.MESSAGE),
        utterance("c"),
        None,
    ]


def test_what_is_important_goes_first() -> None:
    queue = SpeechQueue()
    important = [utterance(name, Priority.IMPORTANT) for name in "xy"]
    assert put_all(queue, utterance("a"), important[0], utterance("b"), important[1]) == []
    assert ids(queue) == ["x", "y", "a", "b"]


def test_a_notification_is_not_said_when_anything_else_waits() -> None:
    queue = SpeechQueue()
    assert put_all(queue, utterance("a"), utterance("n", Priority.NOTIFICATION)) == ["n"]
    assert ids(queue) == ["a"]


def test_a_notification_that_waits_makes_way() -> None:
    queue = SpeechQueue()
    notifications = [utterance(name, Priority.NOTIFICATION) for name in "mn"]
    assert put_all(queue, *notifications, utterance("a")) == ["m", "n"]


def test_the_last_progress_report_alone_waits_behind_everything() -> None:
    queue = SpeechQueue()
    reports = [utterance(name, Priority.PROGRESS) for name in ("10 %", "20 %")]
    assert put_all(queue, reports[0], utterance("a"), reports[1], utterance("b")) == ["10 %"]
    assert ids(queue) == ["a", "b", "20 %"]


def test_too_many_drop_the_oldest_of_the_lowest_priority() -> None:
    queue = SpeechQueue(max_utterances=2)
    important = utterance("x", Priority.IMPORTANT)
    assert put_all(queue, important, utterance("a"), utterance("b")) == ["a"]
    assert ids(queue) == ["x", "b"]


def test_too_much_text_drops_until_it_fits_even_what_just_came() -> None:
    queue = SpeechQueue(max_chars=10)
    assert put_all(queue, utterance("a"), utterance("b"), utterance("c", chars=8)) == ["a", "b"]
    assert put_all(queue, utterance("d", chars=11)) == ["c", "d"]
    assert len(queue) == 0


def test_silence_drops_one_session_or_all_and_begins_a_new_generation() -> None:
    queue = SpeechQueue()
    put_all(queue, utterance("a"), utterance("b", session="t"), utterance("c"))
    before = queue.generation
    assert [each.id for each in queue.silence("s")] == ["a", "c"]
    assert ids(queue) == ["b"]
    assert [each.id for each in queue.silence()] == ["b"]
    assert queue.generation == before + 2


def test_what_waits_of_a_session_can_be_taken_back_but_for_what_is_important() -> None:
    queue = SpeechQueue()
    put_all(queue, utterance("a"), utterance("b", session="t"), utterance("c", Priority.MESSAGE))
    put_all(queue, utterance("d", Priority.IMPORTANT))
    assert [each.id for each in queue.withdraw("s")] == ["a", "c"]
    assert ids(queue) == ["d", "b"]


class QueueMachine(RuleBasedStateMachine):
    """Against a model that keeps everything ever put, and asks of each whether it may still wait."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = SpeechQueue(MAX_UTTERANCES, MAX_CHARS)
        self.waiting: list[Utterance] = []
        self.put_count = 0
        self.silences = 0

    @rule(
        priority=st.sampled_from(Priority),
        session=st.sampled_from(["s", "t"]),
        chars=st.integers(0, MAX_CHARS + 5),
    )
    def put(self, priority: Priority, session: str, chars: int) -> None:
        self.put_count += 1
        new = utterance(f"{self.put_count:04}", priority, session, chars)
        expected = self.dropped_by(new)
        assert sorted(each.id for each in self.queue.put(new)) == sorted(each.id for each in expected)
        self.waiting = [each for each in [*self.waiting, new] if each not in expected]

    @rule()
    def take(self) -> None:
        taken = self.queue.take()
        assert taken == (min(self.waiting, key=turn_of) if self.waiting else None)
        self.waiting = [each for each in self.waiting if each != taken]

    @rule(session=st.sampled_from(["", "s", "t", "nobody"]))
    def silence(self, session: str) -> None:
        self.silences += 1
        gone = [each for each in self.waiting if not session or each.session == session]
        assert set(self.queue.silence(session)) == set(gone)
        self.waiting = [each for each in self.waiting if each not in gone]

    @rule(session=st.sampled_from(["s", "t", "nobody"]))
    def withdraw(self, session: str) -> None:
        own = [e for e in self.waiting if e.session == session and e.priority is not Priority.IMPORTANT]
        assert list(self.queue.withdraw(session)) == sorted(own, key=turn_of)
        self.waiting = [each for each in self.waiting if each not in own]

    def dropped_by(self, new: Utterance) -> list[Utterance]:
        """Return what leaves the model, by id: ids grow, so the oldest has the least."""
        everything = [*self.waiting, new]
        dropped: list[Utterance] = []
        for kind in (Priority.PROGRESS, Priority.NOTIFICATION):
            dropped += sorted((e for e in everything if e.priority is kind), key=lambda e: e.id)[:-1]
        if any(each.priority is not Priority.NOTIFICATION for each in everything):
            dropped += [e for e in everything if e.priority is Priority.NOTIFICATION and e not in dropped]
        left = [each for each in everything if each not in dropped]
        while len(left) > MAX_UTTERANCES or sum(len(each.sentences[0]) for each in left) > MAX_CHARS:
            least = min(left, key=lambda each: (each.priority, each.id))
            left.remove(least)
            dropped.append(least)
        return dropped

    @invariant()
    def waits_in_the_order_of_the_model(self) -> None:
        assert list(self.queue.waiting()) == sorted(self.waiting, key=turn_of)
        assert len(self.queue) == len(self.waiting)
        assert self.queue.generation == self.silences

    @invariant()
    def a_session_keeps_its_order(self) -> None:
        for session in ("s", "t"):
            for kinds in ((Priority.IMPORTANT,), READING):
                own = [e.id for e in self.queue.waiting() if e.session == session and e.priority in kinds]
                assert own == sorted(own)


def turn_of(each: Utterance) -> tuple[int, str]:
    rank = {Priority.IMPORTANT: 0, Priority.PROGRESS: 2}.get(each.priority, 1)
    return rank, each.id


TestQueueMachine = QueueMachine.TestCase
TestQueueMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
