"""An engine that does what the words of its text say, so that a test can have any fault at any place."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from claude_narrator.models.base import EngineContext, Loaded
from claude_narrator.models.errors import BadInput, EngineUnavailable, UnknownLanguage
from claude_narrator.models.types import NO_HINTS, AudioChunk, Hints, Language, SampleRate

ENGINE = {
    "kind": "synthesizer",
    "summary": "Does what the text says",
    "voices": {"en": ["plain", "other"], "pt-BR": ["plain"]},
}
RATE = SampleRate(16_000)
CHUNK = 1000


class Scripted:
    """Steps, parted by spaces; see `_step`. `say` number n gives CHUNK samples of n / 1000.

    The text `hints` is translated into the hints that came with it.
    """

    def load(self, context: EngineContext) -> Loaded:
        return Loaded("cpu", "fp32")

    def synthesize(self, text: str, voice: str, language: Language, rate: float) -> Iterator[AudioChunk]:
        for said, step in enumerate(_steps(text)):
            value = float("nan") if step == "nan" else said / 1000
            yield AudioChunk(np.full(CHUNK, value, np.float32), RATE)

    def translate(
        self, text: str, source: Language, target: Language, hints: Hints = NO_HINTS
    ) -> Iterator[str]:
        if target == "xx":
            raise UnknownLanguage("Scripted knows no xx", "Take en.")
        if text == "hints":
            yield f"{dict(hints.glossary)} {hints.before}" + " strict" * hints.strict
            return
        for said, _ in enumerate(_steps(text)):
            yield f"{target}{said} "

    def close(self) -> None:
        """Nothing is held."""


class Fragile(Scripted):
    """Crashes on every sentence, whatever it says, until the file of the model `mended` is there."""

    def load(self, context: EngineContext) -> Loaded:
        self._mended = context.files.get("mended", Path("/nowhere"))
        return Loaded("cpu", "fp32")

    def synthesize(self, text: str, voice: str, language: Language, rate: float) -> Iterator[AudioChunk]:
        if not self._mended.exists():
            _crash()
        yield AudioChunk(np.full(CHUNK, 0.5, np.float32), RATE)

    def translate(
        self, text: str, source: Language, target: Language, hints: Hints = NO_HINTS
    ) -> Iterator[str]:
        if not self._mended.exists():
            _crash()
        return super().translate(text, source, target, hints)


class Echo(Scripted):
    """Gives every text back as it came, which is no translation of it."""

    def translate(
        self, text: str, source: Language, target: Language, hints: Hints = NO_HINTS
    ) -> Iterator[str]:
        yield text


class Tone(Scripted):
    """Gives CHUNK samples of 0.5 for every text."""

    def synthesize(self, text: str, voice: str, language: Language, rate: float) -> Iterator[AudioChunk]:
        yield AudioChunk(np.full(CHUNK, 0.5, np.float32), RATE)


class Fluent(Scripted):
    """Knows one question in many languages, and translates each question of a text into that."""

    def load(self, context: EngineContext) -> Loaded:
        from tests.sentences import sentence_of

        self._sentence_of = sentence_of
        return Loaded("cpu", "fp32")

    def translate(
        self, text: str, source: Language, target: Language, hints: Hints = NO_HINTS
    ) -> Iterator[str]:
        yield " ".join([self._sentence_of(target)] * text.count("?"))


class Warmable(Scripted):
    """Writes what it is asked into the file of the model `notes`; becomes warm when that of `gate` is there.

    Where `gate` is a folder, it crashes instead.
    """

    def load(self, context: EngineContext) -> Loaded:
        self._notes, self._gate = context.files["notes"], context.files["gate"]
        return Loaded("cpu", "fp32")

    def translate(
        self, text: str, source: Language, target: Language, hints: Hints = NO_HINTS
    ) -> Iterator[str]:
        self._note(f"{source}-{target} {text or 'warm'}")
        if text:
            return super().translate(text, source, target, hints)
        return self._warm(f"{source}-{target} left")

    def _warm(self, left: str) -> Iterator[str]:
        try:
            while not self._gate.is_file():
                if self._gate.is_dir():
                    _crash()
                time.sleep(0.005)
                yield ""
        except GeneratorExit:
            self._note(left)
            raise

    def _note(self, line: str) -> None:
        with self._notes.open("a") as file:
            file.write(line + "\n")


class Hoarder(Scripted):
    """Takes as many megabytes as its option `megabytes` says, and more with every step `take=MEGABYTES`."""

    def load(self, context: EngineContext) -> Loaded:
        self._taken = [_megabytes(int(context.options["megabytes"]))]
        return Loaded("cpu", str(context.memory_bytes))

    def synthesize(self, text: str, voice: str, language: Language, rate: float) -> Iterator[AudioChunk]:
        for word in text.split():
            if word.startswith("take="):
                self._taken.append(_megabytes(int(word.removeprefix("take="))))
            else:
                yield from super().synthesize(word, voice, language, rate)


class ToneHoarder(Hoarder):
    """Takes memory as `Hoarder` does, and speaks as `Tone`."""

    def synthesize(self, text: str, voice: str, language: Language, rate: float) -> Iterator[AudioChunk]:
        yield from Tone().synthesize(text, voice, language, rate)


class Keeper(Scripted):
    """Keeps two seconds of samples of every sentence."""

    def load(self, context: EngineContext) -> Loaded:
        self._kept: list[np.ndarray] = []
        return Loaded("cpu", "fp32")

    def synthesize(self, text: str, voice: str, language: Language, rate: float) -> Iterator[AudioChunk]:
        self._kept.append(np.ones(2 * RATE * 4, np.float32))
        yield AudioChunk(np.full(CHUNK, 0.5, np.float32), RATE)


class LoadRefused(Scripted):
    def load(self, context: EngineContext) -> Loaded:
        raise EngineUnavailable("the weights are torn", "Run: voice models verify torn")


class LoadsOnceMended(Scripted):
    """Refuses to be loaded until the file of the model `mended` is there."""

    def load(self, context: EngineContext) -> Loaded:
        if not context.files["mended"].exists():
            raise EngineUnavailable("its server is gone")
        return Loaded("cpu", "fp32")


class LoadRaises(Scripted):
    def load(self, context: EngineContext) -> Loaded:
        raise ZeroDivisionError("first line\nsecond line")


class LoadCrashes(Scripted):
    def load(self, context: EngineContext) -> Loaded:
        os.abort()


class LoadDevours(Scripted):
    def load(self, context: EngineContext) -> Loaded:
        try:
            _devour()
        except MemoryError as error:
            raise EngineUnavailable("the library has no words for it") from error
        return Loaded("cpu", "fp32")


class LoadHangs(Scripted):
    def load(self, context: EngineContext) -> Loaded:
        signal.pause()
        return Loaded("cpu", "fp32")


class LoadWaits(Scripted):
    """Loads when the file of the model `gate` is there."""

    def load(self, context: EngineContext) -> Loaded:
        _wait_for(context.files["gate"])
        return Loaded("cpu", "fp32")


def _steps(text: str) -> Iterator[str]:
    """Yield every step that is to give output, after doing what the others say."""
    for word in text.split():
        name, _, argument = word.partition("=")
        if name in ("say", "nan"):
            yield name
        elif name == "forever":
            yield from _forever(Path(argument))
        else:
            _step(name, Path(argument))


def _forever(closed: Path) -> Iterator[str]:
    try:
        while True:
            yield "say"
    finally:
        closed.touch()


def _step(name: str, path: Path) -> None:
    {
        "crash": _crash,
        "crash-once": lambda: _once(path, _crash),
        "devour": _devour,
        "devour-once": lambda: _once(path, _devour),
        "freeze": lambda: os.kill(os.getpid(), signal.SIGSTOP),
        "hang": signal.pause,
        "garbage": _write_garbage,
        "print": _print,
        "raise": _raise,
        "refuse": _refuse,
        "wait": lambda: _wait_for(path),
        "pause": lambda: time.sleep(0.2),
        "hold": lambda: _hold(path),
    }[name]()


def _megabytes(count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.full(count * 10**6, 1, np.uint8)


def _crash() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _once(done: Path, step: Callable[[], None]) -> None:
    if not done.exists():
        done.touch()
        step()


def _devour() -> None:
    bytearray(1 << 62)


def _print() -> None:
    print("a library talks", flush=True)
    os.write(1, b"and so does its native part\n")
    os.write(2, b"x" * 300_000)


def _raise() -> None:
    raise KeyError("a secret of the text")


def _refuse() -> None:
    raise BadInput("nothing to say", "Give it words.")


def _write_garbage() -> None:
    for descriptor in range(3, 20):
        try:
            os.write(descriptor, b"\x00 no frame at all " * 10)
        except OSError:
            continue


def _hold(fifo: Path) -> None:
    """This process and a child of it keep `fifo` open: its reader sees the end when both are gone."""
    descriptor = os.open(fifo, os.O_WRONLY)
    subprocess.Popen([sys.executable, "-S", "-c", "import signal; signal.pause()"], pass_fds=[descriptor])


def _wait_for(path: Path) -> None:
    while not path.exists():
        time.sleep(0.005)
