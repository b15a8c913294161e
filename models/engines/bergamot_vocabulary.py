"""Turns a SentencePiece vocabulary into the `tokenizer.json` that the Bergamot runtime reads.

Mozilla publishes its vocabularies as SentencePiece models, a protobuf message
(https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto): field 1 is a piece, with
its text (1) and its score (2), field 3 the normalizer with its compiled rules (2). What is made of it is a
Unigram model of Hugging Face's tokenizers.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator
from typing import Any

from claude_narrator.models.errors import ModelCorrupt

_PIECES, _NORMALIZER = 1, 3
_TEXT, _SCORE, _RULES = 1, 2, 2
_UNKNOWN = "<unk>"
_FIXED_BYTES = {1: 8, 5: 4}


def tokenizer_of(vocabulary: bytes) -> dict[str, Any]:
    """Return the content of `tokenizer.json` for a SentencePiece model.

    :raises ModelCorrupt: it is none.
    """
    try:
        fields = list(_fields(vocabulary))
        pieces = [_piece(value) for field, value in fields if field == _PIECES]
        rules = next(dict(_fields(value))[_RULES] for field, value in fields if field == _NORMALIZER)
        unknown = next(at for at, (text, _) in enumerate(pieces) if text == _UNKNOWN)
    except (StopIteration, KeyError, IndexError, ValueError, struct.error):
        raise ModelCorrupt("the vocabulary is no SentencePiece model", "Pull the model again.") from None
    space = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": _normalizer(rules),
        "pre_tokenizer": space,
        "post_processor": None,
        "decoder": space,
        "model": {"type": "Unigram", "unk_id": unknown, "vocab": pieces, "byte_fallback": False},
    }


def _normalizer(rules: bytes) -> dict[str, Any]:
    """The rules, then what SentencePiece does by itself: runs of spaces become one, ends lose theirs."""
    compiled = {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(rules).decode("ascii")}
    single = {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}
    ends = {"type": "Strip", "strip_left": True, "strip_right": True}
    return {"type": "Sequence", "normalizers": [compiled, single, ends]}


def _piece(message: bytes) -> list[Any]:
    fields = dict(_fields(message))
    (score,) = struct.unpack("<f", fields.get(_SCORE, bytes(4)))
    return [fields[_TEXT].decode("utf-8"), score]


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and bytes of each field that is not a bare number.

    :raises ValueError, IndexError: the message is cut off or malformed.
    """
    at = 0
    while at < len(message):
        tag, at = _number(message, at)
        if tag & 7 == 0:
            _, at = _number(message, at)
            continue
        if tag & 7 == 2:
            length, at = _number(message, at)
        elif (length := _FIXED_BYTES.get(tag & 7, 0)) == 0:
            raise ValueError(f"unknown kind of field {tag & 7}")
        if at + length > len(message):
            raise ValueError("cut off")
        yield tag >> 3, message[at : at + length]
        at += length


def _number(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at
