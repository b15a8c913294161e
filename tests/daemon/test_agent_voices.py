"""A subagent keeps its voice, and it is not the session's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.daemon.agent_voices import voice_of_agent
from claude_narrator.models.types import Language, Voice

EN, JA = Language("en"), Language("ja")
VOICES = [
    Voice("hibari/heart", "hibari", EN),
    Voice("kokoro/af_sky", "kokoro", Language("en-US")),
    Voice("kokoro/bm_fable", "kokoro", Language("en-GB")),
    Voice("kokoro/jf_alpha", "kokoro", JA),
]


@given(st.text(max_size=40))
def test_an_agent_keeps_its_voice_whatever_the_order_of_the_voices(agent: str) -> None:
    voice = voice_of_agent(agent, "hibari/heart", VOICES, EN)
    assert voice == voice_of_agent(agent, "hibari/heart", VOICES[::-1], EN)
    assert voice in ("kokoro/af_sky", "kokoro/bm_fable")


def test_agents_have_different_voices() -> None:
    chosen = {voice_of_agent(f"a{number}", "hibari/heart", VOICES, EN) for number in range(20)}
    assert chosen == {"kokoro/af_sky", "kokoro/bm_fable"}


def test_another_voice_of_the_engine_that_is_loaded_comes_first() -> None:
    assert voice_of_agent("a1", "kokoro/af_sky", VOICES, EN) == "kokoro/bm_fable"


def test_where_there_is_one_voice_alone_the_agent_has_that_one() -> None:
    assert voice_of_agent("a1", "kokoro/jf_alpha", VOICES, JA) == "kokoro/jf_alpha"
