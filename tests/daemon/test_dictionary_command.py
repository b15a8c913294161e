"""`voice dictionary`: words come and go, whole files or nothing, and what runs has them at once."""

from __future__ import annotations

import json
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from claude_narrator.daemon import dictionary_file, settings
from claude_narrator.daemon.paths import find_paths
from tests.daemon.commands_here import empty_home, voice
from tests.models.engines.stand_in_server import StandIn, running
from tests.running_daemon import RunningDaemon

LONG = "ジュゲムジュゲムゴコウノスリキレカイジャリスイギョノスイギョウマツ"


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with empty_home(monkeypatch) as folder:
        yield folder


def _words() -> dict[str, dict[str, str]]:
    return {tag: dict(words) for tag, words in dictionary_file.load(find_paths().dictionary).items()}


def test_a_word_is_added_changed_listed_and_removed(capsys: pytest.CaptureFixture[str]) -> None:
    assert voice("dictionary", "add", "nginx", "engine x") == 0
    assert voice("dictionary", "add", "Nginx", "エンジンエックス", "--language", "ja") == 0
    assert voice("dictionary", "add", "NGINX", "n g i n x") == 0
    assert voice("dictionary", "list") == 0
    assert capsys.readouterr().out == "NGINX = n g i n x\nNginx = エンジンエックス  (ja)\n"
    assert voice("dictionary", "list", "--json") == 0
    assert json.loads(capsys.readouterr().out)[1] == {
        "word": "Nginx", "reading": "エンジンエックス", "language": "ja"
    }  # fmt: skip
    assert voice("dictionary", "remove", "nginx") == 0
    assert _words() == {"ja": {"Nginx": "エンジンエックス"}}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("add", " ", "x"), "'' was not added: the word must be a line"),
        (("add", "x", "…"), "the reading has neither a letter nor a digit"),
        (("add", "x", "y" * 201), "1 to 200 characters"),
        (("add", "x", "y", "--language", "japanese"), "'japanese' is no language tag"),
        (("remove", "ngins"), "'ngins' is not in the dictionary"),
        (("remove", "redis"), "It is with --language ja."),
        (("import", "/no/such/file"), "cannot read /no/such/file: No such file"),
        (("export", "/no/such/folder/x.csv"), "cannot write /no/such/folder/x.csv"),
    ],
)
def test_what_makes_no_sense_is_one_clear_line_and_changes_nothing(
    arguments: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    voice("dictionary", "add", "nginx", "engine x")
    voice("dictionary", "add", "redis", "レディス", "--language", "ja")
    before = _words()
    assert voice("dictionary", *arguments) == 1
    said = capsys.readouterr().err
    assert says in said
    assert "Traceback" not in said
    assert _words() == before


def test_a_file_is_taken_whole_or_not_at_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    voice("dictionary", "add", "nginx", "engine x")
    file = tmp_path / "words.csv"
    file.write_text("uv,you vee\nbroken\nbad,,ja\n", encoding="utf-8")
    assert voice("dictionary", "import", str(file)) == 1
    said = capsys.readouterr().err
    assert "line 2: 1 columns" in said
    assert "line 3: the reading must be a line" in said
    assert _words() == {"": {"nginx": "engine x"}}
    file.write_text("uv,you vee\nNGINX,engine ex\nredis,レディス,ja\n", encoding="utf-8")
    assert voice("dictionary", "import", str(file)) == 0
    assert _words() == {"": {"uv": "you vee", "NGINX": "engine ex"}, "ja": {"redis": "レディス"}}


@pytest.mark.parametrize("name", ["words.csv", "words.tsv", "words.jsonl"])
def test_what_was_exported_can_be_imported(tmp_path: Path, name: str) -> None:
    voice("dictionary", "add", "pull request", "プルリク", "--language", "ja")
    voice("dictionary", "add", 'a, "b"', "see")
    before, file = _words(), tmp_path / name
    assert voice("dictionary", "export", str(file)) == 0
    find_paths().dictionary.unlink()
    assert voice("dictionary", "import", str(file)) == 0
    assert _words() == before


def test_without_a_file_the_words_are_printed_as_csv(capsys: pytest.CaptureFixture[str]) -> None:
    voice("dictionary", "add", "nginx", "engine x")
    voice("dictionary", "export")
    assert capsys.readouterr().out == "word,reading,language\nnginx,engine x,\n"


def test_more_words_than_a_dictionary_holds_change_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "words.csv"
    file.write_text("".join(f"word{n},x\n" for n in range(5001)), encoding="utf-8")
    assert voice("dictionary", "import", str(file)) == 1
    assert "5001 words, more than 5000" in capsys.readouterr().err
    assert _words() == {}


def test_the_words_that_the_server_can_say_are_added_or_changed_there(
    capsys: pytest.CaptureFixture[str],
) -> None:
    voice("dictionary", "add", "nginx", "えんじんエックス", "--language", "ja")
    voice("dictionary", "add", "uv", "ユーブイ")
    voice("dictionary", "add", "redis", "レディス", "--language", "ja-JP")
    voice("dictionary", "add", "server", "server")
    voice("dictionary", "add", "GmbH", "ゲーエムベーハー", "--language", "de")
    voice("dictionary", "add", "odd", "Привет", "--language", "ja")
    stand_in = StandIn()
    stand_in.words = {"id-1": {"surface": "ｒｅｄｉｓ", "pronunciation": "リディス"},
                      "id-2": {"surface": "ｕｖ", "pronunciation": "ユーブイ"}}  # fmt: skip
    with running(stand_in):
        assert voice("dictionary", "export", "--voicevox", stand_in.url) == 0
    said = capsys.readouterr().out
    assert "2 added, 1 changed, 1 already there." in said
    assert "Left out, because the reading is no kana: odd" in said
    assert stand_in.words["id-1"]["pronunciation"] == "レディス"
    added = {word["surface"]: word["pronunciation"] for word in stand_in.words.values()}
    assert added == {
        "redis": "レディス",
        "ｕｖ": "ユーブイ",
        "nginx": "エンジンエックス",
        "server": "サーバー",
    }


def test_the_server_of_the_settings_is_taken_or_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    voice("dictionary", "add", "uv", "ユーブイ")
    assert voice("dictionary", "export", "--voicevox", "settings") == 1
    assert "no VOICEVOX server is set" in capsys.readouterr().err
    with running(StandIn()) as stand_in:
        settings.set_value(find_paths().settings_file, "engines.voicevox.url", stand_in.url)
        assert voice("dictionary", "export", "--voicevox", "settings") == 0
    assert [word["surface"] for word in stand_in.words.values()] == ["uv"]


def test_a_server_that_is_not_there_or_no_address_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    voice("dictionary", "add", "uv", "ユーブイ")
    with running(StandIn()) as stand_in:
        url = stand_in.url
    assert voice("dictionary", "export", "--voicevox", url) == 1
    assert "cannot be reached" in capsys.readouterr().err
    assert voice("dictionary", "export", "--voicevox", "nowhere") == 1
    assert "'nowhere' is no http address" in capsys.readouterr().err


def _seconds(path: Path) -> float:
    with wave.open(str(path)) as file:
        return file.getnframes() / file.getframerate()


def test_a_running_daemon_says_a_new_word_at_once(tmp_path: Path) -> None:
    written, again, gone = (tmp_path / name for name in ("written.wav", "again.wav", "gone.wav"))
    with RunningDaemon(speech__language="ja") as daemon:
        say = ("say", "zuzuです。", "--language", "ja", "--voice", "open_jtalk/mei", "--out")
        assert daemon.voice(*say, str(written)).returncode == 0
        assert daemon.voice("dictionary", "add", "Zuzu", LONG, "--language", "ja").returncode == 0
        assert daemon.voice(*say, str(again)).returncode == 0
        assert daemon.voice("dictionary", "remove", "zuzu", "--language", "ja").returncode == 0
        assert daemon.voice(*say, str(gone)).returncode == 0
    assert _seconds(again) > 2 * _seconds(written)
    assert _seconds(gone) == pytest.approx(_seconds(written), abs=0.05)
