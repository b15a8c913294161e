from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from claude_narrator.daemon.file_sink import FileSink, GrowingWav, SilenceShortener
from claude_narrator.daemon.player import Player, PlayerEvent, SentenceAudible, SentenceFinished
from claude_narrator.daemon.playlist import CUT_FADE_S, SENTENCE_GAP_S
from claude_narrator.daemon.settings import Audio
from claude_narrator.daemon.sinks import PacedSink, open_sink, to_int16
from tests.heard import read_wav
from tests.sounds import RATE, chunk, noise

pytestmark = pytest.mark.alone

GAP = round(SENTENCE_GAP_S * RATE)
FADE = round(CUT_FADE_S * RATE)


class Events:
    """What a player reported, to be waited for."""

    def __init__(self) -> None:
        self.seen: list[PlayerEvent] = []
        self._changed = threading.Condition()

    def __call__(self, event: PlayerEvent) -> None:
        with self._changed:
            self.seen.append(event)
            self._changed.notify_all()

    def wait_for(self, kind: type[PlayerEvent], sentence_id: str) -> PlayerEvent:
        with self._changed:
            assert self._changed.wait_for(lambda: self._find(kind, sentence_id), 10)
            found = self._find(kind, sentence_id)
        assert found is not None
        return found

    def _find(self, kind: type[PlayerEvent], sentence_id: str) -> PlayerEvent | None:
        return next((e for e in self.seen if isinstance(e, kind) and e.sentence_id == sentence_id), None)


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    return tmp_path / "new folder" / "heard.wav"


@pytest.fixture
def player(wav: Path, events: Events) -> Iterator[Player]:
    player = Player(open_sink(Audio(sink=f"file:{wav}")), events)
    player.start()
    yield player
    player.close()


def say(player: Player, sentence_id: str, samples: NDArray[np.int16], generation: int = 0) -> None:
    assert player.put(generation, sentence_id, chunk(samples))
    player.end_sentence(generation, sentence_id)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_the_file_holds_exactly_what_was_put(player: Player, events: Events, wav: Path) -> None:
    first, second = noise(4000), noise(3000, 2)
    say(player, "a", first)
    say(player, "b", second)
    events.wait_for(SentenceFinished, "b")
    player.close()
    samples, rate = read_wav(wav)
    assert rate == RATE
    expected = np.concatenate((first, np.zeros(GAP, np.int16), second))
    assert (samples[: expected.size] == expected).all()
    assert not samples[expected.size :].any()


def test_the_file_grows_at_the_pace_of_real_time(player: Player, events: Events) -> None:
    say(player, "a", noise(RATE))
    begun = events.wait_for(SentenceAudible, "a").at_s
    ended = events.wait_for(SentenceFinished, "a").at_s
    assert 0.9 < ended - begun < 2


def test_the_file_can_be_read_while_it_grows(player: Player, wav: Path) -> None:
    sound = noise(10 * RATE)
    say(player, "a", sound)
    wait_until(lambda: wav.exists() and wav.stat().st_size > 44 + 4000)
    samples, _ = read_wav(wav)
    assert samples.size >= 1000
    assert (samples == sound[: samples.size]).all()


def test_nothing_but_the_fade_appears_after_silence(player: Player, events: Events, wav: Path) -> None:
    sound = noise(10 * RATE)
    say(player, "a", sound)
    events.wait_for(SentenceAudible, "a")
    player.silence(1)
    written, _ = read_wav(wav)
    say(player, "b", np.full(10, 7, np.int16), generation=1)
    events.wait_for(SentenceFinished, "b")
    player.close()
    samples, _ = read_wav(wav)
    block = RATE // 100
    assert np.count_nonzero(samples) - 10 <= written.size + 2 * block + FADE


def test_a_long_silence_becomes_one_second_and_a_short_one_stays(tmp_path: Path) -> None:
    shorten = SilenceShortener(1000)
    tone, short, long = np.ones(7, np.int16), np.zeros(900, np.int16), np.zeros(5000, np.int16)
    stream = np.concatenate((long, tone, short, tone, long, tone))
    for size in (1, 3, 240, 1000):
        shorten = SilenceShortener(1000)
        kept = np.concatenate([shorten(stream[at : at + size]) for at in range(0, stream.size, size)])
        assert kept.tolist() == np.concatenate((tone, short, tone, long[:1000], tone)).tolist()


def test_a_pause_of_the_player_is_at_most_a_second_in_the_file(
    player: Player, events: Events, wav: Path
) -> None:
    say(player, "a", noise(100))
    events.wait_for(SentenceFinished, "a")
    wait_until(lambda: wav.stat().st_size == 44 + 2 * (100 + RATE))
    say(player, "b", noise(100, 2))
    events.wait_for(SentenceFinished, "b")
    player.close()
    samples, _ = read_wav(wav)
    assert np.flatnonzero(samples)[100] == 100 + RATE


def test_a_file_that_cannot_be_made_is_said_and_what_waits_drains(tmp_path: Path, events: Events) -> None:
    (tmp_path / "file").write_text("not a folder")
    player = Player(FileSink(tmp_path / "file" / "heard.wav"), events)
    player.start()
    say(player, "a", noise(100))
    events.wait_for(SentenceFinished, "a")
    state = player.state
    player.close()
    assert state.sink == "none"
    assert "heard.wav cannot be written: File exists. Change audio.sink" in state.reason


def test_a_full_disk_is_said_and_the_sound_goes_on(events: Events) -> None:
    player = Player(FileSink(Path("/dev/full")), events)
    player.start()
    say(player, "a", noise(1000))
    events.wait_for(SentenceFinished, "a")
    state = player.state
    player.close()
    assert "No space left on device" in state.reason


def test_the_file_is_readable_after_a_kill(wav: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", _ENDLESS, str(wav)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    try:
        wait_until(lambda: wav.exists() and wav.stat().st_size > 44 + 4000)
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.communicate()
    samples, _ = read_wav(wav)
    assert samples.size > 1000
    assert (samples == noise(RATE * 10)[: samples.size]).all()


_ENDLESS = """
import sys, time
from claude_narrator.daemon.player import Player
from claude_narrator.daemon.settings import Audio
from claude_narrator.daemon.sinks import open_sink
from tests.sounds import RATE, chunk, noise
player = Player(open_sink(Audio(sink=f"file:{sys.argv[1]}")), lambda event: None)
player.start()
player.put(0, "a", chunk(noise(RATE * 10)))
time.sleep(60)
"""


def test_without_any_output_what_waits_drains_in_real_time(events: Events) -> None:
    player = Player(PacedSink("nothing to play on"), events)
    player.start()
    say(player, "a", noise(RATE // 2))
    begun = events.wait_for(SentenceAudible, "a").at_s
    ended = events.wait_for(SentenceFinished, "a").at_s
    state = player.state
    player.close()
    assert ended - begun > 0.4
    assert (state.sink, state.reason) == ("none", "nothing to play on")


def test_closing_twice_and_closing_while_idle_ends_the_thread(wav: Path, events: Events) -> None:
    player = Player(FileSink(wav), events)
    player.start()
    player.close()
    player.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "sink"]


def test_a_wav_header_of_more_than_4_gib_says_the_most_it_can(tmp_path: Path) -> None:
    wav = GrowingWav(tmp_path / "long.wav", RATE)
    wav._size = 5 << 30
    header = wav._header()
    wav.close()
    assert header[4:8] == b"\xff\xff\xff\xff"


def test_every_16_bit_sample_survives_the_way_through_float() -> None:
    every = np.arange(-32768, 32768).astype(np.int16)
    assert (to_int16(chunk(every).samples) == every).all()
