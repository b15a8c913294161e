"""Pico: the same words are the same sound, understood in every language, and its markup is no command."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from claude_narrator.models.base import EngineContext
from claude_narrator.models.engines.nanotts import NanoTTS
from claude_narrator.models.errors import EngineFailed, UnknownVoice
from claude_narrator.models.types import Language, Samples
from tests.listening import CLEAR, Listener, character_error_rate, joined, missing_key_words

ROOT = Path(__file__).resolve().parents[3]
SPOKEN = {
    ("en", "lh0"): ("The build is green again, and all tests pass.", ["build", "green", "tests"]),
    ("en", "kh0"): ("The build is green again, and all tests pass.", ["build", "green", "tests"]),
    ("de", "gl0"): (
        "Der Fehler ist gefunden, deshalb starte ich alles neu.",
        ["Fehler", "gefunden", "starte"],
    ),
    ("es", "zl0"): ("El servidor no responde, por eso lo voy a reiniciar ahora.", ["servidor", "responde"]),
    ("fr", "nk0"): ("Le serveur ne répond pas, donc je le redémarre maintenant.", ["serveur", "maintenant"]),
    ("it", "cm0"): ("Il server non risponde, quindi lo riavvio adesso.", ["server", "risponde", "adesso"]),
}


@pytest.fixture
def pico() -> Iterator[NanoTTS]:
    engine = NanoTTS()
    engine.load(EngineContext())
    yield engine
    engine.close()


LEAVINGS = """
import ctypes
import numpy as np
from claude_narrator.models.base import EngineContext
from claude_narrator.models.engines.nanotts import NanoTTS

def say():
    text = "Der Build ist wieder grün, und alle Tests laufen durch."
    return np.concatenate([chunk.samples for chunk in pico.synthesize(text, "gl0", "de", 1.0)])

def leave_in_memory(value):
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    libc.free.argtypes = [ctypes.c_void_p]
    blocks = [libc.malloc(2_500_000) for _ in range(8)]
    for block in blocks:
        ctypes.memset(ctypes.c_void_p(block), value, 2_500_000)
    for block in blocks:
        libc.free(block)

pico = NanoTTS()
pico.load(EngineContext())
first, same = say(), []
for leavings in (0xFF, 0x55):
    leave_in_memory(leavings)
    same.append(np.array_equal(say(), first))
print(same)
"""
"""A process of its own, as the engine has in the daemon: this one's heap has a past."""


def _say(pico: NanoTTS, text: str, voice: str = "lh0", language: str = "en", rate: float = 1.0) -> Samples:
    return joined(pico.synthesize(text, voice, Language(language), rate)).samples


def test_the_same_words_are_the_same_sound_whatever_lay_in_memory_before() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LEAVINGS], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert (done.returncode, done.stdout) == (0, "[True, True]\n"), done.stderr


def test_markup_in_the_text_commands_nothing(pico: NanoTTS) -> None:
    loud = '<volume level="500">Hello.</volume>'
    assert np.abs(_say(pico, loud)).max() < 0.95
    assert len(_say(pico, "One.</volume> Two.")) > len(_say(pico, "One.  Two."))
    assert len(_say(pico, 'One <break time="9s"/> two.')) / 16_000 < 9


def test_what_it_cannot_pronounce_gives_no_sound(pico: NanoTTS) -> None:
    assert list(pico.synthesize("🎉 日本語 …", "gl0", Language("de"), 1.0)) == []


def test_a_voice_it_has_not_is_refused_and_so_is_work_after_the_end(pico: NanoTTS) -> None:
    with pytest.raises(UnknownVoice, match="nanotts has no voice 'mei'"):
        pico.synthesize("Hallo.", "mei", Language("de"), 1.0)
    pico.close()
    with pytest.raises(EngineFailed, match="not loaded"):
        pico.synthesize("Hallo.", "gl0", Language("de"), 1.0)


@pytest.mark.models
@pytest.mark.parametrize(("language", "voice"), SPOKEN)
def test_every_voice_is_understood(pico: NanoTTS, language: str, voice: str) -> None:
    text, key_words = SPOKEN[language, voice]
    sound = joined(pico.synthesize(text, voice, Language(language), 1.0))
    heard = Listener().hear(sound, language)
    assert missing_key_words(key_words, heard, language) == []
    assert character_error_rate(text, heard, language) < CLEAR
