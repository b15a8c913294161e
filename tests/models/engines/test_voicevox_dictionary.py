"""Words are brought into the dictionary of a VOICEVOX server; what else is there stays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from claude_narrator.models.engines.local_server import ServerFailed
from claude_narrator.models.engines.server_settings import find_server
from claude_narrator.models.engines.voicevox_dictionary import accent_type, export_words, katakana_only
from tests.models.engines.stand_in_server import StandIn, running


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with running(StandIn()) as server:
        yield server


def test_words_are_added_once_and_changed_when_they_are_said_otherwise(stand_in: StandIn) -> None:
    server = find_server("voicevox", {"url": stand_in.url})
    first = export_words(server, {"nginx": "エンジンエックス", "C++": "シープラスプラス"})
    assert (first.added, first.changed, first.unchanged) == (("nginx", "C++"), (), ())
    second = export_words(server, {"nginx": "エヌジンエックス", "c++": "シープラスプラス"})
    assert (second.added, second.changed, second.unchanged) == ((), ("nginx",), ("c++",))
    assert [word["pronunciation"] for word in stand_in.words.values()] == [
        "エヌジンエックス",
        "シープラスプラス",
    ]
    assert stand_in.words["id-1"]["accent_type"] == "5"


def test_other_words_of_the_server_are_left_alone(stand_in: StandIn) -> None:
    stand_in.words = {"mine": {"surface": "私", "pronunciation": "ワタクシ"}}
    export_words(find_server("voicevox", {"url": stand_in.url}), {"uv": "ユーブイ"})
    assert stand_in.words["mine"] == {"surface": "私", "pronunciation": "ワタクシ"}


def test_a_word_that_the_server_refuses_is_told_and_the_others_come(stand_in: StandIn) -> None:
    done = export_words(find_server("voicevox", {"url": stand_in.url}), {"x": "ッーッ", "uv": "ユーブイ"})
    assert done.added == ("uv",)
    assert "refused the request (status 422)" in done.refused["x"]


def test_a_server_that_has_no_dictionary_is_told() -> None:
    with (
        running(StandIn(words_answer="[]")) as stand_in,
        pytest.raises(ServerFailed, match="what is no user dictionary"),
    ):
        export_words(find_server("voicevox", {"url": stand_in.url}), {"uv": "ユーブイ"})


@pytest.mark.parametrize(
    ("reading", "kana"),
    [
        ("ユーブイ", "ユーブイ"),
        ("ゆーぶい", "ユーブイ"),
        ("ﾕｰﾌﾞｲ", "ユーブイ"),
        ("プル リクエスト", "プルリクエスト"),
        ("プル・リクエスト", "プルリクエスト"),
        ("UV", ""),
        ("優", ""),
        ("", ""),
    ],
)
def test_only_kana_are_a_pronunciation(reading: str, kana: str) -> None:
    assert katakana_only(reading) == kana


@pytest.mark.parametrize(
    ("pronunciation", "accent"),
    [
        ("サーバー", 1),
        ("プログラム", 3),
        ("キー", 1),
        ("エ", 1),
        ("コミット", 2),
        ("リクエスト", 3),
        ("クライアント", 4),
    ],
)
def test_a_loanword_falls_after_the_third_mora_from_its_end(pronunciation: str, accent: int) -> None:
    assert accent_type(pronunciation) == accent
