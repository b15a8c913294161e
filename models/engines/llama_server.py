"""Translates with a chat model behind an OpenAI-compatible address: llama-server, Ollama, LM Studio, mlx-lm.

The answer is streamed as server-sent events, so a clause can leave while the next is written. The prompts are
those of `prompts.py`: all but the sentence is the same each time, which such servers keep evaluated.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import Any

from claude_narrator.models.base import EngineContext, Loaded
from claude_narrator.models.engines.event_stream import NoEventStream, data_lines
from claude_narrator.models.engines.local_server import Server, ServerFailed
from claude_narrator.models.engines.server_settings import find_server, model_name
from claude_narrator.models.errors import EngineFailed, UnknownLanguage
from claude_narrator.models.prompts import (
    Message,
    language_name,
    max_reply_weight,
    one_line,
    translation_of,
    translation_prompt,
)
from claude_narrator.models.types import NO_HINTS, Hints, Language

ENGINE = {
    "kind": "translator",
    "summary": "A chat model on a server of yours: llama-server, Ollama, LM Studio, mlx-lm",
    "licence": "Apache-2.0 (code); the model's own",
    "languages": [
        "en", "ja", "zh", "fr", "es", "pt", "de", "it", "ru", "ko", "vi", "th", "ar", "bn", "cs", "da", "el",
        "fi", "he", "hi", "hu", "id", "nl", "no", "pl", "ro", "sv", "tr", "uk",
    ],
    "options": {
        "url": {
            "comment": "Address of an OpenAI-compatible chat server.",
            "example": "http://127.0.0.1:8080",
        },
        "model": {
            "comment": "What the server calls the model; empty for the first it lists.",
            "default": "",
        },
        "key_variable": {
            "comment": "Environment variable that holds the server's key, if it wants one.",
            "default": "",
        },
    },
    "instructed": True,
    "quality": 80,
}  # fmt: skip
_FIRST_TIMEOUT_S, _TIMEOUT_S = 150.0, 60.0
"""Without a byte: a server may read the model from disk for the first question, and a prompt that it does not
know takes it half a minute on one core."""
_MAX_REPLY_TOKENS = 1500
_THOUGHTS, _THOUGHTS_END = "<think>", "</think>"


class LlamaServer:
    """A `Translator`."""

    def __init__(self) -> None:
        self._server: Server | None = None
        self._model = ""

    def load(self, context: EngineContext) -> Loaded:
        """Ask the server for its models and for one token.

        :raises EngineUnavailable: a wrong setting, or a server that does not answer as it should.
        """
        server = find_server("llama_server", context.options)
        try:
            self._model = model_name(server, context.options.get("model", ""))
            for _ in self._reply(server, [Message("user", "OK.")], 1, _FIRST_TIMEOUT_S):
                pass
        except ServerFailed as error:
            raise server.unusable(error) from None
        self._server = server
        return Loaded(server.address, self._model.rpartition("/")[2])

    def translate(
        self, text: str, source: Language, target: Language, hints: Hints = NO_HINTS
    ) -> Iterator[str]:
        """Yield the translation of a sentence as it comes; the empty text warms the prompt of the pair.

        Empty pieces are signs of life.

        :raises UnknownLanguage: a language without a name, or twice the same.
        :raises BadInput: the text is longer than `MAX_TEXT_WEIGHT`.
        :raises EngineFailed: not loaded, or the server failed.
        :raises EngineUnavailable: the server is gone or keeps us out.
        """
        if language_name(source) == language_name(target):
            raise UnknownLanguage(f"{source} into {target} is no translation")
        if self._server is None:
            raise EngineFailed("llama_server is not loaded")
        line = one_line(text)
        messages = translation_prompt(line, source, target, hints)
        return self._pieces(self._server, line, messages) if line else self._warm(self._server, messages)

    def close(self) -> None:
        """Forget the server."""
        self._server = None

    def _pieces(self, server: Server, line: str, messages: Sequence[Message]) -> Iterator[str]:
        limit, some = min(max_reply_weight(line), _MAX_REPLY_TOKENS), False
        with (
            server.failures_in_work(),
            contextlib.closing(self._reply(server, messages, limit)) as reply,
        ):
            for piece in translation_of(without_thoughts(reply), line):
                some = some or bool(piece)
                yield piece
        if not some:
            raise EngineFailed(
                f"{self._model} gave no translation", "Choose an instruct model that does not think aloud."
            )

    def _warm(self, server: Server, messages: Sequence[Message]) -> Iterator[str]:
        with server.failures_in_work():
            for _ in self._reply(server, messages, 1, _FIRST_TIMEOUT_S):
                yield ""

    def _reply(
        self,
        server: Server,
        messages: Sequence[Message],
        max_tokens: int,
        timeout_s: float = _TIMEOUT_S,
    ) -> Generator[str, None, None]:
        request = {
            "model": self._model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "stream": True,
            "temperature": 0,
            "max_tokens": max_tokens,
        }
        is_finished = False
        blocks = server.ask("POST", "/v1/chat/completions", request, timeout_s)
        with contextlib.closing(blocks), _no_stream_is_a_failure(server):
            for data in data_lines(blocks):
                if data == "[DONE]":
                    return
                piece, is_last = _piece(server, server.parse_json(data.encode())) if data else ("", False)
                is_finished = is_finished or is_last
                yield piece
        if not is_finished:
            raise ServerFailed(f"{server.address} broke off")


def without_thoughts(pieces: Iterable[str]) -> Iterator[str]:
    """Yield a model's answer without the `<think>...</think>` that some begin with."""
    head, has_begun = "", False
    for piece in pieces:
        if has_begun or not piece:
            yield piece
            continue
        head += piece
        text = head.lstrip()
        if not _THOUGHTS.startswith(text[: len(_THOUGHTS)]):
            has_begun = True
            yield head
        elif _THOUGHTS_END in text:
            has_begun = True
            yield text.partition(_THOUGHTS_END)[2]
        else:
            yield ""
    if head and not has_begun and not head.lstrip().startswith(_THOUGHTS):
        yield head


@contextlib.contextmanager
def _no_stream_is_a_failure(server: Server) -> Iterator[None]:
    try:
        yield
    except NoEventStream:
        raise server.nonsense("what is no event stream") from None


def _piece(server: Server, event: Any) -> tuple[str, bool]:
    """The text in an event of `/v1/chat/completions`, and whether the answer ends with it."""
    choices = event.get("choices") if isinstance(event, dict) else None
    if not isinstance(choices, list):
        raise ServerFailed(f"{server.address} failed while it answered", "See the server's own log.")
    choice = choices[0] if choices and isinstance(choices[0], dict) else {}
    delta = choice.get("delta")
    text = delta.get("content") if isinstance(delta, dict) else ""
    return text if isinstance(text, str) else "", bool(choice.get("finish_reason"))
