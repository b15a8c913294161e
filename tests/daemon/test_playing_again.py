"""The player keeps what was heard, within bounds, and plays it again from its first sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from claude_narrator.daemon.playlist import CUT_FADE_S, HISTORY_S, SENTENCE_GAP_S, MarkKind, Playlist
from claude_narrator.daemon.volume import Volume
from tests.daemon.stage import Stage
from tests.sounds import RATE, chunk, noise

GAP = round(SENTENCE_GAP_S * RATE)
FADE = round(CUT_FADE_S * RATE)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def heard(stage: Stage, *names: str) -> dict[str, np.ndarray]:  # type: ignore[type-arg]
    """Let sentences of 1000 samples be heard to their ends; return what each sounds like."""
    sounds = {name: noise(1000, seed) for seed, name in enumerate(names)}
    for name, sound in sounds.items():
        stage.say(name, sound)
    stage.sink.hear((1000 + GAP) * len(names))
    return sounds


def last(kept: Sequence[str]) -> Sequence[str]:
    return kept[-1:]


def test_a_sentence_that_sounds_begins_again_at_once_and_is_whole(stage: Stage) -> None:
    sound = noise(RATE)
    stage.say("a", sound)
    stage.sink.hear(RATE // 2)
    assert stage.player.restart(0.4)
    after = stage.sink.hear(FADE + RATE)
    assert (after[FADE:] == sound).all()
    assert stage.endings() == [("a", False)]


def test_a_sentence_that_begins_again_while_it_is_still_made_gets_the_rest_once(stage: Stage) -> None:
    sound = noise(1000)
    stage.player.put(0, "a", chunk(sound[:600]))
    stage.sink.hear(300)
    assert stage.player.restart(0)
    stage.player.put(0, "a", chunk(sound[600:]))
    stage.player.end_sentence(0, "a")
    assert (stage.sink.hear(FADE + 1000)[FADE:] == sound).all()


def test_a_sentence_that_has_hardly_begun_is_left_alone(stage: Stage) -> None:
    sound = noise(1000)
    stage.say("a", sound)
    before = stage.sink.hear(100)
    assert not stage.player.restart(0.1)
    assert (np.concatenate((before, stage.sink.hear(900))) == sound).all()


def test_the_sentence_before_is_heard_again_then_the_one_that_sounded_from_its_start(stage: Stage) -> None:
    sounds = heard(stage, "a", "b")
    stage.say("c", sound := noise(1000, 9))
    stage.sink.hear(500)
    assert stage.player.recall(last) == ("b",)
    after = stage.sink.hear(FADE + 2000 + GAP)[FADE:]
    assert (after == np.concatenate((sounds["b"], np.zeros(GAP, np.int16), sound))).all()
    assert stage.player.holds("b") is False
    assert stage.endings() == [("a", False), ("b", False), ("b", False), ("c", False)]


def test_several_are_heard_again_in_the_order_that_is_asked_for(stage: Stage) -> None:
    sounds = heard(stage, "a", "b", "c")
    assert stage.player.recall(lambda kept: kept[:2]) == ("a", "b")
    again = stage.sink.hear(2000 + GAP)
    assert (again == np.concatenate((sounds["a"], np.zeros(GAP, np.int16), sounds["b"]))).all()
    assert stage.player.recall(lambda kept: kept) == ("c", "a", "b")


def test_silence_drops_what_is_heard_again_and_it_does_not_come_back_by_itself(stage: Stage) -> None:
    heard(stage, "a", "b")
    stage.player.recall(lambda kept: kept)
    stage.sink.hear(100)
    stage.player.silence(1)
    assert not stage.sink.hear(5000)[FADE:].any()
    assert stage.player.recall(lambda kept: kept) == ()
    assert stage.player.buffered_s() == 0


def test_what_was_cut_or_skipped_or_never_sounded_is_not_kept(stage: Stage) -> None:
    stage.say("cut", noise(1000))
    stage.say("unheard", noise(1000))
    stage.sink.hear(500)
    stage.player.silence(1)
    stage.say("skipped", noise(1000), generation=1)
    stage.sink.hear(FADE + 500)
    stage.player.skip()
    stage.say("whole", noise(10), generation=1)
    stage.sink.hear(2 * GAP + 10)
    assert stage.player.recall(last) == ("whole",)
    assert not any(stage.player.keeps(name) for name in ("cut", "unheard", "skipped", "whole"))


def test_what_is_heard_again_waits_while_the_player_is_paused(stage: Stage) -> None:
    sounds = heard(stage, "a")
    stage.player.pause()
    stage.player.recall(last)
    assert not stage.sink.hear(500).any()
    stage.player.resume()
    assert (stage.sink.hear(1000) == sounds["a"]).all()


def test_the_length_that_waits_counts_what_is_heard_again(stage: Stage) -> None:
    heard(stage, "a")
    stage.say("b", noise(1000))
    stage.sink.hear(400)
    stage.player.recall(last)
    assert stage.player.buffered_s() * RATE == pytest.approx(2000)
    stage.player.drop({"a"})
    assert stage.player.buffered_s() * RATE == pytest.approx(1000)


def test_no_more_is_kept_than_the_bound_the_oldest_goes_first() -> None:
    playlist = Playlist(RATE, history_s=1.0)
    for number in range(5):
        playlist.add(f"s{number}", np.full(RATE // 2, 0.5, np.float32))
        playlist.end(f"s{number}")
        playlist.pull(RATE)
    kept: list[str] = []
    playlist.recall(lambda ids: kept.extend(ids) or ())
    assert kept == ["s3", "s4"]
    assert 60 <= HISTORY_S <= 600


def test_marks_are_made_anew_when_a_sentence_is_heard_again() -> None:
    playlist = Playlist(RATE)
    playlist.add("a", np.full(100, 0.5, np.float32))
    playlist.end("a")
    playlist.pull(100)
    playlist.recall(last)
    _, marks = playlist.pull(100)
    assert [mark.kind for mark in marks] == [MarkKind.AUDIBLE, MarkKind.FINISHED]


def test_at_its_own_level_every_sample_is_played_as_it_is() -> None:
    samples = chunk(noise(480)).samples
    assert Volume().apply(samples) is samples


def test_a_gain_scales_from_the_next_block_on_without_a_jump(stage: Stage) -> None:
    stage.say("a", np.full(RATE, 8000, np.int16))
    before = stage.sink.hear(240)
    stage.player.volume.db = -6.0
    fading, after = stage.sink.hear(240), stage.sink.hear(240)
    whole = np.concatenate((before, fading, after)).astype(np.int32)
    assert 0 < np.abs(np.diff(whole)).max() < 100
    assert after == pytest.approx(np.full(240, 8000 * 10 ** (-6 / 20)), abs=2)


def test_what_a_gain_makes_too_loud_is_limited_and_never_clipped(stage: Stage) -> None:
    stage.player.volume.db = 12.0
    stage.sink.hear(240)
    tone = np.sin(np.arange(RATE) * 2 * np.pi * 440 / RATE) * 9830
    stage.say("a", tone.astype(np.int16))
    loud = stage.sink.hear(RATE)
    assert np.abs(loud.astype(np.int32)).max() < 32767
    assert np.sqrt(np.mean(loud.astype(np.float64) ** 2)) > 2.5 * 9830 / np.sqrt(2)
