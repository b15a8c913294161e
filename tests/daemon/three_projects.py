"""Three sessions of Claude Code in three projects on one real daemon, and where what they said was played."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from claude_narrator.daemon.pronunciation import AS_WRITTEN
from claude_narrator.daemon.protocol import (
    Hook,
    Sessions,
    Status,
    Wait,
)
from claude_narrator.daemon.resample import StreamResampler
from claude_narrator.daemon.settings import PROJECT_FILE
from claude_narrator.daemon.sinks import PLAYER_RATE
from claude_narrator.models.base import EngineContext, Synthesizer
from claude_narrator.models.types import Language, Samples
from tests.daemon.timed_payloads import RECORDED
from tests.e2e.terminal import wait_until
from tests.listening import read_wav
from tests.running_daemon import RunningDaemon

LIMIT_S = 60.0
ALIKE = 0.5
"""The model's pace may differ by a sample from one process to the next, which halves what is otherwise 1."""
SHOP, API, SITE = "aaaa1111-shop", "bbbb2222-api", "aaaa3333-site"


class House:
    """Three projects, a session in each; `api-server` is heard in Japanese, `docs_site-2` slower.

    Up to 1.5 the pace is the model's own, and the same text has the same samples.
    """

    def __init__(self, daemon: RunningDaemon, root: Path) -> None:
        self.daemon, self._turns, self._deltas = daemon, 0, 0
        self.folders = {SHOP: root / "web_shop", API: root / "api-server", SITE: root / "docs_site-2"}
        for folder in self.folders.values():
            (folder / ".claude").mkdir(parents=True)
        (self.folders[API] / PROJECT_FILE).write_text("[speech]\nlanguage = 'ja'\nvoice = 'open_jtalk/mei'\n")
        (self.folders[SITE] / PROJECT_FILE).write_text("[speech]\nrate = 1.5\n")
        self.turn = dict.fromkeys(self.folders, "turn-0")

    def hook(self, recorded: str, session: str, **fields: Any) -> None:
        """Send a payload that Claude Code once sent, as one of `session`."""
        payload = json.loads((RECORDED / "hook-payloads" / f"{recorded}.json").read_text(encoding="utf-8"))
        own = {"session_id": session, "cwd": str(self.folders[session]), "transcript_path": ""}
        with self.daemon.client() as client:
            client.send(Hook({**payload, **own, "prompt_id": self.turn[session], **fields}))
            client.call(Status())  # answered after the hook, for it came after it

    def start(self, *sessions: str) -> None:
        for session in sessions:
            self.hook("SessionStart", session)

    def prompt(self, session: str) -> None:
        self._turns += 1
        self.turn[session] = f"turn-{self._turns}"
        self.hook("UserPromptSubmit", session)

    def show(self, session: str, *lines: str) -> None:
        """Show each line as a message of its own."""
        for line in lines:
            self._deltas += 1
            message = {"message_id": f"m{self._deltas}", "index": 0, "final": True, "delta": line}
            self.hook("MessageDisplay.final", session, **message)

    def recent(self) -> list[dict[str, Any]]:
        with self.daemon.client() as client:
            return [dict(each) for each in client.call(Status())["recent"]]

    def begun(self) -> list[tuple[str, str]]:
        """Session and text of all that has sounded, in its order."""
        sounded = [each for each in self.recent() if "audible" in each["at_s"]]
        sounded.sort(key=lambda each: each["at_s"]["audible"])
        return [(each["session"], each["spoken"]) for each in sounded]

    def heard(self) -> list[tuple[str, str]]:
        """The same when nothing is left to say."""
        with self.daemon.client() as client:
            assert client.call(Wait(LIMIT_S))["idle"]
        return self.begun()

    def until_begun(self, session: str) -> None:
        wait_until(lambda: session in [each for each, _ in self.begun()], f"{session} was not heard", LIMIT_S)

    def sessions(self) -> dict[str, dict[str, Any]]:
        with self.daemon.client() as client:
            return {row["id"]: row for row in client.call(Sessions())["sessions"]}

    def played_at(self, engine: Synthesizer, text: str, voice: str, language: str, rate: float) -> int:
        """Return where in the played samples `text` sounds as it does in that voice."""
        spoken = AS_WRITTEN.spoken(text, Language(language))
        chunks = list(engine.synthesize(spoken, voice, Language(language), rate))
        resampler = StreamResampler(PLAYER_RATE)
        alone = [*(resampler.feed(chunk) for chunk in chunks), resampler.finish()]
        return place_in(read_wav(self.daemon.wav).samples, np.concatenate(alone))


@contextmanager
def loaded(kind: type[Synthesizer]) -> Iterator[Synthesizer]:
    engine = kind()
    engine.load(EngineContext())
    yield engine
    engine.close()


def place_in(heard: Samples, wanted: Samples) -> int:
    """Return where `wanted` lies in `heard`, by normalised cross-correlation."""
    loud = np.flatnonzero(np.abs(wanted) > 0.01)
    wanted = wanted[loud[0] : loud[-1]]
    size, places = len(heard) + len(wanted), len(heard) - len(wanted)
    found = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(wanted, size)), size)[:places]
    energy = np.concatenate(([0.0], np.cumsum(heard.astype(np.float64) ** 2)))
    norms = np.sqrt(np.maximum(energy[len(wanted) :][:places] - energy[:places], 1e-3))
    likeness = found / (norms * np.linalg.norm(wanted))
    at = int(np.argmax(likeness))
    assert likeness[at] > ALIKE, f"it was not played so: {likeness[at]}"
    return at
