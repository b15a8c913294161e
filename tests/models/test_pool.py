"""The best voice that is ready speaks, and who asks for what is not there is told what there is."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from claude_narrator.models import pool as pool_module
from claude_narrator.models.declaration import Declaration
from claude_narrator.models.engine_state import Deadlines
from claude_narrator.models.errors import (
    EngineFailed,
    EngineUnavailable,
    ModelMissing,
    UnknownLanguage,
    UnknownVoice,
)
from claude_narrator.models.host import EngineHost
from claude_narrator.models.policy import Policy
from claude_narrator.models.pool import EnginePool
from claude_narrator.models.registry import EngineRecord, EngineStatus, find_engines
from claude_narrator.models.types import Language, VoiceChoice
from tests.models.worker_bench import EN, ROOT, SCRIPTED, heard, until_free

pytestmark = pytest.mark.anyio
JA = Language("ja")
SLOW = SCRIPTED.replace("Scripted", "LoadWaits")
FRAGILE = SCRIPTED.replace("Scripted", "Fragile")


@pytest.fixture(autouse=True)
def _tests_importable_in_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def _speaker(
    name: str, entry_point: str = SCRIPTED, quality: int = 0, embedded: bool = False, **voices: list[str]
) -> EngineRecord:
    tags = {Language(tag.replace("_", "-")): tuple(names) for tag, names in voices.items()}
    declaration = Declaration(
        kind="synthesizer",
        voices=tags,
        languages=tuple(tags),
        embedded=embedded,
        quality=quality,
    )
    return _ready(name, entry_point, declaration)


def _ready(name: str, entry_point: str, declaration: Declaration) -> EngineRecord:
    models = ("gate",) if entry_point == SLOW else ()
    return EngineRecord(name, entry_point, declaration, EngineStatus.READY, models=models)


def _translator(name: str, *languages: str, quality: int = 0, entry_point: str = SCRIPTED) -> EngineRecord:
    declaration = Declaration(
        kind="translator",
        languages=tuple(map(Language, languages)),
        quality=quality,
    )
    return _ready(name, entry_point, declaration)


def _lacking(record: EngineRecord, status: EngineStatus, reason: str) -> EngineRecord:
    return EngineRecord(record.name, record.entry_point, record.declaration, status, reason)


@asynccontextmanager
async def _pool(
    *records: EngineRecord, folder: Path = Path(), deadlines: Deadlines | None = None
) -> AsyncIterator[EnginePool]:
    with anyio.fail_after(20):
        async with EnginePool(records, lambda model: folder / model, 1, deadlines) as pool:
            yield pool


def _names(pairs: list[tuple[EngineHost, str]]) -> list[str]:
    return [f"{host.name}/{voice}" for host, voice in pairs]


SMALL = _speaker("small", quality=10, embedded=True, en=["a", "b"], ja=["j"])
GOOD = _speaker("good", SLOW, quality=50, en=["fine"])


async def test_the_embedded_voice_speaks_while_the_better_one_loads_and_the_better_one_then(
    tmp_path: Path,
) -> None:
    async with _pool(SMALL, GOOD, folder=tmp_path) as pool:
        assert _names(pool.synthesizers_for(VoiceChoice(EN))) == ["small/a", "good/fine"]
        assert {state.name: state.status for state in pool.states()} == {"small": "idle", "good": "loading"}
        host, _ = pool.synthesizer_for(VoiceChoice(EN))
        assert await heard(host, "say") == [0]
        (tmp_path / "gate").touch()
        assert (await pool.load("good")).status == "ready"
        assert _names(pool.synthesizers_for(VoiceChoice(EN))) == ["good/fine", "small/a"]


async def test_an_engine_that_failed_comes_last_until_it_is_tried_again() -> None:
    torn = _speaker("torn", SCRIPTED.replace("Scripted", "LoadRefused"), quality=90, en=["x"])
    async with _pool(torn, SMALL) as pool:
        with pytest.raises(EngineUnavailable, match="the weights are torn"):
            await pool.load("torn")
        assert _names(pool.synthesizers_for(VoiceChoice(EN))) == ["small/a", "torn/x"]
        assert {state.name: state.status for state in pool.states()} == {"torn": "failed", "small": "loading"}


async def test_a_named_voice_comes_first_and_the_others_stand_behind_it() -> None:
    async with _pool(SMALL, GOOD) as pool:
        assert _names(pool.synthesizers_for(VoiceChoice(EN, "good/fine"))) == ["good/fine", "small/a"]
        assert _names(pool.synthesizers_for(VoiceChoice(EN, "b"))) == ["small/b", "good/fine"]


async def test_a_named_voice_that_failed_is_stood_in_for_until_it_is_ready_again(tmp_path: Path) -> None:
    fragile = replace(_speaker("fragile", FRAGILE, en=["x"]), models=("mended",))
    async with _pool(fragile, SMALL, folder=tmp_path, deadlines=Deadlines(retry_s=0.2)) as pool:
        choice = VoiceChoice(EN, "fragile/x")
        host, _ = pool.synthesizer_for(choice)
        for _ in range(2):
            with pytest.raises(EngineFailed):
                await heard(host, "say")
        assert _names(pool.synthesizers_for(choice)) == ["small/a", "fragile/x"]
        await until_free(host)
        assert _names(pool.synthesizers_for(choice)) == ["small/a", "fragile/x"]
        assert host.state.status == "loading"
        await pool.load("fragile")
        assert _names(pool.synthesizers_for(choice)) == ["fragile/x", "small/a"]


async def test_one_that_needs_a_gpu_and_runs_on_the_cpu_is_not_preferred_for_its_quality() -> None:
    wide = _speaker("wide", quality=90, en=["x"])
    wide = replace(wide, declaration=replace(wide.declaration, gpus=("cuda",)))
    async with _pool(wide, _speaker("plain", en=["p"])) as pool:
        for name in ("wide", "plain"):
            assert (await pool.load(name)).device == "cpu"
        assert _names(pool.synthesizers_for(VoiceChoice(EN))) == ["plain/p", "wide/x"]


async def test_languages_match_by_tag_and_then_by_what_they_have_in_common() -> None:
    both = _speaker("both", en=["us"], en_GB=["uk"], pt_BR=["br"])
    async with _pool(both) as pool:
        wanted = ("en", "en-GB", "EN-gb", "en-AU", "en-GB-oxendict", "pt", "pt-PT")
        got = [pool.synthesizer_for(VoiceChoice(Language(tag)))[1] for tag in wanted]
        assert got == ["us", "uk", "uk", "us", "uk", "br", "br"]


@pytest.mark.parametrize(
    ("language", "voice", "error", "message"),
    [
        ("en", "small/aa", UnknownVoice, "there is no voice 'small/aa'. Did you mean small/a or small/"),
        ("en", "../../etc/passwd", UnknownVoice, "there is no voice '../../etc/passwd'. See: voice voices"),
        ("en", "", UnknownVoice, "there is no voice ''. See: voice voices"),
        ("en", "twin", UnknownVoice, "several engines have a voice 'twin'. Say which: one/twin, two/twin."),
        (
            "en",
            "small/j",
            UnknownVoice,
            "the voice small/j speaks ja, not en. For en there is small/a, one/twin",
        ),
        ("fr", "auto", UnknownLanguage, "no engine here speaks fr. There is de, en, ja."),
        ("fr", "small/a", UnknownVoice, "the voice small/a speaks en, not fr. See: voice voices"),
        (
            "klingon!",
            "auto",
            UnknownLanguage,
            "'klingon!' is no language tag. Write one such as en, ja or pt-BR.",
        ),
        ("de", "auto", ModelMissing, "german cannot run: big is not here. Run: voice models pull big"),
        ("de", "hans", ModelMissing, "german cannot run: big is not here. Run: voice models pull big"),
    ],
)
async def test_who_asks_for_a_voice_that_is_not_there_is_told_what_there_is(
    language: str, voice: str, error: type[Exception], message: str
) -> None:
    german = _lacking(
        _speaker("german", de=["hans"]), EngineStatus.MISSING_MODEL, "big is not here: voice models pull big"
    )
    async with _pool(SMALL, _speaker("one", en=["twin"]), _speaker("two", en=["twin"]), german) as pool:
        with pytest.raises(error) as raised:
            pool.synthesizers_for(VoiceChoice(Language(language), voice))
        assert str(raised.value).startswith(message)


async def test_the_best_translator_that_is_ready_translates_while_a_better_one_loads(tmp_path: Path) -> None:
    quick, careful = (
        _translator("quick", "en", "ja", quality=1),
        _translator("careful", "en", "ja", quality=9, entry_point=SLOW),
    )
    async with _pool(quick, careful, _translator("french", "en", "fr"), folder=tmp_path) as pool:
        assert pool.translator_for(EN, JA).name == "careful"
        await pool.load("quick")
        assert pool.translator_for(EN, JA).name == "quick"
        assert pool.translator_for(EN, JA, "careful").name == "careful"
        assert pool.translator_for(Language("fr"), EN).name == "french"
        host = pool.translator_for(EN, JA)
        assert [piece async for piece in host.translate("say", EN, JA)] == ["ja0 "]
        assert pool.states()[1].status == "loading"
        (tmp_path / "gate").touch()
        await pool.load("careful")
        assert pool.translator_for(EN, JA).name == "careful"


async def test_behind_the_translator_of_choice_stand_the_others_and_the_best_is_loaded_again() -> None:
    quick = _translator("quick", "en", "ja", quality=1)
    careful = _translator(
        "careful", "en", "ja", quality=9, entry_point=SCRIPTED.replace("Scripted", "Fragile")
    )
    french = _translator("french", "en", "fr", quality=20)
    async with _pool(quick, careful, french, deadlines=Deadlines(retry_s=0.2)) as pool:

        def order(name: str = "auto") -> list[str]:
            return [host.name for host in pool.translators_for(EN, JA, name)]

        assert (order(), order("quick")) == (["careful", "quick"], ["quick", "careful"])
        await pool.load("quick")
        host = pool.translator_for(EN, JA, "careful")
        for _ in range(2):
            with pytest.raises(EngineFailed):
                [piece async for piece in host.translate("say", EN, JA)]
        assert host.is_blocked
        assert order() == ["quick", "careful"]
        await until_free(host)
        assert order() == ["quick", "careful"]
        await pool.load("careful")
        assert order() == ["careful", "quick"]


async def test_a_quick_translator_is_first_for_what_is_waited_for_unless_the_user_said_who_translates() -> (
    None
):
    quick, careful = (
        _translator("quick", "en", "ja", quality=1),
        _translator("careful", "en", "ja", quality=9),
    )
    quick = replace(quick, declaration=replace(quick.declaration, quick=True))
    async with _pool(quick, careful) as pool:

        def first(at_once: bool, name: str = "auto") -> str:
            return pool.translators_for(EN, JA, name, at_once)[0].name

        assert (first(at_once=True), first(at_once=False)) == ("careful", "careful")
        await pool.load("quick")
        await pool.load("careful")
        assert (first(at_once=True), first(at_once=False)) == ("quick", "careful")
        assert first(at_once=True, name="careful") == "careful"
        pool.refresh(pool.records, Policy(translators={JA: ("careful",)}))
        assert first(at_once=True) == "careful"


@pytest.mark.parametrize(
    ("here", "found", "order"),
    [
        ("qwen2.5-coder-1.5b", (), ["bergamot", "qwen"]),
        ("qwen2.5-7b-q4", (), ["bergamot", "qwen"]),
        ("qwen2.5-7b-q4", ("cuda",), ["qwen", "bergamot"]),
    ],
)
async def test_the_model_that_is_here_and_the_gpu_decide_which_translator_is_best(
    here: str, found: tuple[str, ...], order: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "gpus", lambda: frozenset(found))
    every = find_engines(lambda model: model == here)
    async with _pool(*(record for record in every if record.name in ("bergamot", "qwen"))) as pool:
        able = pool.selection.interpreters(EN, Language("pt"))
    assert [candidate.engine for candidate in able] == order
    assert ("slow without a GPU" in able[order.index("qwen")].reason) is (here.endswith("q4") and not found)


@pytest.mark.parametrize(
    ("target", "name", "error", "message"),
    [
        ("xx", "auto", UnknownLanguage, "no engine here translates en to xx. There is de, en, ja."),
        ("ja", "nobody", EngineUnavailable, "there is no translator 'nobody'. See: voice engines"),
        ("ja", "small", EngineUnavailable, "there is no translator 'small'. See: voice engines"),
        (
            "de",
            "auto",
            EngineUnavailable,
            "heavy cannot run: llm is not installed. Run: pip install 'x[llm]'",
        ),
        ("", "auto", UnknownLanguage, "'' is no language tag."),
    ],
)
async def test_who_asks_for_a_translation_that_cannot_be_is_told_why(
    target: str, name: str, error: type[Exception], message: str
) -> None:
    heavy = _lacking(
        _translator("heavy", "en", "de"),
        EngineStatus.MISSING_PACKAGE,
        "llm is not installed: pip install 'x[llm]'",
    )
    async with _pool(SMALL, _translator("quick", "en", "ja"), heavy) as pool:
        with pytest.raises(error) as raised:
            pool.translator_for(EN, Language(target), name)
        assert str(raised.value).startswith(message)


async def test_a_broken_engine_is_told_by_its_reason() -> None:
    broken = EngineRecord("odd", "x:Y", Declaration(), EngineStatus.BROKEN, "there is no module x")
    async with _pool(broken) as pool:
        with pytest.raises(EngineUnavailable, match="odd cannot run: there is no module x"):
            await pool.load("odd")
        with pytest.raises(EngineUnavailable, match="there is no engine 'even'"):
            await pool.load("even")
        assert (pool.states(), pool.voices()) == ([], [])


async def test_voices_are_listed_best_engine_first() -> None:
    async with _pool(SMALL, GOOD) as pool:
        assert [voice.id for voice in pool.voices()] == ["good/fine", "small/a", "small/b", "small/j"]


async def test_a_refresh_brings_what_was_pulled_and_keeps_what_runs() -> None:
    absent = _lacking(GOOD, EngineStatus.MISSING_MODEL, "gate is not here: voice models pull gate")
    async with _pool(SMALL, absent) as pool:
        pid = (await pool.load("small")).pid
        assert _names(pool.synthesizers_for(VoiceChoice(EN))) == ["small/a"]
        pool.refresh([SMALL, GOOD])
        assert _names(pool.synthesizers_for(VoiceChoice(EN))) == ["small/a", "good/fine"]
        assert pool.states()[0].pid == pid


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_an_engine_whose_options_change_starts_anew_with_them_and_the_others_run_on() -> None:
    before = replace(_speaker("served", en=["a"]), options={"url": "http://a"})
    async with _pool(before, SMALL) as pool:
        await pool.load("small")
        old = await pool.load("served")
        pool.refresh([replace(before, options={"url": "http://b"}), SMALL])
        assert {state.name: state.status for state in pool.states()} == {"served": "idle", "small": "ready"}
        assert (await pool.load("served")).pid != old.pid
        while _is_alive(old.pid):  # noqa: ASYNC110 - a process that is not ours to await
            await anyio.sleep(0.01)
        new = await pool.load("served")
        pool.refresh(pool.records)
        assert await pool.load("served") == new


async def test_an_engine_without_its_setting_is_never_chosen_and_says_what_to_set() -> None:
    served = _lacking(
        _speaker("served", quality=99, en=["a"]),
        EngineStatus.NOT_CONFIGURED,
        "engines.served.url is not set: voice settings set engines.served.url http://a",
    )
    chat = replace(served, name="chat", declaration=_translator("chat", "en", "ja", quality=99).declaration)
    lacks = _lacking(
        _translator("big", "en", "ja", quality=1),
        EngineStatus.MISSING_MODEL,
        "m is not here: voice models pull m",
    )
    async with _pool(served, SMALL, chat, lacks) as pool:
        assert _names(pool.synthesizers_for(VoiceChoice(EN))) == ["small/a"]
        with pytest.raises(EngineUnavailable, match=r"Run: voice settings set engines\.served\.url http://a"):
            pool.synthesizer_for(VoiceChoice(EN, "served/a"))
        with pytest.raises(ModelMissing, match="voice models pull m"):
            pool.translator_for(EN, JA)


async def test_preload_takes_what_it_can_and_leaves_the_rest() -> None:
    absent = _lacking(GOOD, EngineStatus.MISSING_MODEL, "gate is not here: voice models pull gate")
    async with _pool(SMALL, absent) as pool:
        pool.preload(["small", "good", "nobody"])
        assert [state.status for state in pool.states()] == ["loading"]


async def test_at_the_end_every_worker_has_ended_even_a_frozen_one_or_one_that_loads() -> None:
    other = _speaker("other", en=["o"])
    async with _pool(SMALL, other, GOOD, deadlines=Deadlines(close_s=0.2)) as pool:
        pids = [(await pool.load(name)).pid for name in ("small", "other")]
        pool.preload(["good"])
        os.kill(pids[1], signal.SIGSTOP)
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_an_error_in_the_body_comes_out_as_itself() -> None:
    async def fail() -> None:
        async with EnginePool([SMALL], Path) as pool:
            await pool.load("small")
            raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        await fail()
