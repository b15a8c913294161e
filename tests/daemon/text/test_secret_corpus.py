"""Made-up secrets of every shape are replaced; hashes, ids, versions, paths and names are left alone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claude_narrator.daemon.text.growing import GrowingText
from claude_narrator.daemon.text.outline import Spoken, texts_of
from claude_narrator.daemon.text.redact import redact
from claude_narrator.daemon.text.speakable import speakable_sentences
from claude_narrator.models.types import Language
from tests.daemon.text.secret_corpus import Sample, samples

_SECRETS, _OTHERS = samples("secret"), samples("no secret")
_SEEDS = range(10)
_ENGLISH = Language("en")


def _squeezed(text: str) -> str:
    return re.sub(r"[\W_]", "", text).lower()


@pytest.mark.parametrize("sample", _SECRETS, ids=lambda sample: sample.template[:40])
def test_a_secret_of_this_shape_is_replaced_and_nothing_else(sample: Sample) -> None:
    for seed in _SEEDS:
        text, pieces = sample.filled(seed)
        redacted = redact(text)
        assert [piece for piece in pieces if piece in redacted] == []
        assert redacted.count("a secret") <= len(pieces)
        assert redact(redacted) == redacted


@pytest.mark.parametrize("sample", _OTHERS, ids=lambda sample: sample.template[:40])
def test_what_only_looks_like_a_secret_is_left_alone(sample: Sample) -> None:
    for seed in _SEEDS:
        text, _ = sample.filled(seed)
        assert redact(text) == text


def test_both_parts_of_the_corpus_are_large() -> None:
    assert len(_SECRETS) >= 60
    assert len(_OTHERS) >= 60


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(_SECRETS),
    st.integers(100, 10**6),
    st.integers(1, 30),
    st.sampled_from(
        ["{}", "`{}`", "- {}", "> {}", "| a | b |\n|---|---|\n| x | {} |", "Look:\n\n{}\n\nDone."]
    ),
)
def test_no_half_of_a_secret_is_said_however_the_text_arrives(
    sample: Sample, seed: int, chars: int, frame: str
) -> None:
    text, pieces = sample.filled(seed)
    whole = frame.replace("{}", text)
    growing = GrowingText(_ENGLISH)
    grown: list[Spoken] = []
    for at in range(0, len(whole), chars):
        grown += (*growing.append(whole[at : at + chars]), *growing.ahead())
    said = texts_of((*grown, *growing.finish()))
    for piece in (each for each in pieces if len(each) >= 20):
        halves = piece[: len(piece) // 2], piece[len(piece) // 2 :]
        assert not any(
            _squeezed(half) in _squeezed(" ".join(said)) for half in halves if len(_squeezed(half)) > 8
        )


_KINDS = ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED ", "DSA "]
_BODY = Sample("{b64}")


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("indent", ["", "  ", "> ", "    ", "+"])
def test_the_lines_of_a_key_are_dropped_wherever_they_stand(kind: str, indent: str) -> None:
    body = [*(_BODY.filled(seed)[0] for seed in range(6)), "Zq1qzZq2qz"]
    key = [f"-----BEGIN {kind}PRIVATE KEY-----", *body, f"-----END {kind}PRIVATE KEY-----"]
    text = "The file:\n\n" + "".join(f"{indent}{line}\n" for line in key) + "\nThat is all."
    said = speakable_sentences(text, _ENGLISH)
    assert said[0] == "The file."
    assert said[-1] == "That is all."
    assert not any(line[:10].lower() in " ".join(said).lower() for line in body)


def test_a_pgp_block_is_a_secret() -> None:
    begin, end = (f"-----{word} PGP PRIVATE KEY BLOCK-----" for word in ("BEGIN", "END"))
    text = f"{begin}\nVersion: 1\n\nlQOYBGN4\nabcd\n=aB3d\n{end}\nDone."
    assert speakable_sentences(text, _ENGLISH) == ("a secret.", "Done.")
