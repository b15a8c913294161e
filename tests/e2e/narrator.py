"""A real narrator for one user: its folder, its commands, its daemon, and the audio it would have played."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from claude_narrator.daemon.client import Client, DaemonDown
from claude_narrator.daemon.paths import HOME_VARIABLE, Paths, find_paths
from claude_narrator.daemon.protocol import Status
from tests.e2e.claude_cli import User
from tests.e2e.terminal import wait_until

COMMANDS = Path(sys.executable).parent
COMMAND_LINE = "command line"
"""The session that the daemon reports for what `voice say` says."""
AUDIBLE = 10 ** (-50 / 20)
"""-50 dBFS, as a fraction of full scale."""
CONFIG = """
[speech]
language = "{language}"
[audio]
sink = "file:{wav}"
[log]
level = "debug"
spoken_text = true
"""


@dataclass(frozen=True, slots=True)
class Heard:
    """One sentence as the daemon reports it; `at_s` are stamps of the monotonic clock by stage."""

    session: str
    text: str
    spoken: str
    outcome: str
    at_s: dict[str, float]

    @property
    def audible_s(self) -> float:
        """When its first audible sample was played; infinity when none was."""
        return self.at_s.get("audible", float("inf"))

    @property
    def length_s(self) -> float:
        """How long it sounded."""
        return self.at_s["finished"] - self.audible_s


class Narrator:
    """Commands and state of the narrator of one user; a context manager that leaves no process behind."""

    def __init__(self, user: User, language: str = "en", models: Path | None = None) -> None:
        self.user = user
        self.home = Path(tempfile.mkdtemp(prefix="cn-", dir="/tmp"))
        self.wav = self.home / "heard.wav"
        self.wav_mark = 0
        user.extra[HOME_VARIABLE] = str(self.home)
        user.extra["PATH"] = os.pathsep.join([str(COMMANDS), user.environment()["PATH"]])
        (self.home / "config.toml").write_text(
            CONFIG.format(language=language, wav=self.wav), encoding="utf-8"
        )
        if models is not None:
            (self.home / "models").symlink_to(models, target_is_directory=True)

    def __enter__(self) -> Narrator:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            # A hook's detached child may be about to start the daemon that a test has killed.
            wait_until(lambda: not self._helpers(), "hooks or bridges outlive Claude Code", 15.0)
        finally:
            end_daemons(self.home)
            shutil.rmtree(self.home, ignore_errors=True)

    def _helpers(self) -> list[str]:
        listed = subprocess.run(
            ["ps", "-A", "-o", "args="], capture_output=True, text=True, check=True
        ).stdout
        return [line for line in listed.splitlines() if f"{self.home}" in line]

    @property
    def paths(self) -> Paths:
        """The places of this narrator."""
        return find_paths({HOME_VARIABLE: str(self.home)})

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one of our console scripts as this user."""
        done = subprocess.run(
            [str(COMMANDS / command[0]), *command[1:]],
            env=self.user.environment(),
            cwd=self.user.project,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def install(self, *options: str, timeout_s: float = 30.0) -> None:
        """Wire Claude Code; the greeting that ends it is cut short, after `timeout_s` at the latest."""
        process = subprocess.Popen(
            [str(COMMANDS / "voice-install"), *options],
            env=self.user.environment(),
            cwd=self.user.project,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        with process:
            with contextlib.suppress(TimeoutError):
                wait_until(lambda: self.greeted() or process.poll() is not None, "no greeting", timeout_s)
            self.run("voice", "stop")
            output, _ = process.communicate(timeout=20)
        assert process.returncode == 0, output
        self.wav_mark = read_growing_wav(self.wav).size

    def greeted(self) -> bool:
        """Whether something that no session wrote is being said."""
        return any(sentence.audible_s < float("inf") for sentence in self._recent(of_sessions=False))

    def stop_daemon(self) -> None:
        """Stop the daemon in order, and return when the process is gone."""
        pid = self.pid()
        self.run("voice", "daemon", "stop")
        wait_until(lambda: not alive(pid), "the daemon did not stop", 5.0)

    def status(self) -> dict[str, Any]:
        """Return what the daemon says of itself.

        :raises DaemonDown: there is none; it is not started.
        """
        with Client(self.paths.socket) as client:
            return client.call(Status())

    def is_up(self) -> bool:
        """Whether a daemon answers."""
        with contextlib.suppress(DaemonDown, FileNotFoundError):
            self.status()
            return True
        return False

    def pid(self) -> int:
        """Return the process id of the daemon.

        :raises DaemonDown: none has ever run here.
        """
        try:
            return int(self.paths.lock.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            raise DaemonDown("no daemon has run") from None

    def kill_daemon(self) -> int:
        """Kill the daemon without warning and return the process id it had, once the process is gone."""
        pid = self.pid()
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not alive(pid), "the daemon outlives SIGKILL", 5.0)
        return pid

    def children(self) -> dict[int, str]:
        """Return the command lines of the daemon's worker processes, by process id."""
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
        ).stdout
        rows = (line.split(None, 2) for line in listed.splitlines())
        return {int(row[0]): row[2] for row in rows if len(row) == 3 and int(row[1]) == self.pid()}

    def heard(self) -> list[Heard]:
        """Return the last sentences of Claude Code sessions in the order in which they became audible."""
        return sorted((h for h in self._recent() if h.audible_s < float("inf")), key=lambda h: h.audible_s)

    def texts(self) -> list[str]:
        """Return the texts of the sentences heard so far, in order."""
        return [sentence.text for sentence in self.heard()]

    def wait_heard(self, part: str, timeout_s: float = 20.0) -> Heard:
        """Return the first sentence with `part` in its text as soon as it is audible.

        :raises TimeoutError: it never was; the message holds what the daemon knows.
        """
        return self._wait(lambda: self._first(self.heard(), part), f"{part!r} was not heard", timeout_s)

    def wait_ended(self, part: str, timeout_s: float = 30.0) -> Heard:
        """Return the first sentence with `part` in its text once it has an outcome.

        :raises TimeoutError: it never had.
        """
        ended = lambda: self._first([h for h in self._recent() if h.outcome], part)  # noqa: E731
        return self._wait(ended, f"{part!r} did not end", timeout_s)

    def loudness(self) -> float:
        """Return the peak of what the growing WAV has gained since the installation, 0 to 1."""
        samples = read_growing_wav(self.wav)[self.wav_mark :]
        return float(np.max(np.abs(samples))) if samples.size else 0.0

    def _recent(self, of_sessions: bool = True) -> list[Heard]:
        if not self.is_up():
            return []
        known = [k for k in self.status()["recent"] if (k["session"] != COMMAND_LINE) == of_sessions]
        return [Heard(k["session"], k["text"], k["spoken"], k["outcome"], k["at_s"]) for k in known]

    @staticmethod
    def _first(sentences: list[Heard], part: str) -> Heard | None:
        return next((sentence for sentence in sentences if part in sentence.text), None)

    def _wait(self, find: Callable[[], Heard | None], problem: str, timeout_s: float) -> Heard:
        found: list[Heard] = []

        def ready() -> bool:
            found.extend(sentence for sentence in [find()] if sentence is not None)
            return bool(found)

        try:
            wait_until(ready, problem, timeout_s)
        except TimeoutError:
            raise TimeoutError(f"{problem}: {self._recent()}\n{self._log_tail()}") from None
        return found[0]

    def _log_tail(self) -> str:
        log = self.paths.log
        return log.read_text(encoding="utf-8")[-3000:] if log.is_file() else "no log"


def read_growing_wav(path: Path) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return the samples of a 16-bit PCM WAV whose header may not know its length yet.

    http://soundfile.sapp.org/doc/WaveFormat/
    """
    content = path.read_bytes() if path.is_file() else b""
    start = content.find(b"data")
    if start < 0:
        return np.zeros(0, np.float32)
    (bits,) = struct.unpack_from("<H", content, 34)
    assert bits == 16, f"{path} has {bits} bits a sample"
    body = content[start + 8 :]
    return np.frombuffer(body[: len(body) // 2 * 2], "<i2").astype(np.float32) / np.float32(32768)


def daemons_of(home: Path) -> list[int]:
    """Return every process of the narrator whose home is this very folder, by what it was started with.

    Its lock would name one at most, and none that has only just begun. Linux; elsewhere there are none.
    """
    own, found = os.fsencode(f"{HOME_VARIABLE}={home}"), []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            is_own = own in (folder / "environ").read_bytes().split(b"\0")
        except OSError:  # it has ended, or is another user's
            continue
        if is_own and b"claude_narrator.daemon.app" in command and alive(int(folder.name)):
            found.append(int(folder.name))
    return found


def end_daemons(home: Path) -> None:
    """End every daemon of this home: in order, or at once where that takes longer than 5 s."""
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        for pid in daemons_of(home):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal_number)
        with contextlib.suppress(TimeoutError):
            wait_until(lambda: not daemons_of(home), "the daemon did not stop", 5.0)
            return
    raise TimeoutError(f"daemons {daemons_of(home)} of {home} outlive SIGKILL")


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has asked for yet does not."""
    return process_field(pid, "stat")[:1] not in ("", "Z")


def process_field(pid: int, name: str) -> str:
    """Return what `ps` shows of a process in a field such as `args`; empty when there is no such process."""
    shown = subprocess.run(
        ["ps", "-o", f"{name}=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return shown.stdout.strip()
