from __future__ import annotations

import threading
from functools import partial

import anyio
import anyio.to_thread
import numpy as np
import pytest
import soxr

from claude_narrator.daemon.player import Player, PlayerEvent, SentenceAudible
from claude_narrator.daemon.playlist import CUT_FADE_S, SENTENCE_GAP_S
from claude_narrator.models.types import AudioChunk, SampleRate
from tests.daemon.stage import HandSink, Stage
from tests.sounds import RATE, chunk, noise

pytestmark = pytest.mark.anyio
GAP = round(SENTENCE_GAP_S * RATE)
FADE = round(CUT_FADE_S * RATE)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_samples_are_played_as_they_were_put_whatever_the_size_of_blocks_and_chunks(stage: Stage) -> None:
    sound = noise(5000)
    for at in range(0, 5000, 777):
        assert stage.player.put(0, "a", chunk(sound[at : at + 777]))
    stage.player.end_sentence(0, "a")
    heard = np.concatenate([stage.sink.hear(size) for size in (1, 64, 240, 4000, 695)])
    assert (heard == sound).all()
    assert stage.endings() == [("a", False)]


def test_too_loud_samples_are_clipped_and_broken_ones_are_silent(stage: Stage) -> None:
    samples = np.array([2.0, -2.0, np.nan, np.inf, 0.5], np.float32)
    stage.player.put(0, "a", AudioChunk(samples, RATE))
    assert stage.sink.hear(5).tolist() == [32767, -32768, 0, 0, 16384]


def test_the_first_sentence_sounds_at_once_and_a_gap_lies_between_sentences(stage: Stage) -> None:
    first, second = noise(1000), noise(1000, 2)
    stage.say("a", first)
    stage.say("b", second)
    heard = stage.sink.hear(2000 + GAP)
    assert (heard == np.concatenate((first, np.zeros(GAP, np.int16), second))).all()


def test_a_sentence_that_comes_later_than_the_gap_sounds_at_once(stage: Stage) -> None:
    stage.say("a", noise(100))
    stage.sink.hear(100 + GAP)
    stage.say("b", noise(100, 2))
    assert stage.sink.hear(1)[0] != 0


def test_the_audible_event_comes_with_the_first_sample_above_minus_50_dbfs(stage: Stage) -> None:
    quiet = np.full(1000, 50, np.int16)
    stage.player.put(0, "a", chunk(np.concatenate((quiet, noise(500)))))
    stage.sink.hear(999)
    assert stage.audible() == []
    stage.sink.hear(240)
    assert stage.audible() == ["a"]
    event = stage.events[0]
    assert isinstance(event, SentenceAudible)
    assert event.latency_s == pytest.approx(0.02 + 1 / RATE)


def test_a_sentence_without_samples_finishes_in_its_turn_and_makes_no_gap(stage: Stage) -> None:
    stage.say("a", noise(100))
    stage.player.end_sentence(0, "empty")
    assert stage.endings() == []
    stage.sink.hear(200 + GAP)
    assert stage.endings() == [("a", False), ("empty", False)]
    stage.player.end_sentence(0, "empty again")
    stage.say("c", noise(10))
    assert stage.sink.hear(1)[0] != 0


def test_an_underrun_inside_a_sentence_is_silence_and_counted_once(stage: Stage) -> None:
    sound = noise(300)
    stage.player.put(0, "a", chunk(sound[:100]))
    heard = stage.sink.hear(150)
    assert (heard[:100] == sound[:100]).all()
    assert not heard[100:].any()
    stage.sink.hear(50)
    stage.player.put(0, "a", chunk(sound[100:]))
    assert (stage.sink.hear(200) == sound[100:]).all()
    assert stage.player.state.underruns == 1


def test_an_end_that_comes_late_is_no_underrun_and_its_wait_counts_as_gap(stage: Stage) -> None:
    stage.player.put(0, "a", chunk(noise(100)))
    stage.sink.hear(100 + 1000)
    stage.player.end_sentence(0, "a")
    stage.say("b", noise(10))
    assert np.flatnonzero(stage.sink.hear(GAP))[0] == GAP - 1000
    assert stage.player.state.underruns == 0


def test_silence_fades_within_4_ms_drops_everything_and_reports_it_as_cut(stage: Stage) -> None:
    stage.say("a", noise(RATE))
    stage.say("b", noise(RATE, 2))
    stage.sink.hear(1000)
    stage.player.silence(1)
    assert stage.endings() == [("a", True), ("b", True)]
    after = stage.sink.hear(RATE)
    assert np.abs(after[:FADE]).max() > 0
    assert abs(int(after[FADE - 1])) < 300
    assert not after[FADE:].any()
    assert stage.player.buffered_s() == 0


def test_chunks_of_an_old_generation_are_refused_and_those_of_the_new_sound_at_once(stage: Stage) -> None:
    stage.say("a", noise(1000))
    stage.player.silence(3)
    assert stage.player.put(2, "a", chunk(noise(10))) is False
    stage.player.end_sentence(2, "a")
    stage.player.silence(1)
    assert stage.player.put(2, "late", chunk(noise(10))) is False
    assert stage.player.put(3, "b", chunk(noise(10)))
    assert stage.sink.hear(10).all()
    assert stage.endings() == [("a", True)]


def test_skip_drops_the_rest_of_the_sentence_and_the_next_one_follows_whole(stage: Stage) -> None:
    second = noise(500, 2)
    stage.player.put(0, "a", chunk(noise(1000)))
    stage.sink.hear(100)
    stage.player.skip()
    assert stage.player.put(0, "a", chunk(noise(10))) is False
    stage.player.end_sentence(0, "a")
    stage.say("b", second)
    heard = stage.sink.hear(FADE + GAP + 500)
    assert (heard[FADE + GAP :] == second).all()
    assert not heard[FADE : FADE + GAP].any()
    assert stage.endings() == [("a", True), ("b", False)]


def test_dropping_some_sentences_leaves_the_others_as_they_are(stage: Stage) -> None:
    first, third = noise(300), noise(300, 3)
    stage.say("a", first)
    stage.say("b", noise(300, 2))
    stage.say("c", third)
    stage.player.drop({"b", "never heard of"})
    heard = stage.sink.hear(600 + GAP)
    assert (heard == np.concatenate((first, np.zeros(GAP, np.int16), third))).all()
    assert stage.player.put(0, "never heard of", chunk(noise(10))) is False


def test_skip_with_nothing_to_skip_does_nothing(stage: Stage) -> None:
    stage.player.skip()
    assert stage.events == []


def test_pause_holds_at_the_sample_and_resume_goes_on_with_the_next(stage: Stage) -> None:
    sound = noise(1000)
    stage.say("a", sound)
    before = stage.sink.hear(333)
    stage.player.pause()
    assert stage.player.state.paused
    assert not stage.sink.hear(5000).any()
    stage.player.resume()
    assert (np.concatenate((before, stage.sink.hear(667))) == sound).all()


def test_silence_while_paused_leaves_no_tail(stage: Stage) -> None:
    stage.say("a", noise(1000))
    stage.sink.hear(100)
    stage.player.pause()
    stage.sink.hear(10)
    stage.player.silence(1)
    stage.player.resume()
    assert not stage.sink.hear(1000).any()


def test_what_is_put_wakes_the_sink_and_resume_does_too(stage: Stage) -> None:
    stage.say("a", noise(10))
    assert stage.sink.woken
    woken = stage.sink.woken
    stage.player.resume()
    stage.player.wake()
    assert stage.sink.woken == woken + 2


def test_the_state_says_what_plays_and_how_much_waits(stage: Stage) -> None:
    stage.say("a", noise(RATE))
    stage.sink.hear(RATE // 4)
    state = stage.player.state
    assert (state.sink, state.sample_rate, state.playing) == ("device by hand", RATE, "a")
    assert state.buffered_s == pytest.approx(0.75)
    assert not stage.player.idle


@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100, 48_000])
def test_a_voice_of_another_rate_is_resampled_without_a_seam(stage: Stage, rate: int) -> None:
    tone = np.sin(np.arange(rate) * 2 * np.pi * 440 / rate).astype(np.float32) * np.float32(0.5)
    for at in range(0, rate, 1234):
        stage.player.put(0, "a", AudioChunk(tone[at : at + 1234], SampleRate(rate)))
    stage.player.end_sentence(0, "a")
    whole = soxr.resample(tone, rate, RATE)
    assert stage.player.buffered_s() * RATE == pytest.approx(whole.size, abs=2)
    heard = stage.sink.hear(RATE - 10).astype(np.float32) / 32768
    assert np.abs(heard - whole[: heard.size]).max() < 1e-3


def test_a_change_of_rate_within_a_sentence_loses_nothing(stage: Stage) -> None:
    half_second = np.full(24_000, 0.25, np.float32)
    stage.player.put(0, "a", AudioChunk(half_second, SampleRate(48_000)))
    stage.player.put(0, "a", AudioChunk(half_second, RATE))
    stage.player.end_sentence(0, "a")
    assert stage.player.buffered_s() == pytest.approx(1.5, abs=0.001)


def test_an_event_handler_that_fails_does_not_stop_the_sound(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(event: PlayerEvent) -> None:
        raise RuntimeError(event.sentence_id)

    sink = HandSink()
    player = Player(sink, fail)
    player.start()
    player.put(0, "a", chunk(noise(20)))
    assert sink.hear(20).all()
    assert "whoever listens" in caplog.text


def test_an_event_handler_may_call_back_into_the_player() -> None:
    sink = HandSink()
    player = Player(sink, lambda event: player.silence(player_generation[0]))
    player_generation = [1]
    player.start()
    player.put(0, "a", chunk(noise(1000)))
    sink.hear(10)
    assert not sink.hear(1000)[FADE:].any()


async def test_room_waits_until_less_than_that_is_buffered(stage: Stage) -> None:
    stage.say("a", noise(RATE))
    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            done = anyio.Event()

            async def wait() -> None:
                await stage.player.room(0.5)
                done.set()

            tasks.start_soon(wait)
            await anyio.wait_all_tasks_blocked()
            await anyio.to_thread.run_sync(stage.sink.hear, RATE // 2)
            await anyio.wait_all_tasks_blocked()
            assert not done.is_set()
            await anyio.to_thread.run_sync(stage.sink.hear, 1)
            await done.wait()
    assert stage.player.buffered_s() < 0.5


async def test_room_is_given_by_silence_and_by_closing_and_cancelling_leaves_nothing(stage: Stage) -> None:
    for give in (partial(stage.player.silence, 0), stage.player.close):
        stage.say(f"a{give}", noise(RATE))
        with anyio.fail_after(5):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(stage.player.room, 0.1)
                await anyio.wait_all_tasks_blocked()
                give()
    stage.say("b", noise(RATE))
    with anyio.move_on_after(0):
        await stage.player.room(0.1)
    assert stage.player._waiters == []
    assert stage.sink.closed


def test_while_another_thread_pulls_events_keep_their_order_and_a_cut_is_final(
    stage: Stage,
) -> None:
    stopped = threading.Event()

    def pull() -> None:
        while not stopped.is_set():
            stage.sink.hear(64)

    puller = threading.Thread(target=pull)
    puller.start()
    for generation in range(300):
        stage.say(f"s{generation}", noise(2000), generation)
        stage.player.silence(generation + 1)
        assert stage.player.buffered_s() == 0
    stopped.set()
    puller.join()
    names, cuts = zip(*stage.endings(), strict=True)
    assert names == tuple(f"s{n}" for n in range(300))
    assert any(cuts)  # not all: a sentence may have been pulled whole before its silence came
    assert not stage.sink.hear(1000)[FADE:].any()
