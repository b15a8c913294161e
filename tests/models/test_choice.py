"""A voice is found by its name alone as long as one engine that can run has it."""

from __future__ import annotations

import pytest

from claude_narrator.models.choice import (
    explain_no_engine,
    meant_voice,
    spoken_languages,
    taken_names,
    voice_ids,
)
from claude_narrator.models.declaration import Declaration
from claude_narrator.models.errors import UnknownVoice
from claude_narrator.models.registry import EngineRecord, EngineStatus
from claude_narrator.models.types import Language

EN, JA = Language("en"), Language("ja")


def _record(name: str, *voices: str, status: EngineStatus = EngineStatus.READY) -> EngineRecord:
    declaration = Declaration(kind="synthesizer", voices={EN: voices, JA: voices[:1]})
    return EngineRecord(name, "module:Class", declaration, status)


HERE, ALSO = _record("here", "anna", "bert"), _record("also", "bert")
ELSEWHERE = _record("elsewhere", "anna", "carl", status=EngineStatus.MISSING_PACKAGE)
EVERY = (HERE, ELSEWHERE, ALSO)


@pytest.mark.parametrize(
    ("wanted", "meant"),
    [("anna", "here/anna"), ("carl", "elsewhere/carl"), ("elsewhere/anna", "elsewhere/anna")],
)
def test_a_name_means_the_voice_that_can_be_heard(wanted: str, meant: str) -> None:
    record, name = meant_voice(wanted, EVERY)
    assert f"{record.name}/{name}" == meant


def test_a_name_that_two_engines_can_speak_has_to_be_said_whole() -> None:
    with pytest.raises(UnknownVoice, match="several engines have a voice 'bert'"):
        meant_voice("bert", EVERY)


def test_names_are_taken_by_the_engine_itself_and_by_those_that_can_run() -> None:
    assert set(taken_names("here", EVERY)) == {"here/anna", "here/bert", "also/bert"}
    assert set(taken_names("elsewhere", EVERY)) == set(voice_ids(EVERY))


def test_a_voice_speaks_the_languages_under_which_it_is_declared() -> None:
    assert spoken_languages(HERE, "anna") == (EN, JA)
    assert spoken_languages(HERE, "bert") == (EN,)


def test_of_many_languages_not_every_one_is_listed_where_one_is_missing() -> None:
    tags = [Language(f"{a}{b}-{region}") for a in "abcd" for b in "klmnop" for region in ("DE", "US")]
    error = explain_no_engine([_speaking(*tags)], "synthesizer", Language("xx"))
    assert (error.problem, error.hint) == (
        "no engine here speaks xx",
        "There are 24 others; see: voice engines --json",
    )
    assert explain_no_engine([_speaking(EN, JA)], "synthesizer", Language("xx")).hint == "There is en, ja."


def _speaking(*tags: Language) -> EngineRecord:
    voices = dict.fromkeys(tags, ("one",))
    declaration = Declaration(kind="synthesizer", languages=tags, voices=voices)
    return EngineRecord("many", "module:Class", declaration, EngineStatus.READY)
