"""Spanish, French, Italian, Portuguese and Hindi as the phonemes that Kokoro v1.0 was trained on.

They are those of espeak-ng, which runs as a program of its own, one run a phrase: it is under the GPL, and it
may abort. Text goes in on standard input. Punctuation, which espeak-ng drops, is put back; its pairs of
letters for one sound, which `--tie` marks, become the model's single letters.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable

from claude_narrator.models.errors import EngineFailed

COMMAND = "espeak-ng"
VOICES = {"es": "es", "fr": "fr-fr", "it": "it", "pt": "pt-br", "hi": "hi"}
"""espeak-ng's name of a language."""
_MAX_WORD = 40
"""Characters; espeak-ng 1.51 writes past its buffers on some that are much longer."""
_TIMEOUT_S = 5.0
_LONG_WORD = re.compile(rf"\S{{{_MAX_WORD}}}(?=\S)")
_MARKS = re.compile(r"""([,.;:!?](?=["'”’»)\]]*(?:\s|\Z))|[…—।॥]|[()\[\]{}<>«»“”"¿¡]|\s[–-](?=\s))""")
"""What parts phrases: punctuation at the end of a word, and every bracket, since `[[` is a command."""
_SINGLE = {
    "a^ɪ": "I",
    "a^ʊ": "W",
    "d^z": "ʣ",
    "d^ʒ": "ʤ",
    "e^ɪ": "A",
    "o^ʊ": "O",
    "ə^ʊ": "Q",
    "s^s": "S",
    "t^s": "ʦ",
    "t^ʃ": "ʧ",
    "ɔ^ɪ": "Y",
}
_SWITCH = re.compile(r"\(\^?[a-z][a-z^-]*\)")
"""Where espeak-ng goes over to the rules of another language: `(^e^n)`."""
_PAUSES = (",", ".", "!", "?", ":", ";", "—", "…")
_SPELLED = {
    "-": "—",
    "–": "—",
    '"': "",
    "«": "“",
    "»": "”",
    "।": ".",
    "॥": ".",
    "<": "",
    ">": "",
    "¿": "",
    "¡": "",
} | dict.fromkeys("()[]{}", ",")


def espeak_phonemes(text: str, language: str, phonemes_of: Callable[[str, str], str]) -> str:
    """Return the phonemes of `text`; `phonemes_of` gives those of a phrase in a voice, as `ask_espeak` does.

    :raises KeyError: `language` is not one of `VOICES`.
    """
    voice, out = VOICES[language], ""
    for number, part in enumerate(_MARKS.split(_LONG_WORD.sub(lambda word: word[0] + " ", text))):
        if number % 2:
            out = _with_mark(out, part.strip())
        elif any(map(str.isalnum, part)):
            out += ("" if not out or out.endswith((" ", "“")) else " ") + _model_letters(
                phonemes_of(part, voice)
            )
    return re.sub(r"\s+", " ", out).strip()


def ask_espeak(phrase: str, voice: str) -> str:
    """Return what espeak-ng writes for a phrase: IPA, `^` within a sound of several letters.

    :raises EngineFailed: it is not there, hangs, or dies.
    """
    command = [COMMAND, "-q", "--ipa", "--tie=^", "-b", "1", "-v", voice, "--stdin"]
    try:
        done = subprocess.run(
            command, input=phrase.encode(), capture_output=True, timeout=_TIMEOUT_S, check=False, cwd="/"
        )
    except FileNotFoundError:
        raise EngineFailed(
            f"there is no command {COMMAND!r} on this machine", "Install it: brew or apt install espeak-ng"
        ) from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineFailed(f"{COMMAND} failed: {type(error).__name__}") from None
    if done.returncode != 0:
        raise EngineFailed(f"{COMMAND} ended with status {done.returncode}")
    return done.stdout.decode("utf-8", "replace")


def _model_letters(written: str) -> str:
    plain = _SWITCH.sub("", " ".join(written.split()))
    for pair, letter in _SINGLE.items():
        plain = plain.replace(pair, letter)
    return plain.replace("^", "").replace("-", "")


def _with_mark(out: str, mark: str) -> str:
    mark = _SPELLED.get(mark, mark)
    if mark == "“":
        return f"{out.rstrip()} “"
    if not mark or not out or (mark == "," and out.rstrip().endswith(_PAUSES)):
        return out
    return f"{out.rstrip()}{' ' * (mark == '—')}{mark} "
