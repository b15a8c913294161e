from __future__ import annotations

from claude_narrator.daemon.speech_queue import SpeechQueue
from claude_narrator.models.types import Language, Priority, Seconds, Utterance

IMPORTANT, MESSAGE, TEXT = Priority.IMPORTANT, Priority.MESSAGE, Priority.TEXT
NOTIFICATION, PROGRESS = Priority.NOTIFICATION, Priority.PROGRESS


def utterance(name: str, priority: Priority = TEXT, session: str = "s", chars: int = 5) -> Utterance:
    return Utterance(name, session, ("x" * chars,), Language("en"), Seconds(0.0), priority)


def put_all(queue: SpeechQueue, *utterances: Utterance) -> list[str]:
    return [dropped.id for each in utterances for dropped in queue.put(each)]


def ids(queue: SpeechQueue) -> list[str]:
    return [each.id for each in queue.waiting()]


def ways(queue: SpeechQueue) -> list[tuple[str, bool]]:
    return [(way.utterance.id, way.again) for way in queue.making_way()]


def speaking(*utterances: Utterance) -> SpeechQueue:
    """A queue of which `utterances` have begun."""
    queue = SpeechQueue()
    for each in utterances:
        assert queue.put(each) == ()
        assert queue.take() == each
    return queue


def test_text_is_first_in_first_out() -> None:
    queue = SpeechQueue()
    put_all(queue, utterance("a"), utterance("b"))
    assert [queue.take(), queue.take(), queue.take()] == [utterance("a"), utterance("b"), None]


def test_a_message_postpones_text_that_waits_and_drops_none() -> None:
    queue = SpeechQueue()
    assert (
        put_all(queue, utterance("a"), utterance("m", MESSAGE), utterance("b"), utterance("n", MESSAGE)) == []
    )
    assert ids(queue) == ["m", "n", "a", "b"]


def test_what_is_important_goes_first_in_the_order_it_came() -> None:
    queue = SpeechQueue()
    important = [utterance(name, IMPORTANT) for name in "xy"]
    assert put_all(queue, utterance("m", MESSAGE), important[0], utterance("a"), important[1]) == []
    assert ids(queue) == ["x", "y", "m", "a"]


def test_what_is_important_interrupts_what_is_said_which_is_said_again() -> None:
    queue = speaking(utterance("a"), utterance("m", MESSAGE))
    put_all(queue, utterance("x", IMPORTANT))
    assert ways(queue) == [("a", True), ("m", True)]
    assert [each.id for each in queue.begun()] == ["a", "m"]


def test_what_is_important_does_not_interrupt_itself() -> None:
    queue = speaking(utterance("x", IMPORTANT))
    put_all(queue, utterance("y", IMPORTANT))
    assert ways(queue) == []


def test_a_message_does_not_interrupt_text() -> None:
    queue = speaking(utterance("a"))
    put_all(queue, utterance("m", MESSAGE))
    assert ways(queue) == []


def test_take_leaves_alone_what_does_not_go_before_what_has_been_taken() -> None:
    queue = SpeechQueue()
    put_all(queue, utterance("a"), utterance("m", MESSAGE))
    assert queue.take(before=IMPORTANT) is None
    assert queue.take(before=MESSAGE) is None
    assert queue.take(before=TEXT) == utterance("m", MESSAGE)


def test_a_notification_is_not_said_when_anything_else_waits_or_is_said() -> None:
    queue = SpeechQueue()
    assert put_all(queue, utterance("a"), utterance("n", NOTIFICATION)) == ["n"]
    queue.take()
    assert put_all(queue, utterance("o", NOTIFICATION)) == ["o"]
    queue.ended("a")
    assert put_all(queue, utterance("p", NOTIFICATION)) == []


def test_a_notification_that_waits_or_is_said_makes_way() -> None:
    queue = SpeechQueue()
    notifications = [utterance(name, NOTIFICATION) for name in "mn"]
    assert put_all(queue, *notifications, utterance("a")) == ["m", "n"]
    queue = speaking(utterance("n", NOTIFICATION))
    put_all(queue, utterance("o", NOTIFICATION))
    assert ways(queue) == [("n", False)]
    assert queue.begun() == ()
    assert ids(queue) == ["o"]


def test_the_last_progress_report_alone_waits_behind_everything_and_is_said_as_a_message() -> None:
    queue = SpeechQueue()
    reports = [utterance(name, PROGRESS) for name in ("10 %", "20 %")]
    assert put_all(queue, reports[0], utterance("a"), reports[1], utterance("b")) == ["10 %"]
    assert ids(queue) == ["a", "b", "20 %"]
    queue.take()
    queue.take()
    assert queue.take() == utterance("20 %", MESSAGE)


def test_a_progress_report_does_not_interrupt_another_one_and_is_said_at_once_when_nothing_is() -> None:
    queue = speaking(utterance("10 %", PROGRESS))
    assert put_all(queue, utterance("20 %", PROGRESS), utterance("30 %", PROGRESS)) == ["20 %"]
    assert ways(queue) == []
    queue.ended("10 %")
    assert queue.take() == utterance("30 %", MESSAGE)


def test_a_progress_report_that_waits_for_a_reply_is_said_as_a_message() -> None:
    queue = speaking(utterance("a"))
    assert put_all(queue, utterance("100 %", PROGRESS)) == []
    queue.ended("a")
    assert queue.take() == utterance("100 %", MESSAGE)


def test_a_progress_report_that_was_interrupted_is_said_after_all_unless_a_newer_one_waits() -> None:
    queue = speaking(utterance("10 %", PROGRESS))
    put_all(queue, utterance("a"))
    assert ways(queue) == [("10 %", False)]
    assert ids(queue) == ["a", "10 %"]
    queue = speaking(utterance("10 %", PROGRESS))
    put_all(queue, utterance("20 %", PROGRESS), utterance("a"))
    assert ways(queue) == [("10 %", False)]
    assert ids(queue) == ["a", "20 %"]


def test_too_many_drop_the_oldest_of_the_lowest_priority() -> None:
    queue = SpeechQueue(max_utterances=2)
    important = utterance("x", IMPORTANT)
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
    put_all(queue, utterance("a"), utterance("b", session="t"), utterance("c", MESSAGE))
    put_all(queue, utterance("d", Priority.IMPORTANT))
    assert [each.id for each in queue.take_back("s")] == ["c", "a"]
    assert ids(queue) == ["d", "b"]


def test_what_is_withdrawn_is_neither_said_nor_waited_for() -> None:
    queue = speaking(utterance("a"))
    put_all(queue, utterance("b"), utterance("c"))
    assert [each.id for each in queue.withdraw({"a", "b"})] == ["b"]
    assert ids(queue) == ["c"]
    assert queue.begun() == ()
