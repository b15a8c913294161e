"""A stand-in for the `say` of macOS: lists voices, writes a WAV file, keeps what it was asked, and can fail.

`install` puts an executable of that name into a folder; it runs this file as a program.
"""

from __future__ import annotations

import json
import math
import os
import shlex
import stat
import sys
import time
import wave
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RATE = 22_050
LISTED = """\
Alice               it_IT    # Ciao! Mi chiamo Alice.
Amélie              fr_CA    # Bonjour! Je m’appelle Amélie.
Anna                de_DE    # Hallo! Ich heiße Anna.
Ava (Premium)       en_US    # Hello! My name is Ava.
Bad News            en_US    # The light you see at the end of the tunnel is the headlamp of a fast train.
Daniel              en_GB    # Hello! My name is Daniel.
Eddy (German (Germany)) de_DE    # Hallo! Ich heiße Eddy.
Kyoko               ja_JP    # こんにちは! 私の名前はKyokoです。
Luciana             pt_BR    # Olá, meu nome é Luciana.
Majed               ar_001   # مرحبًا! اسمي ماجد.
Mónica              es_ES    # ¡Hola! Me llamo Mónica.
Samantha            en_US    # Hello! My name is Samantha.
Thomas              fr_FR    # Bonjour, je m’appelle Thomas.
Ting-Ting           zh_CN    # 您好，我叫Ting-Ting。
"""
"""The form of macOS 10.15 to 26: the name may have spaces and brackets, and one space may follow it."""


@dataclass(frozen=True)
class StandInSay:
    """The stand-in in `folder`; give `folder` to PATH."""

    folder: Path

    @property
    def runs(self) -> list[dict[str, Any]]:
        """What each run that was to speak got: `arguments`, `text`, `locale`, `sound` (its file)."""
        kept = self.folder / "runs"
        return [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []

    def behave(self, fault: str = "") -> None:
        """Have every later run fail.

        `status`, `hang`, `nothing` (no file), `empty`, `noise`, `cut`, `crash`, `mute`.
        """
        (self.folder / "fault").write_text(fault)

    def list_voices(self, text: str) -> None:
        """Have it list other voices."""
        (self.folder / "voices").write_text(text, encoding="utf-8")

    @property
    def hanging(self) -> int | None:
        """The id of the process that hangs, once it does."""
        kept = self.folder / "hanging"
        return int(kept.read_text()) if kept.exists() else None


def install(folder: Path) -> StandInSay:
    """Put an executable `say` into `folder`."""
    program = folder / "say"
    arguments = shlex.join([sys.executable, "-I", "-S", __file__, str(folder)])
    program.write_text(f'#!/bin/sh\nexec {arguments} "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return StandInSay(folder)


def _tone(seconds: float) -> bytes:
    """A fifth of a second of silence, a tone, and silence again."""
    quiet = array("h", bytes(2 * (RATE // 5)))
    count = round(seconds * RATE)
    sound = array("h", (round(9000 * math.sin(2 * math.pi * 220 * n / RATE)) for n in range(count)))
    return (quiet + sound + quiet).tobytes()


def _speak(arguments: list[str], folder: Path) -> int:
    options = dict(zip(arguments[::1], [*arguments[1:], ""], strict=True))
    sound, words_per_minute = Path(options["-o"]), float(options["-r"])
    text = sys.stdin.buffer.read().decode("utf-8")
    run = {"arguments": arguments, "text": text, "locale": os.environ.get("LC_ALL"), "sound": str(sound)}
    with (folder / "runs").open("a") as runs:
        runs.write(json.dumps(run) + "\n")
    fault = (folder / "fault").read_text() if (folder / "fault").exists() else ""
    if fault == "hang":
        (folder / "hanging.new").write_text(str(os.getpid()))
        (folder / "hanging.new").rename(folder / "hanging")
        time.sleep(600)
    if fault == "crash":
        os.abort()
    if fault == "status":
        sys.stderr.write("Voice `Samantha' not found.\nsecond line\n")
        return 1
    _write(sound, b"" if fault == "mute" else _tone(0.06 * len(text.strip()) * 175 / words_per_minute), fault)
    return 0


def _write(sound: Path, frames: bytes, fault: str) -> None:
    if fault == "nothing":
        return
    if fault in ("noise", "empty"):
        sound.write_bytes(bytes(range(256)) * 8 if fault == "noise" else b"")
        return
    with wave.open(str(sound), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(frames)
    if fault == "cut":
        sound.write_bytes(sound.read_bytes()[: len(frames) // 2])


def main() -> int:
    """Do what `say` does with the options that the engine uses."""
    folder, arguments = Path(sys.argv[1]), sys.argv[2:]
    if arguments == ["-v", "?"]:
        own = folder / "voices"
        sys.stdout.buffer.write(own.read_bytes() if own.exists() else LISTED.encode())
        return 0
    return _speak(arguments, folder)


if __name__ == "__main__":
    sys.exit(main())
