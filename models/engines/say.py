"""The voices of macOS, by its own command `say`; see say(1).

Each piece of text is one run of the command: the text goes in on standard input, the sound comes out as a WAV
file, which Core Audio writes at more than one place and therefore cannot write into a pipe. With a voice that
it has not, `say` may speak with another one without a word, so the names are looked up in its own list.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import time
import unicodedata
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from claude_narrator.models.base import EngineContext, Loaded
from claude_narrator.models.errors import BadInput, EngineFailed, EngineUnavailable
from claude_narrator.models.options import parse_voices
from claude_narrator.models.pacing import paced
from claude_narrator.models.phrases import clean_text, cut_phrases, pause_after_ms
from claude_narrator.models.types import AudioChunk, Language, SampleRate, Samples
from claude_narrator.models.wav_file import read_wav

ENGINE = {
    "kind": "synthesizer",
    "summary": "The voices of macOS",
    "licence": "part of macOS, under Apple's terms: for personal, non-commercial use",
    "voices": {
        "en-US": ["Samantha"],
        "en-GB": ["Daniel"],
        "en-AU": ["Karen"],
        "en-IE": ["Moira"],
        "en-IN": ["Rishi"],
        "en-ZA": ["Tessa"],
        "ja": ["Kyoko"],
        "ar": ["Majed"],
        "bg": ["Daria"],
        "ca": ["Montse"],
        "cs": ["Zuzana"],
        "da": ["Sara"],
        "de": ["Anna"],
        "el": ["Melina"],
        "es-ES": ["Monica"],
        "es-MX": ["Paulina"],
        "fi": ["Satu"],
        "fr-FR": ["Thomas"],
        "fr-CA": ["Amelie"],
        "he": ["Carmit"],
        "hi": ["Lekha"],
        "hr": ["Lana"],
        "hu": ["Tunde"],
        "id": ["Damayanti"],
        "it": ["Alice"],
        "ko": ["Yuna"],
        "ms": ["Amira"],
        "nb": ["Nora"],
        "nl-NL": ["Xander"],
        "nl-BE": ["Ellen"],
        "pl": ["Zosia"],
        "pt-BR": ["Luciana"],
        "pt-PT": ["Joana"],
        "ro": ["Ioana"],
        "ru": ["Milena"],
        "sk": ["Laura"],
        "sv": ["Alva"],
        "th": ["Kanya"],
        "tr": ["Yelda"],
        "uk": ["Lesya"],
        "vi": ["Linh"],
        "zh-CN": ["Tingting"],
        "zh-TW": ["Meijia"],
        "zh-HK": ["Sinji"],
    },
    "commands": ["say"],
    "options": {
        "voices": {
            "comment": "Voices that you added in System Settings, as LANGUAGE:NAME, a _ for each space.",
            "default": "",
            "example": "en:Ava_(Premium) ja:Otoya",
        },
    },
    "quality": 30,
}
_COMMAND = "say"
_WORDS_PER_MINUTE = 175
"""What `say` calls a rate of 1; each voice makes of it what it will."""
_FORMAT = ("--file-format=WAVE", "--data-format=LEI16@22050")
_FIRST_CHARACTERS, _PIECE_CHARACTERS = 60, 200
_TIMEOUT_S = 20.0
_POLL_S = 0.05
_MAX_SECONDS = 120.0
_LISTED = re.compile(r"(?P<name>\S.*?) +(?P<locale>[a-z]{2,3}_[A-Za-z0-9_]+) +#")
"""`Eddy (German (Germany)) de_DE    # Hallo! Ich heiße Eddy.`"""
_SIGN_OF_LIFE = AudioChunk(np.zeros(0, np.float32), SampleRate(22_050))


class Say:
    """A `Synthesizer`. The rate is the command's own, in words a minute."""

    def __init__(self) -> None:
        self._voices: dict[str, str] = {}

    def load(self, context: EngineContext) -> Loaded:
        """Ask the command for its voices.

        :raises EngineUnavailable: it is not there, is another program of that name, or has not one of the
            voices that the option lists.
        """
        self._voices = _voices_there()
        for name in _listed(context.options.get("voices", "")):
            if _key(name) not in self._voices:
                some = ", ".join(sorted(self._voices.values())[:12])
                raise EngineUnavailable(
                    f"macOS has no voice {name} here, which engines.say.voices lists",
                    f"It has {some} and more: say -v '?'",
                )
        return Loaded("cpu", "int16")

    def synthesize(self, text: str, voice: str, language: Language, rate: float) -> Iterator[AudioChunk]:
        """Yield one chunk a piece of `text`; empty chunks are signs of life.

        :raises EngineFailed: not loaded, no such voice on this Mac, or the command failed.
        :raises EngineUnavailable: the command is gone or hangs.
        """
        if not self._voices:
            raise EngineFailed("say is not loaded")
        if _key(voice) not in self._voices:
            raise EngineFailed(
                f"this Mac has no voice {voice[:60]!r}",
                "Add it in System Settings, Accessibility, Spoken Content, System Voice, Manage Voices.",
            )
        return _pieces(text, self._voices[_key(voice)], rate)

    def close(self) -> None:
        """Forget the list of voices."""
        self._voices = {}


def _pieces(text: str, voice: str, rate: float) -> Iterator[AudioChunk]:
    for piece in cut_phrases(without_commands(clean_text(text)), _FIRST_CHARACTERS, _PIECE_CHARACTERS):
        if any(map(str.isalnum, piece)):
            samples, sample_rate = yield from _say(piece, voice, rate)
            kept = paced(samples, sample_rate, pause_after_ms(piece, rate))
            if len(kept):
                yield AudioChunk(kept, sample_rate)


def without_commands(text: str) -> str:
    """Return `text` with no `[[` and `]]`, between which Apple's synthesizers read commands such as volm."""
    return re.sub(r"\](?=\])", "] ", re.sub(r"\[(?=\[)", "[ ", text))


def _say(piece: str, voice: str, rate: float) -> Generator[AudioChunk, None, tuple[Samples, SampleRate]]:
    """The samples of one run of the command, signs of life meanwhile; a caller that leaves kills it."""
    with tempfile.TemporaryDirectory(prefix="claude-narrator-say-") as folder:
        sound, told = Path(folder, "sound.wav"), Path(folder, "told")
        words_per_minute = str(round(_WORDS_PER_MINUTE * rate))
        command = [_COMMAND, "-v", voice, "-r", words_per_minute, "-o", str(sound), *_FORMAT, "-f", "-"]
        with told.open("wb") as errors, _running(command, subprocess.DEVNULL, errors) as process:
            _write(process, piece)
            yield from _until_it_ends(process)
        if process.returncode != 0:
            raise EngineFailed(f"say failed: {_first_line(told) or f'status {process.returncode}'}")
        if not sound.exists():
            raise EngineFailed("say wrote no sound")
        try:
            recording = read_wav(sound, _MAX_SECONDS)
        except BadInput as error:
            raise EngineFailed(f"what say wrote cannot be read: {error.problem}") from None
        return recording.channels[:, 0], recording.sample_rate


def _until_it_ends(process: subprocess.Popen[bytes]) -> Iterator[AudioChunk]:
    deadline_s = time.monotonic() + _TIMEOUT_S
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_POLL_S)
            return
        if time.monotonic() > deadline_s:
            raise EngineUnavailable(f"say did not end within {_TIMEOUT_S:.0f} s")
        yield _SIGN_OF_LIFE


@contextlib.contextmanager
def _running(command: list[str], output: int, errors: BinaryIO | int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command that reads and writes UTF-8, whatever the daemon's locale; it is dead in the end."""
    environ = {**os.environ, "LC_ALL": "en_US.UTF-8"}
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=output, stderr=errors, env=environ, cwd="/"
        )
    except OSError as error:
        raise EngineUnavailable(
            f"say cannot be run: {error.strerror or error}", "It is a part of macOS."
        ) from None
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        process.wait()


def _write(process: subprocess.Popen[bytes], text: str) -> None:
    """Hand over a piece, which a pipe holds as a whole, so that this never waits."""
    assert process.stdin is not None
    with contextlib.suppress(OSError):
        process.stdin.write(text.encode("utf-8", "replace") + b"\n")
        process.stdin.close()


def _voices_there() -> dict[str, str]:
    """Every voice of this Mac by its key, as `say -v '?'` lists them."""
    with _running([_COMMAND, "-v", "?"], subprocess.PIPE, subprocess.DEVNULL) as process:
        try:
            listed = process.communicate(timeout=_TIMEOUT_S)[0].decode("utf-8", "replace")
        except subprocess.TimeoutExpired:
            raise EngineUnavailable(f"say did not list its voices within {_TIMEOUT_S:.0f} s") from None
    names = [found["name"] for line in listed.splitlines() if (found := _LISTED.match(line))]
    if process.returncode != 0 or not names:
        where = shutil.which(_COMMAND) or _COMMAND
        raise EngineUnavailable(f"{where} is not the say of macOS: it lists no voices", "It speaks on a Mac.")
    return {_key(name): name for name in names}


def _listed(option: str) -> list[str]:
    try:
        return [name for names in parse_voices(option).values() for name in names]
    except BadInput as error:
        raise EngineUnavailable(f"engines.say.voices: {error.problem}", error.hint) from None


def _key(name: str) -> str:
    """What is compared: letters and digits, since Monica is also Mónica, and Tingting also Ting-Ting."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(filter(str.isalnum, plain))


def _first_line(file: Path) -> str:
    lines = file.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[0][:160] if lines else ""
