"""`voice eval translation` measures what a real daemon translates, and refuses what it cannot use."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import pytest

from claude_narrator.daemon import eval_command
from claude_narrator.daemon.eval_command import read_examples
from claude_narrator.daemon.translation.scores import Example, Trial, lost_of, score
from claude_narrator.models.errors import BadInput, EngineUnavailable
from claude_narrator.models.extras import install_command
from claude_narrator.models.types import Language
from tests.running_daemon import RunningDaemon

EN, JA, PT = Language("en"), Language("ja"), Language("pt-BR")
EXAMPLES = [
    Example("Delete app.py.", ("app.py を削除します。", "app.py を消します。"), ("app.py",)),
    Example("It ran 1,000 times.", ("1000回実行されました。", "千回動きました。"), ("1,000",)),
]


def _parsed(*arguments: str) -> Any:
    parser = ArgumentParser(prog="voice")
    eval_command.add_parser(parser.add_subparsers())
    return parser.parse_args(["eval", "translation", *arguments])


def test_a_reference_scores_a_hundred_and_nothing_of_it_is_lost() -> None:
    trials = [Trial("app.py を消します。", 1.0), Trial("1000回実行されました。", 3.0, rejected=1)]
    scores = score(EXAMPLES, trials, EN, JA)
    assert (round(scores.chrf), round(scores.bleu)) == (100, 100)
    assert (scores.kept, scores.came_back, scores.wrong_script, scores.left) == (2, 2, 0, 0)
    assert (scores.rejected, scores.seconds_mean, scores.seconds_p95) == (1, 2.0, 3.0)
    assert (scores.asked_again, scores.seconds_again, scores.seconds_once) == (1, 3.0, 1.0)
    assert "nw:2" in scores.chrf_signature
    assert "tok:" in scores.bleu_signature


def test_what_is_wrong_lowers_each_score() -> None:
    trials = [Trial("Delete the file.", 1.0, is_left=True), Trial("百回实行されました。", 1.0)]
    scores = score(EXAMPLES, trials, EN, JA)
    assert scores.chrf < 50
    assert (scores.came_back, scores.wrong_script, scores.left) == (0, 2, 1)


def test_what_must_come_back_is_taken_from_the_file_and_not_from_the_checks() -> None:
    assert lost_of(Example("x", ("y",), ("merge me", "12")), "12 merge", JA) == ("merge me",)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no sentence"),
        ("{", "line 1"),
        ("[]", "line 1"),
        ('{"source": "a"}', "line 1"),
        ('{"source": "a", "references": []}', "line 1"),
        ('{"source": " ", "references": ["b"]}', "line 1"),
        ('{"source": "a", "references": ["b"], "keep": [1]}', "line 1"),
        (
            '{"source": "a", "references": ["b"]}\n{"source": "a", "references": ["b", "c"]}',
            "different numbers",
        ),
    ],
)
def test_a_file_of_another_form_is_refused_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        read_examples(text)


def test_a_language_that_is_not_named_and_a_file_that_is_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="translate into is not known"):
        eval_command.run(_parsed(str(tmp_path / "set.jsonl")))
    with pytest.raises(BadInput, match="cannot read"):
        eval_command.run(_parsed(str(tmp_path / "en-ja.jsonl")))


@pytest.mark.parametrize(
    ("name", "pair"),
    [
        ("en-ja.jsonl", "en ja"),
        ("en-ja-unseen.jsonl", "en ja"),
        ("set.en-pt-BR.jsonl", "en pt-BR"),
        ("pt-BR-en-second-half.jsonl", "pt-BR en"),
    ],
)
def test_the_languages_are_as_the_file_is_named(name: str, pair: str) -> None:
    assert " ".join(eval_command.languages_of(_parsed(name))) == pair


def test_without_sacrebleu_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sacrebleu", None)  # as if it were not installed
    with pytest.raises(EngineUnavailable, match="sacrebleu") as refused:
        eval_command.run(_parsed("en-ja.jsonl"))
    assert install_command("eval") in refused.value.hint


def test_a_real_daemon_translates_the_set_and_the_scores_are_printed(tmp_path: Path) -> None:
    rows = [
        {"source": "It took 42 seconds.", "references": ["Demorou 42 segundos."], "keep": ["42"]},
        {"source": "The server does not respond.", "references": ["O servidor não responde."]},
    ]  # fmt: skip
    file = tmp_path / "set.en-pt-BR.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    with RunningDaemon() as daemon:
        table = daemon.voice("eval", "translation", str(file), "--engine", "bergamot")
        machine = daemon.voice(
            "eval", "translation", str(file), "--engine", "bergamot", "--unchecked", "--json"
        )
        unknown = daemon.voice("eval", "translation", str(file), "--engine", "nosuch")
    assert (table.returncode, table.stderr) == (0, "")
    assert "chrF++" in table.stdout
    assert "100.0 %   1 of 1 names" in table.stdout
    result = json.loads(machine.stdout)
    assert result["scores"]["sentences"] == 2
    assert result["scores"]["chrf"] > 50
    assert "42" in result["sentences"][0]["translation"]
    assert unknown.returncode == 1
    assert "nosuch" in unknown.stderr
