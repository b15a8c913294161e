"""What every engine of the registry must do, in its worker process: a new one needs no new test for it."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import aclosing

import anyio
import numpy as np
import pytest

from claude_narrator.models.catalog import load_catalog
from claude_narrator.models.errors import UnknownLanguage
from claude_narrator.models.host import EngineHost
from claude_narrator.models.languages import check_language
from claude_narrator.models.registry import EngineRecord, EngineStatus
from claude_narrator.models.trim import FLOOR_DB
from claude_narrator.models.types import AudioChunk, Hints, Language
from tests.hostile_texts import HOSTILE
from tests.runnable_engines import RECORDS, loaded, pair_of, runnable
from tests.sentences import sentence_of

pytestmark = pytest.mark.anyio


FEW = 6
synthesizers = pytest.mark.parametrize("record", runnable("synthesizer", elsewhere=True), scope="module")
translators = pytest.mark.parametrize("record", runnable("translator", tiny=True), scope="module")


@pytest.fixture(scope="module")
async def host(record: EngineRecord) -> AsyncIterator[EngineHost]:
    """One worker an engine for all of its tests, which leave it alive."""
    async with loaded(record) as host:
        yield host


async def _spoken(
    host: EngineHost, text: str, voice: str, language: str, rate: float = 1
) -> list[AudioChunk]:
    return [chunk async for chunk in host.synthesize(text, voice, Language(language), rate)]


def _some_languages(record: EngineRecord) -> list[tuple[Language, tuple[str, ...]]]:
    """Its voices by language; of many languages two, for what depends little on them and takes long."""
    voices = list(record.voices.items())
    return voices if len(voices) <= FEW else voices[:2]


def _length_s(chunks: list[AudioChunk]) -> float:
    return sum(len(chunk.samples) / chunk.sample_rate for chunk in chunks)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_the_declaration_is_whole_and_its_models_are_in_the_catalog(record: EngineRecord) -> None:
    absent = sys.platform != "linux" or record.declaration.environment or record.declaration.commands
    elsewhere = [EngineStatus.MISSING_PACKAGE] if absent else []
    assert record.status in (EngineStatus.READY, *elsewhere), record.reason
    assert record.declaration.summary
    assert record.declaration.licence
    of_languages = (group for needs in record.declaration.needs.values() for group in needs.models)
    groups = [*record.declaration.models, *of_languages]
    assert {model for group in groups for model in group} <= set(load_catalog())
    for language in record.declaration.languages:
        check_language(language)


@synthesizers
async def test_every_language_is_spoken_by_its_first_voice(record: EngineRecord, host: EngineHost) -> None:
    for language, names in record.voices.items():
        chunks = await _spoken(host, sentence_of(language), names[0], language)
        assert 1 < _length_s(chunks) < 20
        for chunk in chunks:
            assert chunk.samples.dtype == np.float32
            assert len(chunk.samples)
            assert np.abs(chunk.samples).max() <= 1.0


@synthesizers
async def test_every_voice_of_a_language_speaks(record: EngineRecord, host: EngineHost) -> None:
    for language, names in record.voices.items():
        for name in names if len(record.voices) <= FEW else names[:2]:
            assert _length_s(await _spoken(host, "OK.", name, language)) > 0.1


@synthesizers
async def test_the_first_chunk_is_an_early_part_and_opens_with_sound(
    record: EngineRecord, host: EngineHost
) -> None:
    for language, names in _some_languages(record):
        chunks = await _spoken(host, sentence_of(language) * 3, names[0], language)
        assert _length_s(chunks[:1]) < _length_s(chunks) / 2
        loud = np.flatnonzero(np.abs(chunks[0].samples) >= 10 ** (FLOOR_DB / 20))
        assert loud[0] / chunks[0].sample_rate < 0.05


@synthesizers
async def test_chunks_join_without_a_click(record: EngineRecord, host: EngineHost) -> None:
    """A click is a step between what is loud and what is quiet."""
    for language, names in _some_languages(record):
        chunks = await _spoken(host, sentence_of(language) * 2, names[0], language)
        sound = np.concatenate([chunk.samples for chunk in chunks])
        near = round(0.002 * chunks[0].sample_rate)
        for join in np.cumsum([len(chunk.samples) for chunk in chunks])[:-1]:
            sides = sound[join - near : join], sound[join : join + near]
            quiet, loud = sorted(float(np.sqrt(np.mean(side**2))) for side in sides)
            assert loud <= 10 * quiet or abs(sound[join] - sound[join - 1]) <= 0.01


@synthesizers
async def test_the_rate_makes_speech_shorter_or_longer(record: EngineRecord, host: EngineHost) -> None:
    for language, names in _some_languages(record):
        text = sentence_of(language)
        lengths = [
            _length_s(await _spoken(host, text, names[0], language, rate)) for rate in (0.5, 1, 1.5, 2, 3)
        ]
        assert lengths == sorted(lengths, reverse=True)
        assert lengths[3] == pytest.approx(lengths[1] / 2, rel=0.2)
        assert lengths[4] == pytest.approx(lengths[1] / 3, rel=0.3)
        assert lengths[0] == pytest.approx(lengths[1] * 2, rel=0.3)


@synthesizers
async def test_no_text_breaks_the_voice(record: EngineRecord, host: EngineHost) -> None:
    language, names = next(iter(record.voices.items()))
    for text in HOSTILE:
        await _spoken(host, text, names[0], language)
        assert await _spoken(host, "OK.", names[0], language), ascii(text)
        assert host.state.restarts == 0, ascii(text)


@synthesizers
async def test_a_cancelled_sentence_costs_nothing(record: EngineRecord, host: EngineHost) -> None:
    language, names = next(iter(record.voices.items()))
    async with aclosing(host.synthesize(sentence_of(language) * 50, names[0], language, 1)) as chunks:
        await anext(chunks)
    with anyio.fail_after(20):
        assert await _spoken(host, "OK.", names[0], language)
    assert host.state.restarts == 0


@translators
async def test_a_sentence_is_translated_among_its_languages(record: EngineRecord, host: EngineHost) -> None:
    source, target = pair_of(record)
    pieces = [piece async for piece in host.translate(sentence_of(source), source, target)]
    translation = "".join(pieces)
    assert 0.2 < len(translation) / len(sentence_of(source)) < 4
    assert translation != sentence_of(source)


@translators
async def test_hints_do_not_harm_a_translation(record: EngineRecord, host: EngineHost) -> None:
    source, target = pair_of(record)
    hints = Hints({"no such word": "x", "42": "42"}, (sentence_of(source), sentence_of(source)))
    translation = "".join(
        [piece async for piece in host.translate(sentence_of(source), source, target, hints)]
    )
    assert 0.2 < len(translation) / len(sentence_of(source)) < 4


@translators
async def test_a_language_that_is_not_declared_is_refused(record: EngineRecord, host: EngineHost) -> None:
    source, _ = pair_of(record)
    with pytest.raises(UnknownLanguage):
        [piece async for piece in host.translate("Hello.", source, Language("tlh"))]
    assert host.state.restarts == 0


@translators
async def test_no_text_breaks_the_translator(record: EngineRecord, host: EngineHost) -> None:
    source, target = pair_of(record)
    for text in HOSTILE:
        [piece async for piece in host.translate(text, source, target)]
        assert host.state.restarts == 0, ascii(text)


@translators
async def test_a_cancelled_translation_costs_nothing(record: EngineRecord, host: EngineHost) -> None:
    source, target = pair_of(record)
    async with aclosing(host.translate(sentence_of(source), source, target)) as pieces:
        await anext(pieces)
    with anyio.fail_after(60):
        assert [piece async for piece in host.translate("OK.", source, target)]
    assert host.state.restarts == 0
