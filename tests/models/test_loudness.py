"""Every voice is about as loud as every other, and none clips."""

from __future__ import annotations

import itertools

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.models.catalog import model_folder
from claude_narrator.models.loudness import TARGET_LUFS, amplify
from claude_narrator.models.pool import EnginePool
from claude_narrator.models.registry import EngineRecord
from claude_narrator.models.types import AudioChunk, VoiceChoice
from tests.listening import joined
from tests.models_home import models_root
from tests.runnable_engines import prepared, runnable
from tests.sentences import SENTENCES

ALLOWED_LU = 2.0
FEW = 6
"""Of an engine with more languages the first voice of each is measured."""
MORE = {
    "en": "I renamed the function, because its old name was taken. The parser reads every line once now.",
    "ja": "関数の名前を変えました。前の名前はもう使われていたからです。",
}


def _loudness(sound: AudioChunk) -> float:
    """Return LUFS, integrated."""
    return float(pyloudnorm.Meter(sound.sample_rate).integrated_loudness(sound.samples.astype(np.float64)))


@pytest.mark.anyio
@pytest.mark.parametrize("record", runnable("synthesizer", served=False))
async def test_voices_are_within_2_lu_of_the_target_and_do_not_clip(record: EngineRecord) -> None:
    async with EnginePool([prepared(record)], lambda model: model_folder(model, models_root())) as pool:
        for language, names in record.voices.items():
            tag = language.split("-")[0]
            text = " ".join([SENTENCES[tag], MORE.get(tag, "")])
            for name in names if len(record.voices) <= FEW else names[:1]:
                host, voice = pool.synthesizer_for(VoiceChoice(language, f"{record.name}/{name}"))
                sound = joined([chunk async for chunk in host.synthesize(text, voice, language)])
                assert _loudness(sound) == pytest.approx(TARGET_LUFS, abs=ALLOWED_LU), (language, name)
                assert np.abs(sound.samples).max() <= 1.0, (language, name)


@given(st.lists(st.floats(-4, 4, width=32), min_size=1, max_size=50), st.floats(0.5, 20))
def test_what_is_made_louder_stays_in_range_and_in_order(values: list[float], gain_db: float) -> None:
    samples = np.sort(np.array(values, np.float32))
    louder = amplify(samples, gain_db)
    assert louder.dtype == np.float32
    assert np.abs(louder).max() <= 1.0
    assert all(one <= other for one, other in itertools.pairwise(louder.tolist()))
    assert np.array_equal(np.sign(louder), np.sign(samples))


def test_below_the_knee_a_gain_is_a_gain() -> None:
    samples = np.array([0.0, 0.1, -0.3], np.float32)
    assert amplify(samples, 6.0) == pytest.approx(samples * 10**0.3)
    assert amplify(np.array([1.0, -0.9], np.float32), -6.0) == pytest.approx([10**-0.3, -0.9 * 10**-0.3])
    assert amplify(samples, 0.0) is samples
