"""Real-looking replies and what is said of them."""

from __future__ import annotations

from collections import Counter

import pytest

from claude_narrator.daemon.text.growing import GrowingText
from claude_narrator.daemon.text.outline import Spoken, texts_of
from claude_narrator.daemon.text.speakable import speakable_sentences
from tests.daemon.text.corpus import Reply, replies

_REPLIES = [pytest.param(reply, id=f"{reply.topic}: {reply.name}") for reply in replies()]


@pytest.mark.parametrize("reply", _REPLIES)
def test_a_reply_is_said_as_the_corpus_expects(reply: Reply) -> None:
    assert speakable_sentences(reply.markdown, reply.language, reply.style) == reply.said


@pytest.mark.parametrize("reply", _REPLIES)
def test_a_reply_that_comes_in_pieces_is_said_the_same(reply: Reply) -> None:
    for chars in (1, 7, 40):
        text = GrowingText(reply.language, reply.style)
        said: list[Spoken] = []
        for at in range(0, len(reply.markdown), chars):
            said += (*text.append(reply.markdown[at : at + chars]), *text.ahead())
        assert texts_of((*said, *text.finish())) == reply.said


@pytest.mark.parametrize("reply", _REPLIES)
def test_what_is_said_would_be_said_unchanged(reply: Reply) -> None:
    assert speakable_sentences("\n\n".join(reply.said), reply.language) == reply.said


def test_the_corpus_is_large_and_has_no_reply_twice() -> None:
    corpus = replies()
    assert len({(reply.topic, reply.name) for reply in corpus}) == len({reply.markdown for reply in corpus})
    assert len(corpus) >= 300
    assert Counter(reply.language for reply in corpus)["ja"] >= 35
