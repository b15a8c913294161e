"""What was heard, for the way back: the texts that sounded to their ends, and the names of replies."""

from __future__ import annotations

from dataclasses import replace

from claude_narrator.daemon.heard import Heard, Replies
from claude_narrator.daemon.sentence import Sentence
from claude_narrator.models.types import Language, VoiceChoice


def anything(_: Sentence) -> bool:
    return True


def sentence(text: str, group: str = "g") -> Sentence:
    return Sentence(text, "a", text, Language("en"), VoiceChoice(Language("en")), "auto", 0.0, group=group)


def test_heard_holds_what_sounded_to_its_end_alone() -> None:
    heard = Heard()
    heard.begin(sentence("one"))
    heard.end(sentence("one"))
    heard.end(sentence("never sounded"))
    assert heard.of("g") == [sentence("one")]
    assert heard.last(anything) == sentence("one")
    heard.take([sentence("one")])
    assert heard.last(anything) is None


def test_heard_is_bounded() -> None:
    heard = Heard()
    for number in range(1000):
        one = replace(sentence("one"), id=str(number))
        heard.begin(one)
        heard.end(one)
    assert len(heard.of("g")) == 256
    assert heard.find("743") is None
    assert heard.find("744") is not None


def test_a_silence_begins_another_reply_of_its_session_and_no_name_comes_twice() -> None:
    replies = Replies()
    first, other = replies.name_of("a"), replies.name_of("b")
    replies.silence("a")
    assert replies.name_of("a") not in (first, other)
    assert replies.name_of("b") == other
    seen = {replies.name_of("a")}
    for number in range(600):
        replies.silence(f"s{number}")
        seen.add(replies.name_of("a"))
    replies.silence()
    assert replies.name_of("a") not in seen
    assert replies.name_of("b") != other
