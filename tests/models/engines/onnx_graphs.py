"""Writes small ONNX graphs without the onnx package: protocol buffers by hand, after onnx.proto."""

from __future__ import annotations

from typing import Any

import numpy as np


def embedding_graph() -> bytes:
    """An ONNX graph [1, T, 80] -> [1, 192]: the mean frame, projected."""
    weights = np.random.default_rng(3).normal(size=(80, 192)).astype(np.float32)
    mean = _node("ReduceMean", ["feats"], ["mean"], axes=[1], keepdims=0)
    project = _node("MatMul", ["mean", "weights"], ["embedding"])
    return _model(
        [mean, project],
        [_tensor("weights", weights)],
        [_value("feats", 1, [1, None, 80])],
        [_value("embedding", 1, [1, 192])],
    )


def speech_token_graph(stride: int, vocabulary: int) -> bytes:
    """An ONNX graph [1, 128, T], [1] -> [1, T / stride]: a token for every `stride` frames."""
    numbers = {
        "starts": [0, 0, 0],
        "ends": [1, 1, 2**31],
        "axes": [0, 1, 2],
        "steps": [1, 1, stride],
        "size": [vocabulary],
    }
    nodes = [
        _node("Slice", ["feats", "starts", "ends", "axes", "steps"], ["band"]),
        _node("Abs", ["band"], ["loud"]),
        _node("Mul", ["loud", "scale"], ["scaled"]),
        _node("Cast", ["scaled"], ["whole"], to=7),
        _node("Mod", ["whole", "size"], ["tokens"]),
    ]
    constants = [_tensor(name, np.array(value, np.int64)) for name, value in numbers.items()]
    return _model(
        nodes,
        [*constants, _tensor("scale", np.array([997.0], np.float32))],
        [_value("feats", 1, [1, 128, None]), _value("length", 6, [1])],
        [_value("tokens", 7, [1, 1, None])],
    )


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def _field(number: int, value: int | bytes | str) -> bytes:
    """One field of a protocol buffer message."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    content = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _node(kind: str, inputs: list[str], outputs: list[str], **attributes: int | list[int]) -> bytes:
    body = b"".join(_field(1, name) for name in inputs) + b"".join(_field(2, name) for name in outputs)
    body += _field(4, kind)
    for name, value in attributes.items():
        held = _field(3, value) if isinstance(value, int) else b"".join(_field(8, each) for each in value)
        body += _field(5, _field(1, name) + held + _field(20, 2 if isinstance(value, int) else 7))
    return body


def _tensor(name: str, values: Any) -> bytes:
    dims = b"".join(_field(1, size) for size in values.shape)
    return (
        dims
        + _field(2, 1 if values.dtype == np.float32 else 7)
        + _field(8, name)
        + _field(9, values.tobytes())
    )


def _value(name: str, kind: int, shape: list[int | None]) -> bytes:
    dims = b"".join(_field(1, b"" if size is None else _field(1, size)) for size in shape)
    return _field(1, name) + _field(2, _field(1, _field(1, kind) + _field(2, dims)))


def _model(nodes: list[bytes], constants: list[bytes], inputs: list[bytes], outputs: list[bytes]) -> bytes:
    graph = b"".join(_field(1, node) for node in nodes) + _field(2, "small")
    graph += b"".join(_field(5, constant) for constant in constants)
    graph += b"".join(_field(11, value) for value in inputs)
    graph += b"".join(_field(12, value) for value in outputs)
    return _field(1, 8) + _field(7, graph) + _field(8, _field(2, 13))
