"""The real player, through PortAudio and ALSA, into a card that the test hears."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import pytest
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream
from numpy.typing import NDArray

from claude_narrator.daemon.playlist import CUT_FADE_S, SENTENCE_GAP_S
from tests.alsa_card import NO_CARD, RecordedCard
from tests.sounds import RATE, noise

pytestmark = [pytest.mark.anyio, pytest.mark.alone]
CHILD = Path(__file__).parent / "playing_child.py"
ROOT = CHILD.parents[2]
FADE = round(CUT_FADE_S * RATE)
GAP = round(SENTENCE_GAP_S * RATE)


class Child:
    """The playing process: commands in, events out."""

    def __init__(self, process: Process) -> None:
        assert process.stdin
        assert process.stdout
        self._input = process.stdin
        self._output = BufferedByteReceiveStream(process.stdout)

    async def do(self, what: str, **fields: Any) -> None:
        await self._input.send(json.dumps({"do": what, **fields}).encode() + b"\n")

    async def next(self, kind: str) -> dict[str, Any]:
        with anyio.fail_after(20):
            while True:
                event: dict[str, Any] = json.loads(await self._output.receive_until(b"\n", 65536))
                if event["kind"] == kind:
                    return event

    async def call(self, what: str, **fields: Any) -> dict[str, Any]:
        await self.do(what, **fields)
        return await self.next(what)

    async def state_when(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        with anyio.fail_after(20):
            while not condition(state := await self.call("state")):  # noqa: ASYNC110 - another process
                await anyio.sleep(0.02)
        return state


@asynccontextmanager
async def playing(environment: dict[str, str], device: str = "", before: str = "") -> AsyncIterator[Child]:
    run = f"{before}\nimport runpy\nrunpy.run_path({str(CHILD)!r}, run_name='__main__')"
    command = [sys.executable, "-c", run, device]
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    async with await anyio.open_process(command, stderr=None, env=env) as process:
        child = Child(process)
        try:
            yield child
            await child.call("close")
            with anyio.fail_after(10):
                assert await process.wait() == 0
        finally:
            if process.returncode is None:
                process.kill()


async def heard_when(card: RecordedCard, condition: Callable[[NDArray[np.int16]], bool]) -> NDArray[np.int16]:
    with anyio.fail_after(20):
        while not condition(samples := card.samples()):  # noqa: ASYNC110 - another thread
            await anyio.sleep(0.01)
    return samples


def quiet_for(frames: int) -> Callable[[NDArray[np.int16]], bool]:
    return lambda samples: samples.any() and not samples[-frames:].any()


def sounding(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    first = np.flatnonzero(samples)[0]
    return samples[first:]


def on_device(state: dict[str, Any]) -> bool:
    return str(state["sink"]).startswith("device ")


async def test_the_card_hears_every_sample_and_the_gap_and_nothing_else_in_real_time() -> None:
    with RecordedCard() as card:
        async with playing(card.environment) as child:
            await child.do("say", sentence_id="a", seed=1, frames=RATE)
            await child.do("say", sentence_id="b", seed=2, frames=RATE // 2)
            audible = await child.next("SentenceAudible")
            assert (await child.next("SentenceFinished"))["sentence_id"] == "a"
            assert (await child.next("SentenceFinished"))["cut"] is False
            samples = sounding(await heard_when(card, quiet_for(RATE // 5)))
            state = await child.call("state")
        expected = np.concatenate((noise(RATE, 1), np.zeros(GAP, np.int16), noise(RATE // 2, 2)))
        assert (samples[: expected.size] == expected).all()
        assert not samples[expected.size :].any()
        times = [block.at_s for block in card.blocks() if block.samples.any()]
        assert 0.9 < (times[-1] - times[0]) / (expected.size / RATE) < 1.5
        assert audible["at_s"] <= times[0]
        assert state["underruns"] == 0
        assert state["reason"] == ""


async def test_after_silence_returns_at_most_60_ms_of_sound_are_heard() -> None:
    with RecordedCard() as card:
        async with playing(card.environment) as child:
            await child.do("say", sentence_id="a", seed=1, frames=20 * RATE)
            await heard_when(card, lambda samples: np.count_nonzero(samples) > RATE // 4)
            silenced = await child.call("silence", generation=1)
            samples = sounding(await heard_when(card, quiet_for(RATE // 5)))
        after = sum(np.count_nonzero(b.samples) for b in card.blocks() if b.at_s > silenced["now_s"])
        assert after <= 0.060 * RATE
        heard = np.count_nonzero(samples)
        assert (samples[: heard - FADE] == noise(20 * RATE, 1)[: heard - FADE]).all()


async def test_pause_and_resume_lose_and_repeat_no_sample() -> None:
    with RecordedCard() as card:
        async with playing(card.environment) as child:
            await child.do("say", sentence_id="a", seed=1, frames=RATE)
            await heard_when(card, lambda samples: np.count_nonzero(samples) > RATE // 4)
            await child.call("pause")
            paused = np.count_nonzero(await heard_when(card, quiet_for(RATE // 5)))
            assert paused < RATE
            await child.call("resume")
            samples = await heard_when(card, lambda samples: np.count_nonzero(samples) >= RATE)
            await child.next("SentenceFinished")
        assert (samples[samples != 0] == noise(RATE, 1)).all()


async def test_skip_goes_on_with_the_next_sentence_whole() -> None:
    with RecordedCard() as card:
        async with playing(card.environment) as child:
            await child.do("say", sentence_id="a", seed=1, frames=20 * RATE)
            await child.do("say", sentence_id="b", seed=2, frames=RATE // 2)
            await child.next("SentenceAudible")
            await child.call("skip")
            assert (await child.next("SentenceFinished"))["sentence_id"] == "b"
            samples = await heard_when(card, quiet_for(GAP + RATE // 5))
        rest = samples[: np.flatnonzero(samples)[-1] + 1]
        assert (rest[-RATE // 2 :] == noise(RATE // 2, 2)).all()
        assert not rest[-RATE // 2 - GAP : -RATE // 2].any()


async def test_without_a_device_the_state_says_so_and_what_waits_drains(tmp_path: Path) -> None:
    config = tmp_path / "asound.conf"
    config.write_text(NO_CARD)
    async with playing({"ALSA_CONFIG_PATH": str(config)}) as child:
        await child.do("say", sentence_id="a", seed=1, frames=RATE // 2)
        begun = await child.next("SentenceAudible")
        ended = await child.next("SentenceFinished")
        assert ended["at_s"] - begun["at_s"] > 0.4
        state = await child.call("state")
    assert state["sink"] == "none"
    assert state["reason"] == "there is no sound output device: connect one, or set audio.sink to file:PATH"


async def test_a_device_that_is_not_there_is_named_together_with_those_that_are() -> None:
    with RecordedCard() as card:
        async with playing(card.environment, device="Loud Speaker") as child:
            state = await child.state_when(lambda state: "Loud Speaker" in state["reason"])
    assert "set audio.device to one of" in state["reason"]
    assert "default" in state["reason"]


async def test_a_part_of_the_name_chooses_the_device() -> None:
    with RecordedCard() as card:
        async with playing(card.environment, device="ECORD") as child:
            state = await child.state_when(on_device)
            assert state["sink"] == "device recorded"
            await child.do("say", sentence_id="a", seed=1, frames=1000)
            samples = await heard_when(card, lambda samples: np.count_nonzero(samples) >= 1000)
    assert (samples[samples != 0] == noise(1000, 1)).all()


async def test_a_machine_without_portaudio_is_told_what_to_install_and_what_waits_drains() -> None:
    async with playing({}, before=_NO_PORTAUDIO) as child:
        await child.do("say", sentence_id="a", seed=1, frames=1000)
        await child.next("SentenceFinished")
        state = await child.call("state")
    assert state["sink"] == "none"
    assert "apt install libportaudio2" in state["reason"]


_NO_PORTAUDIO = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name == "sounddevice":
            raise OSError("PortAudio library not found")
sys.meta_path.insert(0, Blocker())
"""


async def test_a_card_that_comes_back_after_it_was_pulled_out_plays_the_rest() -> None:
    with RecordedCard() as card:
        async with playing(card.environment) as child:
            await child.do("say", sentence_id="a", seed=1, frames=RATE)
            await heard_when(card, lambda samples: np.count_nonzero(samples) > RATE // 4)
            card.pull_out()
            await child.state_when(lambda state: state["sink"] == "none" and state["reason"] != "")
            waiting = (await child.call("state"))["buffered_s"]
            assert waiting > 0.3
            card.plug_in()
            await child.state_when(on_device)
            await child.next("SentenceFinished")
            samples = await heard_when(card, quiet_for(RATE // 5))
        played_after = round(waiting * RATE)
        assert (samples[samples != 0][-played_after:] == noise(RATE, 1)[-played_after:]).all()
