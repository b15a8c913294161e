"""What the daemon adds: from the post of a delta to the first engine call and the first audible sample."""

from __future__ import annotations

import http.client
import itertools
import json
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from hibari import Hibari

from claude_narrator.daemon.client import Client
from claude_narrator.daemon.gateway_address import gateway_address
from claude_narrator.daemon.protocol import Say, Status, Stop, Translate, Wait
from claude_narrator.daemon.sinks import to_int16
from claude_narrator.daemon.text.speakable import speakable_sentences
from claude_narrator.models.types import Language
from tests.bench.measure import Row, time_ms
from tests.heard import first_audible_s, read_wav
from tests.models_home import ensure
from tests.running_daemon import RunningDaemon

PARAGRAPH = (
    "I changed `queue.put_nowait()` so that it retries when the queue is full, and I added a test for it. "
    "The suite passes on Python 3.11 and 3.12, e.g. in `tests/test_queue.py`.\n\n"
    "- The first item is **short**.\n- The second item has a [link](https://example.com/a?b=c).\n\n"
    "```python\nqueue.put_nowait(job)\n```\n\n"
)
SENTENCES = (
    "The build finished, and all forty two tests pass, so I will open the pull request now.",
    "The server is not responding, because the port is taken, so I will restart it on another one.",
    "I renamed the function, updated the three callers, and removed the old test.",
    "The migration took three and a half minutes, and no data was lost on the way.",
    "There is one warning left, which comes from the linter, and I would rather not hide it.",
)
_numbers = itertools.count()


def overhead(runs: int) -> list[Row]:
    """Post of a delta -> first engine call, for 4 KB and 100 KB, against cleaning the whole message first."""
    rows = []
    with RunningDaemon() as daemon, daemon.client() as client:
        _warm(client)
        for kilobytes in (4, 100):
            text = (PARAGRAPH * (kilobytes * 1000 // len(PARAGRAPH) + 1))[: kilobytes * 1000]
            ours = [_first_stage_ms(daemon, client, text, "translated") for _ in range(runs)]
            clean = partial(speakable_sentences, text, Language("en"))
            medians = statistics.median(ours), statistics.median(time_ms(clean) for _ in range(runs))
            name = f"{kilobytes} KB reply, post to first engine call"
            rows.append(Row(name, *medians, "ms", "cleaning it whole"))
    return rows


def first_sound_english(runs: int) -> list[Row]:
    """Post of a delta -> first audible sample, against the voice called directly, with its own silence."""
    voice = Hibari()
    voice("Ready, and warm.")
    with RunningDaemon() as daemon, daemon.client() as client:
        _warm(client)
        pairs = []
        for sentence in itertools.islice(itertools.cycle(SENTENCES), runs):
            ours = _first_stage_ms(daemon, client, sentence, "audible")
            pairs.append((ours, _direct_ms(voice, sentence)))
    against = "Hibari called directly, audio as it comes"
    return [_row("English (Hibari), post to first audible sample", pairs, against)]


def first_sound_japanese(runs: int) -> list[Row]:
    """The same with translation, against: translate the whole sentence, synthesize it, then play."""
    for model in ("qwen2.5-coder-1.5b", "kokoro-82m-int8"):
        models = ensure(model)
    with RunningDaemon(models, speech__language="ja") as daemon, daemon.client() as client:
        client.call(Say("Ready?", language="ja", voice="kokoro/jf_alpha", wait=True))
        pairs = []
        for sentence in itertools.islice(itertools.cycle(SENTENCES), runs):
            ours = _first_stage_ms(daemon, client, sentence, "audible")
            pairs.append((ours, _whole_ms(daemon, client, sentence)))
    against = "translate, synthesize, then play"
    return [_row("Japanese (Qwen 1.5B, Kokoro), post to first audible sample", pairs, against)]


def _row(name: str, pairs: list[tuple[float, float]], against: str) -> Row:
    ours, baseline = (statistics.median(side) for side in zip(*pairs, strict=True))
    return Row(name, ours, baseline, "ms", against)


def _warm(client: Client) -> None:
    for _ in range(2):
        client.call(Say("Ready, and warm.", wait=True))


def _first_stage_ms(daemon: RunningDaemon, client: Client, text: str, stage: str) -> float:
    """Post `text` as one delta and return when its first sentence reached `stage`; then silence the rest."""
    session = f"bench-{next(_numbers)}"
    with _connection(daemon) as post:
        began = time.monotonic()
        post(_delta(session, text))
        stamps: dict[str, float] = {}
        while stage not in stamps:
            stamps = _first_of(client, session)
            assert time.monotonic() - began < 120
        post(_event("SessionEnd", session, reason="clear"))  # the next one speaks without an introduction
    client.call(Stop())
    client.call(Wait(timeout_s=30))
    return (stamps[stage] - began) * 1000


def _first_of(client: Client, session: str) -> dict[str, float]:
    recent: list[dict[str, Any]] = client.call(Status())["recent"]
    return next((sentence["at_s"] for sentence in recent if sentence["session"] == session), {})


def _direct_ms(voice: Hibari, sentence: str) -> float:
    began = time.monotonic()
    samples = voice(sentence)
    taken = (time.monotonic() - began) * 1000
    return taken + (first_audible_s(to_int16(samples), voice.sample_rate) or 0.0) * 1000


def _whole_ms(daemon: RunningDaemon, client: Client, sentence: str) -> float:
    """Translate the whole sentence, synthesize all of it into a file, and count its leading silence too."""
    out = daemon.home / "whole.wav"

    def make() -> None:
        text = client.call(Translate(sentence, "ja"))["text"]
        client.call(Say(text, language="ja", voice="kokoro/jf_alpha", out=str(out)))

    taken = time_ms(make)
    samples, rate = read_wav(out)
    return taken + (first_audible_s(samples, rate) or 0.0) * 1000


def _delta(session: str, text: str) -> dict[str, Any]:
    message = {"turn_id": session, "message_id": session, "index": 0, "final": True, "delta": text}
    return _event("MessageDisplay", session, **message)


def _event(name: str, session: str, **fields: Any) -> dict[str, Any]:
    common = {"session_id": session, "cwd": "/", "transcript_path": "", "prompt_id": session}
    return {"hook_event_name": name, **common, **fields}


@contextmanager
def _connection(daemon: RunningDaemon) -> Iterator[Any]:
    address = gateway_address(daemon.paths)
    connection = http.client.HTTPConnection("127.0.0.1", address.port, timeout=10)
    connection.connect()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {address.token}"}

    def post(payload: dict[str, Any]) -> None:
        connection.request("POST", "/hook", json.dumps(payload).encode(), headers)
        response = connection.getresponse()
        response.read()
        assert response.status == 204

    yield post
    connection.close()
