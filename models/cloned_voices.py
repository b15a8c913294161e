"""Voices made from a recording, as an engine that `clones` finds them in `context.voices`.

In the folder lie `reference.wav`, mono 16 bit at 16 to 24 kHz, and `voice.json` with `languages` ["*"],
`reference` the file's name, `text` what it says ("" when nobody told), `language` the text's ("" when
unknown), `seconds`, `sample_rate`, `snr_db` and `consent`, the day on which the user confirmed the right to
the voice.
"""

from __future__ import annotations

import datetime
import unicodedata
import wave
from pathlib import Path

import numpy as np

from claude_narrator.models.errors import BadInput
from claude_narrator.models.reference_sound import Reference
from claude_narrator.models.stored_voices import EVERY_LANGUAGE, new_voice
from claude_narrator.models.types import Samples

REFERENCE = "reference.wav"
_FASTEST_CHARS, _SLOWEST_CHARS = 30.0, 1.0
"""Characters a second that nobody passes; a wide one, as in Japanese, counts twice."""


def check_transcript(text: str, seconds: float) -> str:
    """Return what a recording of that length says, its spaces evened out.

    :raises BadInput: nobody can have said that in the time.
    """
    said = " ".join(text.split())
    if not said:
        return ""
    rate = sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in said) / seconds
    if _SLOWEST_CHARS <= rate <= _FASTEST_CHARS:
        return said
    what = "too long" if rate > _FASTEST_CHARS else "too short"
    raise BadInput(
        f"the text is {what} for {seconds:.1f} s of speech",
        "Give in --text exactly what the recording says, or leave it out.",
    )


def store_clone(
    folder: Path, name: str, reference: Reference, text: str, language: str, consent: datetime.date
) -> None:
    """Store a voice `name` of the engine whose voices are in `folder`.

    :raises BadInput: the name is no name, or taken.
    :raises NarratorError: the folder cannot be written.
    """
    description = {
        "languages": [EVERY_LANGUAGE],
        "reference": REFERENCE,
        "text": text,
        "language": language,
        "seconds": round(reference.seconds, 2),
        "sample_rate": reference.sample_rate,
        "snr_db": round(reference.snr_db, 1),
        "consent": consent.isoformat(),
    }
    with new_voice(folder, name, description) as fresh, wave.open(str(fresh / REFERENCE), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(reference.sample_rate)
        file.writeframes(_to_int16(reference.samples))


def _to_int16(samples: Samples) -> bytes:
    return np.clip(np.round(samples * 32768), -32768, 32767).astype("<i2").tobytes()
