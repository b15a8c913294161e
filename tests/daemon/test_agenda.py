"""What comes next, sentence by sentence, with a name wherever another session is heard than before."""

from __future__ import annotations

from claude_narrator.daemon.agenda import Agenda, InForce
from claude_narrator.daemon.chime import CHIME
from claude_narrator.daemon.sentence import Sentence
from claude_narrator.daemon.settings import Speech
from claude_narrator.daemon.speech_queue import SpeechQueue
from claude_narrator.models.types import Language, Name, Priority, Seconds, Utterance

EN = Language("en")


class Names:
    """Names each session by its id."""

    def __init__(self) -> None:
        self.last = ""

    def heard(self, session: str) -> None:
        self.last = session

    def before(self, session: str, on_their_way: list[str], language: Language) -> str:
        assert language == "ja"
        last = on_their_way[-1] if on_their_way else self.last
        return "" if last in ("", session) else f"In {session}:"


class Talk:
    """An agenda of which a test takes the sentences; all that is taken is in flight until it is heard."""

    def __init__(self) -> None:
        self.queue, self.names = SpeechQueue(), Names()
        self.agenda = Agenda(self.queue, InForce(lambda session: Speech(language="ja")), self.names)
        self.in_flight: list[Sentence] = []

    def put(self, session: str, *sentences: str, priority: Priority = Priority.TEXT) -> None:
        name = f"{session}-{sentences[0]}"
        self.queue.put(Utterance(name, session, sentences, EN, Seconds(0.0), priority))

    def pop(self) -> str:
        sentence = self.agenda.pop(self.in_flight)
        if sentence is None:
            return ""
        self.in_flight.append(sentence)
        return sentence.text

    def all(self) -> list[str]:
        return list(iter(self.pop, ""))

    def hear(self) -> None:
        """Let the first sentence in flight be heard to its end."""
        self.names.heard(self.in_flight.pop(0).session)

    def interrupt(self) -> None:
        """Put back what is in flight, to be said again."""
        again, self.in_flight = [self.agenda.anew(each) for each in self.in_flight], []
        self.agenda.insert(again)


def test_each_change_is_named_once_in_the_language_heard_and_not_translated() -> None:
    talk = Talk()
    talk.put("a", "One.", "Two.")
    talk.put("b", "Three.", "Four.")
    talk.put("a", "Five.")
    assert talk.all() == ["One.", "Two.", "In b:", "Three.", "Four.", "In a:", "Five."]
    named = [each for each in talk.in_flight if each.introduces]
    assert [each.language for each in named] == ["ja", "ja"]


def test_a_chime_needs_no_name_and_changes_nothing() -> None:
    talk = Talk()
    talk.put("a", "One.")
    talk.put("b", CHIME)
    talk.put("a", "Two.")
    assert talk.all() == ["One.", CHIME, "Two."]


def test_who_was_interrupted_by_another_is_named_when_it_goes_on() -> None:
    talk = Talk()
    talk.put("a", "One.", "Two.")
    assert [talk.pop(), talk.pop()] == ["One.", "Two."]
    talk.hear()
    talk.put("b", "Now!", priority=Priority.IMPORTANT)
    talk.interrupt()
    assert talk.all() == ["In b:", "Now!", "In a:", "Two."]


def test_a_name_that_was_interrupted_is_said_where_it_is_needed_and_only_there() -> None:
    talk = Talk()
    talk.names.heard("a")
    talk.put("b", "One.")
    assert talk.pop() == "In b:"
    talk.put("b", "Now!", priority=Priority.IMPORTANT)
    talk.interrupt()
    assert talk.all() == ["In b:", "Now!", "One."]


def test_what_is_taken_back_holds_no_name_and_nothing_that_was_said() -> None:
    talk = Talk()
    talk.names.heard("a")
    talk.put("b", "One.", "Two.", "Three.")
    assert [talk.pop(), talk.pop()] == ["In b:", "One."]
    assert [each.sentences for each in talk.agenda.take_back("b")] == [("Two.", "Three.")]
    talk = Talk()
    talk.names.heard("a")
    talk.put("b", "One.", "Two.")
    assert talk.pop() == "In b:"
    talk.interrupt()
    assert [each.sentences for each in talk.agenda.take_back("b")] == [("One.", "Two.")]


def test_what_was_to_be_said_once_more_is_not_taken_back_when_all_of_it_has_been_heard() -> None:
    talk = Talk()
    talk.put("a", "One.")
    assert talk.pop() == "One."
    heard = talk.in_flight[0]
    talk.hear()
    talk.agenda.ended(heard.utterance)
    talk.agenda.insert([talk.agenda.anew(heard)])
    talk.put("a", "Two.")
    assert [each.sentences for each in talk.agenda.take_back("a")] == [("Two.",)]
    assert talk.all() == []


def test_sentences_that_are_to_be_said_once_more_cost_none_of_those_that_wait() -> None:
    talk = Talk()
    talk.put("a", "One.", "Two.", "Three.")
    assert [talk.pop(), talk.pop()] == ["One.", "Two."]
    again = [talk.agenda.anew(each) for each in (*talk.in_flight, *talk.in_flight)]
    talk.agenda.insert(again)
    assert [each.sentences for each in talk.agenda.take_back("a")] == [("One.", "Two.", "Three.")]


def test_each_sentence_has_its_own_names_and_who_speaks_has_none() -> None:
    talk, (one, two) = Talk(), (Name(0, 3, "one", str), Name(0, 3, "two", str))
    talk.names.heard("a")
    said = Utterance("u", "b", ("One.", "Two.", "Three."), EN, Seconds(0.0), names=((one,), (two,), ()))
    talk.queue.put(said)
    assert [talk.pop(), talk.pop()] == ["In b:", "One."]
    assert [each.names for each in talk.in_flight] == [(), (one,)]
    assert [each.names for each in talk.agenda.take_back("b")] == [((two,), ())]
