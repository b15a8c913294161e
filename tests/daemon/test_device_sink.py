from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from claude_narrator.daemon import device_sink
from claude_narrator.daemon.device_sink import DeviceSink
from claude_narrator.daemon.player import Player, PlayerState
from tests.daemon.fake_portaudio import FakePortAudio
from tests.sounds import RATE, chunk, noise

pytestmark = pytest.mark.alone


@pytest.fixture
def portaudio(monkeypatch: pytest.MonkeyPatch) -> FakePortAudio:
    fake = FakePortAudio({(RATE, 1)})
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    return fake


@pytest.fixture
def player(portaudio: FakePortAudio) -> Iterator[Player]:
    player = Player(DeviceSink(), lambda event: None)
    yield player
    player.close()


def state_when(player: Player, condition: Callable[[PlayerState], bool]) -> PlayerState:
    deadline = time.monotonic() + 10
    while not condition(state := player.state):
        assert time.monotonic() < deadline, state
        time.sleep(0.005)
    return state


def test_the_default_output_is_opened_at_the_players_rate_before_anything_is_said(
    player: Player, portaudio: FakePortAudio
) -> None:
    player.start()
    stream = portaudio.opened(1)
    state = state_when(player, lambda state: state.sink != "none")
    assert (state.sink, state.reason) == ("device Box", "")
    assert (stream.samplerate, stream.channels) == (RATE, 1)
    assert not stream.ask(240).any()


def test_a_device_that_refuses_mono_gets_the_sound_on_both_sides(
    player: Player, portaudio: FakePortAudio
) -> None:
    portaudio.accepted = {(RATE, 2), (48_000, 2)}
    player.start()
    stream = portaudio.opened(1)
    player.put(0, "a", chunk(noise(240)))
    block = stream.ask(240)
    assert (block[:, 0] == noise(240)).all()
    assert (block[:, 1] == noise(240)).all()


def test_a_device_that_refuses_the_rate_gets_the_sound_at_its_own(
    player: Player, portaudio: FakePortAudio
) -> None:
    portaudio.accepted = {(48_000, 1)}
    player.start()
    stream = portaudio.opened(1)
    tone = (np.sin(np.arange(RATE) * 2 * np.pi * 440 / RATE) * 16384).astype(np.int16)
    player.put(0, "a", chunk(tone))
    player.end_sentence(0, "a")
    heard = np.concatenate([stream.ask(480)[:, 0] for _ in range(110)])
    begin = int(np.flatnonzero(np.abs(heard) > 100)[0])
    assert begin < 0.03 * 48_000
    spectrum = np.abs(np.fft.rfft(heard[begin + 4800 : begin + 4800 + 24_000]))
    assert spectrum.argmax() * 2 == 440
    assert np.abs(heard).max() == pytest.approx(16384, rel=0.02)
    assert not heard[begin + 48_000 + 480 :].any()


def test_a_device_that_takes_no_format_is_a_reason_and_is_tried_again(
    player: Player, portaudio: FakePortAudio
) -> None:
    portaudio.accepted = set()
    player.start()
    state_when(player, lambda state: "not supported" in state.reason)
    portaudio.accepted = {(RATE, 1)}
    player.put(0, "a", chunk(noise(10 * RATE)))
    portaudio.opened(1)
    assert state_when(player, lambda state: state.sink == "device Box").reason == ""


def test_blocks_that_the_device_missed_are_counted(player: Player, portaudio: FakePortAudio) -> None:
    player.start()
    stream = portaudio.opened(1)
    stream.ask(10, late=True)
    stream.ask(10)
    stream.ask(10, late=True)
    assert state_when(player, lambda state: state.dropouts > 0).dropouts == 2


def test_a_device_that_stops_asking_is_opened_again_and_goes_on_at_the_sample(
    player: Player, portaudio: FakePortAudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_sink, "_STALLED_S", 0.2)
    player.start()
    sound = noise(1000)
    player.put(0, "a", chunk(sound))
    before = portaudio.opened(1).ask(300)[:, 0]
    portaudio.closed(1)
    second = portaudio.opened(2)
    assert (np.concatenate((before, second.ask(700)[:, 0])) == sound).all()


def test_while_a_lost_device_stays_away_nothing_that_waits_is_used_up(
    player: Player, portaudio: FakePortAudio
) -> None:
    player.start()
    stream = portaudio.opened(1)
    player.put(0, "a", chunk(noise(RATE)))
    stream.ask(100)
    devices, portaudio.devices = portaudio.devices, []
    stream.active = False
    state = state_when(player, lambda state: state.reason == device_sink.NO_DEVICE)
    assert state.sink == "none"
    assert state.buffered_s == pytest.approx(1 - 100 / RATE)
    portaudio.devices = devices
    assert (portaudio.opened(2).ask(1000)[:, 0] == noise(RATE)[100:1100]).all()


def test_when_a_lost_device_stays_away_for_long_what_waits_drains(
    player: Player, portaudio: FakePortAudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_sink, "HOLD_S", 0.0)
    player.start()
    stream = portaudio.opened(1)
    player.put(0, "a", chunk(noise(2000)))
    player.end_sentence(0, "a")
    portaudio.devices = []
    stream.active = False
    state_when(player, lambda state: state.buffered_s == 0)


def test_after_an_idle_time_the_device_is_closed_and_speech_opens_it_again(
    player: Player, portaudio: FakePortAudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_sink, "IDLE_CLOSE_S", 0.0)
    player.start()
    portaudio.opened(1)
    portaudio.closed(1)
    player.put(0, "a", chunk(noise(100)))
    assert (portaudio.opened(2).ask(100)[:, 0] == noise(100)).all()
    player.silence(1)
    portaudio.opened(2).ask(1000)
    portaudio.closed(2)
    player.wake()
    portaudio.opened(3)


def test_closing_gives_the_device_back(portaudio: FakePortAudio) -> None:
    player = Player(DeviceSink(), lambda event: None)
    player.start()
    stream = portaudio.opened(1)
    player.close()
    player.close()
    assert stream.closed
