"""The whole daemon on a sound card that the test hears."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray

from claude_narrator.daemon.protocol import Say, Status, Stop, Wait
from tests.alsa_card import RecordedCard
from tests.heard import read_wav
from tests.running_daemon import RunningDaemon

pytestmark = pytest.mark.alone

JAPANESE = "テストはすべて成功しました。"
LONG = "This is a long sentence that goes on, and on, and on, so that somebody will want it to stop. " * 3
SILENT_WITHIN_S = 0.060
CARD_DELAY_S = 0.011
"""What the recorded card has taken is heard at most so much later."""


@pytest.fixture
def card() -> Iterator[RecordedCard]:
    with RecordedCard() as recorded:
        yield recorded


@pytest.fixture
def daemon(card: RecordedCard) -> Iterator[RunningDaemon]:
    with RunningDaemon(environment=card.environment, audio__sink="device") as running:
        yield running


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def loud(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """Return the samples from the first to the last that is not zero."""
    sounding = np.flatnonzero(samples)
    return samples[sounding[0] : sounding[-1] + 1] if sounding.size else samples[:0]


def sounds_since(card: RecordedCard, block: int) -> bool:
    """Return whether anything was heard from block number `block` on."""
    return any(np.any(heard.samples) for heard in card.blocks()[block:])


def test_the_samples_that_are_played_are_the_samples_that_were_synthesized(
    card: RecordedCard, daemon: RunningDaemon
) -> None:
    written = daemon.home / "written.wav"
    with daemon.client() as client:
        client.call(Say(JAPANESE, language="ja", voice="open_jtalk/mei", out=str(written)))
        client.call(Say(JAPANESE, language="ja", voice="open_jtalk/mei", wait=True))
        assert client.call(Status())["player"]["sink"].startswith("device")
    samples, rate = read_wav(written)
    assert rate == card.rate
    wait_until(lambda: loud(card.samples()).size >= loud(samples).size)
    np.testing.assert_array_equal(loud(card.samples()), loud(samples))


def test_stop_silences_within_sixty_milliseconds(card: RecordedCard, daemon: RunningDaemon) -> None:
    with daemon.client() as client:
        for _ in range(5):
            client.call(Wait(timeout_s=20))
            heard = len(card.blocks())
            client.call(Say(LONG))
            wait_until(partial(sounds_since, card, heard))
            time.sleep(0.3)
            stopped_s = time.monotonic()
            client.call(Stop())
            time.sleep(0.5)
            late = [b for b in card.blocks() if b.at_s > stopped_s + SILENT_WITHIN_S + CARD_DELAY_S]
            assert late
            assert not any(np.any(block.samples) for block in late)
