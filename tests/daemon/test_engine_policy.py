"""What the user sets for engines as a whole reaches the pool, and a mistake is told in a line."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from claude_narrator.daemon import settings
from claude_narrator.daemon.engine_policy import LEAST_KEPT_S, policy_of
from claude_narrator.models.errors import BadInput
from claude_narrator.models.memory import physical_memory_bytes
from claude_narrator.models.policy import Policy, order_for
from claude_narrator.models.types import Language


def _policy(text: str) -> Policy:
    return policy_of(settings.parse(text, "x"))


def test_by_default_engines_take_half_of_the_memory_and_stay() -> None:
    policy = _policy("")
    assert policy == Policy()
    assert policy.limit_bytes == physical_memory_bytes() // 2
    assert policy.keeps_s("any") == math.inf


def test_amounts_spans_and_orders_are_taken_as_they_are_written() -> None:
    policy = _policy(
        "[models]\nmemory_limit = '8 GB'\nkeep_alive = '1h'\n"
        "[engines.kokoro]\nkeep_alive = '10m'\n[engines.qwen]\nkeep_alive = '0'\n"
        "[voices]\nja = ['kokoro/jf_alpha', 'open_jtalk']\npt-BR = ['kokoro']\n[translators]\nja = ['qwen']\n"
    )
    assert policy.limit_bytes == 8 * 10**9
    kept = [policy.keeps_s(engine) for engine in ("kokoro", "qwen", "voicevox")]
    assert kept == [600, LEAST_KEPT_S, 3600]
    assert order_for(Language("ja-JP"), policy.voices) == ("kokoro/jf_alpha", "open_jtalk")
    assert order_for(Language("pt"), policy.voices) == ("kokoro",)
    assert order_for(Language("en"), policy.voices) == ()
    assert order_for(Language("ja"), policy.translators) == ("qwen",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[models]\nmemory_limit = 'much'", "models.memory_limit: 'much' is no amount of memory"),
        ("[models]\nmemory_limit = '0 GB'", "write auto, or an amount such as 8 GB"),
        ("[models]\nmemory_limit = 8", 'models.memory_limit cannot be 8; a value looks like "auto"'),
        ("[models]\nkeep_alive = 'long'", "models.keep_alive: 'long' is no span of time"),
        ("[engines.kokoro]\nkeep_alive = 'long'", "engines.kokoro.keep_alive: 'long' is no span of time"),
        ("[engines.hibari]\nkeep_alive = '1m'", "no engine 'hibari' has settings"),
        ("[models]\npreload = 'some'", "models.preload cannot be 'some'; a value looks like true"),
        (
            "[models]\npreload = ['kokro']",
            "there is no engine 'kokro'. Did you mean 'kokoro'?",
        ),
        ("[speech]\nnotices = 'loud'", "speech.notices is 'loud'; it must be one of spoken, chime, off"),
        (
            "[voices]\nja = ['kokro/x']",
            "there is no synthesizer 'kokro/x'. Did you mean 'kokoro'?",
        ),
        ("[voices]\nja = ['qwen']", "voices.ja: there is no synthesizer 'qwen'"),
        ("[voices]\nja = 'kokoro'", "voices.ja cannot be 'kokoro'; write a list of names"),
        ("[voices]\n'ja!' = ['kokoro']", "voices.ja!: 'ja!' is no language tag"),
        ("voices = 3", "voices cannot be '3'; write [voices]"),
        ("[translators]\nja = ['qwen/x']", "translators.ja: there is no translator 'qwen/x'"),
        ("[translators.ja]\nx = 1", "translators.ja cannot be"),
    ],
)
def test_a_mistake_is_told_with_what_to_write(text: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        settings.parse(text, "config.toml")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["[voices]\nja = ['kokoro']", "[models]\nmemory_limit = '1 KB'"])
def test_a_project_may_not_say_which_engine_is_sent_text_or_how_much_memory_there_is(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / settings.PROJECT_FILE
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(BadInput, match="may not be set here, only speech"):
        settings.load_project(tmp_path, settings.Settings())


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("models.memory_limit", "8 GB", "8 GB"),
        ("models.preload", "false", False),
        ("models.preload", "['kokoro']", ("kokoro",)),
        ("engines.kokoro.keep_alive", "10m", "10m"),
        ("voices.ja", "kokoro/jf_alpha, open_jtalk", ("kokoro/jf_alpha", "open_jtalk")),
        ("voices.pt-BR", "['kokoro']", ("kokoro",)),
        ("translators.ja", "qwen", ("qwen",)),
    ],
)
def test_each_is_set_from_the_command_line_and_found_again(
    tmp_path: Path, key: str, text: str, value: object
) -> None:
    file = tmp_path / "config.toml"
    settings.write_default(file)
    settings.set_value(file, key, settings.value_from_text(key, text))
    assert settings.value_of(settings.load(file), key) == value


def test_an_order_is_taken_back_with_an_empty_list(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    settings.set_value(file, "voices.ja", ["kokoro"])
    assert settings.set_value(file, "voices.ja", []).voices == {}


@pytest.mark.parametrize(
    "key", ["voices", "voices.", "voices.ja!", "translators.a b", "engines.hibari.keep_alive"]
)
def test_a_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(BadInput, match="unknown setting"):
        settings.value_from_text(key, "x")
