"""Who speaks: what the user named, what is ready, what is fast, what is better; and why is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from claude_narrator.models.chain import Candidate, Facts, Standing, by_standing, synthesizers, translators
from claude_narrator.models.declaration import Declaration
from claude_narrator.models.engine_state import EngineState
from claude_narrator.models.registry import EngineRecord, EngineStatus
from claude_narrator.models.types import Language, Seconds

JA, EN = Language("ja"), Language("en")


def _voice(
    name: str, quality: int, *voices: str, embedded: bool = False, network: bool = False
) -> EngineRecord:
    offered = {JA: voices or ("first", "second")}
    declaration = Declaration(
        "synthesizer", languages=(JA,), voices=offered, quality=quality, embedded=embedded, network=network
    )
    return EngineRecord(name, "", declaration, EngineStatus.READY)


def _state(name: str, **known: object) -> EngineState:
    return replace(EngineState(name), **known)  # type: ignore[arg-type]


GOOD, PLAIN, SMALL = _voice("good", 60), _voice("plain", 40), _voice("small", 20, embedded=True)
READY = {name: Facts(_state(name, status="ready", device="cpu")) for name in ("good", "plain", "small")}


def _speakers(
    *records: EngineRecord, facts: Mapping[str, Facts] | None = None, named: tuple[str, ...] = ()
) -> list[Candidate]:
    known = facts or {}
    return synthesizers(
        JA, records, named, lambda record: known.get(record.name, Facts(EngineState(record.name)))
    )


def _tried(candidates: list[Candidate]) -> list[str]:
    return [candidate.engine for candidate in by_standing(candidates)]


def test_of_what_is_ready_the_better_one_comes_first() -> None:
    assert _tried(_speakers(SMALL, PLAIN, GOOD, facts=READY)) == ["good", "plain", "small"]


def test_what_is_embedded_stands_in_for_what_is_not_loaded() -> None:
    candidates = _speakers(SMALL, PLAIN, GOOD, facts={"plain": Facts(_state("plain", status="loading"))})
    assert _tried(candidates) == ["small", "good", "plain"]
    assert [(each.engine, each.reason) for each in candidates] == [
        ("good", "not loaded"),
        ("plain", "loading for 0s"),
        ("small", "embedded, loaded in a moment"),
    ]


def test_what_failed_or_does_not_fit_comes_last_and_says_why() -> None:
    failed = _state("good", status="failed", reason="it crashed", for_s=Seconds(12), retries_in_s=Seconds(18))
    facts = {
        "good": Facts(failed),
        "plain": Facts(EngineState("plain"), unfit="needs 5.1 GB of memory, and engines may take 4.0 GB"),
    }
    candidates = _speakers(GOOD, PLAIN, SMALL, facts=facts)
    assert _tried(candidates) == ["small", "good", "plain"]
    assert {each.engine: each.reason for each in candidates} == {
        "good": "failed 12s ago, tried again in 18s: it crashed",
        "plain": "would not fit: needs 5.1 GB of memory, and engines may take 4.0 GB",
        "small": "embedded, loaded in a moment",
    }


def test_what_failed_long_enough_ago_may_be_tried_again() -> None:
    facts = {"good": Facts(_state("good", status="failed", reason="it crashed", for_s=Seconds(40)))}
    (candidate,) = _speakers(GOOD, facts=facts)
    assert (candidate.standing, candidate.reason) == (Standing.COMING, "failed 40s ago: it crashed")


def test_what_waits_for_room_says_so() -> None:
    facts = {"good": Facts(_state("good", reason="needs 2.0 GB of memory beside 3.0 GB of big"))}
    (candidate,) = _speakers(GOOD, facts=facts)
    assert candidate.standing is Standing.COMING
    assert candidate.reason == "would not fit now: needs 2.0 GB of memory beside 3.0 GB of big"


def test_what_is_too_slow_without_a_gpu_stands_behind_the_faster_of_lower_quality() -> None:
    facts = {**READY, "good": replace(READY["good"], is_slow=True)}
    candidates = _speakers(GOOD, PLAIN, SMALL, facts=facts)
    assert _tried(candidates) == ["plain", "small", "good"]
    assert candidates[-1].reason == "ready on cpu; slow without a GPU"
    assert _tried(_speakers(GOOD, PLAIN, facts=facts, named=("good",))) == ["good", "plain"]


def test_the_users_order_comes_before_quality_and_may_name_a_voice() -> None:
    candidates = _speakers(GOOD, PLAIN, SMALL, facts=READY, named=("small", "plain/second"))
    assert [(each.engine, each.voice) for each in by_standing(candidates)] == [
        ("small", "first"),
        ("plain", "second"),
        ("good", "first"),
    ]
    assert candidates[0].reason == "ready on cpu; you named it"


def test_a_voice_that_the_engine_has_not_for_the_language_is_its_default_one() -> None:
    (candidate,) = _speakers(GOOD, named=("good/amy",))
    assert candidate.voice == "first"


def test_the_network_is_used_when_it_is_named_and_only_then() -> None:
    cloud = _voice("cloud", 99, network=True)
    candidates = _speakers(cloud, SMALL)
    assert _tried(candidates) == ["small"]
    assert candidates[-1] == Candidate(
        "cloud", "first", 99, Standing.OUT, "the text would leave this machine: only when you name it"
    )
    facts = {"cloud": Facts(_state("cloud", status="ready"))}
    assert _tried(_speakers(cloud, SMALL, facts=facts, named=("cloud",))) == ["cloud", "small"]


@pytest.mark.parametrize(
    "status", [status for status in EngineStatus if status is not EngineStatus.READY], ids=str
)
def test_what_cannot_run_is_listed_last_with_its_reason_even_when_it_is_named(status: EngineStatus) -> None:
    lacking = replace(GOOD, status=status, reason="w is not here: voice models pull w")
    candidates = _speakers(lacking, SMALL, named=("good",))
    assert _tried(candidates) == ["small"]
    assert (candidates[-1].engine, candidates[-1].reason) == ("good", "w is not here: voice models pull w")


def test_a_translator_must_know_both_languages() -> None:
    def translator(name: str, *languages: str) -> EngineRecord:
        tags = tuple(map(Language, languages))
        return EngineRecord(name, "", Declaration("translator", languages=tags), EngineStatus.READY)

    records = translator("both", "en", "ja"), translator("one", "en", "fr"), GOOD
    able = translators((EN, JA), records, (), lambda record: Facts(EngineState(record.name)))
    assert [(each.engine, each.voice) for each in able] == [("both", "")]
