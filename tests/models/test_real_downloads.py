"""The catalog's package sources against the real registries."""

from __future__ import annotations

import numpy as np
import pytest

from claude_narrator.models.catalog import find_model, is_present, model_folder
from claude_narrator.models.download import verify
from tests.models_home import ensure

pytestmark = pytest.mark.models


@pytest.mark.parametrize(
    "model_id",
    ["kokoro-82m-int8", "qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b", "whisper-base", "whisper-tiny-en"],
)
def test_a_model_comes_whole_and_every_hash_is_right(model_id: str) -> None:
    root = ensure(model_id)
    model = find_model(model_id)
    assert is_present(model, root)
    assert verify(model, root) == []


def test_the_japanese_voices_are_tables_of_styles() -> None:
    folder = model_folder("kokoro-82m-int8", ensure("kokoro-82m-int8"))
    with np.load(folder / "voices_ja.npz", allow_pickle=False) as voices:
        assert {"jf_alpha", "jf_gongitsune", "jf_nezumi", "jf_tebukuro", "jm_kumo"} <= set(voices.files)
