"""Text goes to espeak-ng phrase by phrase and comes back in Kokoro's letters, whatever the program does."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import pytest

from claude_narrator.models.engines import kokoro_espeak
from claude_narrator.models.engines.kokoro_espeak import VOICES, ask_espeak, espeak_phonemes
from claude_narrator.models.errors import EngineFailed
from tests.hostile_texts import HOSTILE


def _phrases(text: str, language: str = "es") -> list[str]:
    """What would be given to espeak-ng."""
    given: list[str] = []
    espeak_phonemes(text, language, lambda phrase, voice: given.append(phrase.strip()) or "x")  # type: ignore[func-returns-value]
    return given


def _as_it_is(text: str) -> str:
    return espeak_phonemes(text, "es", lambda phrase, voice: phrase)


def test_punctuation_parts_phrases_and_is_put_back() -> None:
    assert _as_it_is("Uno, dos; tres: ¿cuatro? ¡Sí! Bien… «así» — ya.") == (
        "Uno, dos; tres: cuatro? Sí! Bien… “así” — ya."
    )
    assert _phrases("Uno, dos: ¿tres? 3,14 veces a las 10:30.") == [
        "Uno",
        "dos",
        "tres",
        "3,14 veces a las 10:30",
    ]


def test_brackets_are_pauses_so_that_no_phoneme_command_gets_through() -> None:
    assert _phrases("Well [[h@l'oU]] (so) {x} <y>") == ["Well", "h@l'oU", "so", "x", "y"]
    assert _as_it_is("uno (dos) tres") == "uno, dos, tres"


def test_a_long_word_is_broken_so_that_no_buffer_is() -> None:
    longest = max(len(word) for phrase in _phrases("s'" * 100 + " fin") for word in phrase.split())
    assert longest == 40


def test_sounds_of_several_letters_become_one_and_switches_of_language_go() -> None:
    written = "t^ʃˈe^ɪ (^e^n)bˈɪld(^e^s) d^ʒ t^s ɔ^ɪ r^r lə- (en)x(es)\n"
    assert espeak_phonemes("x", "it", lambda phrase, voice: written) == "ʧˈA bˈɪld ʤ ʦ Y rr lə x"


def test_each_language_has_its_voice() -> None:
    asked: list[str] = []
    for language in VOICES:
        espeak_phonemes("x", language, lambda phrase, voice: asked.append(voice) or "")  # type: ignore[func-returns-value]
    assert asked == ["es", "fr-fr", "it", "pt-br", "hi"]


@pytest.mark.parametrize(
    ("language", "text", "phonemes"),
    [
        ("es", "El servidor no responde.", "el sˌeɾβiðˈoɾ nˈo respˈonde."),
        ("fr", "Le serveur ne répond pas.", "lə sɛʁvˈœʁ nə ʁepˈɔ̃ pˈa."),
        ("it", "Ci sono tutti.", "ʧɪ sˈono tˈutːɪ."),
        ("pt", "Os testes passam.", "ʊs tˈɛsʧys pˈasɐ̃ʊ̃."),
        ("hi", "सर्वर जवाब नहीं।", "sˈʌrʋəɾ ɟəʋˈaːb nˈʌhi\u0303."),
    ],
)
def test_the_program_reads_every_language(language: str, text: str, phonemes: str) -> None:
    """Stress and length differ a little between versions of espeak-ng."""
    read = espeak_phonemes(text, language, ask_espeak)
    plain = str.maketrans("", "", "ˈˌː")
    assert read.translate(plain) == phonemes.translate(plain)


def test_no_text_breaks_it() -> None:
    for text in (*HOSTILE, "s'" * 200, "а́" * 300, "9" * 400):
        espeak_phonemes(text.encode("utf-8", "replace").decode(), "es", ask_espeak)


def _program(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    path = folder / "espeak-ng"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("kill -ABRT $$", "espeak-ng ended with status -6"),
        ("echo broken >&2; exit 3", "espeak-ng ended with status 3"),
        ("exec sleep 600", "espeak-ng failed: TimeoutExpired"),
    ],
)
def test_a_program_that_dies_or_hangs_fails_the_phrase(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, says: str
) -> None:
    monkeypatch.setattr(kokoro_espeak, "_TIMEOUT_S", 0.5)
    _program(tmp_path, monkeypatch, script)
    with pytest.raises(EngineFailed, match=says):
        ask_espeak("hola", "es")


def test_text_is_no_argument(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(tmp_path, monkeypatch, f'echo "$@" > {tmp_path}/arguments; cat > {tmp_path}/text; echo ok')
    assert ask_espeak("--compile=es", "es") == "ok\n"
    assert (tmp_path / "text").read_text() == "--compile=es"
    assert (tmp_path / "arguments").read_text() == "-q --ipa --tie=^ -b 1 -v es --stdin\n"


def test_without_the_program_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("espeak-ng") is None
    with pytest.raises(EngineFailed, match=r"no command 'espeak-ng'.*brew or apt install espeak-ng"):
        ask_espeak("hola", "es")
