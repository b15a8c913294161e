"""What must come back of a sentence is found, missed when it is gone, and brought back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.daemon.translation.facts import facts_of
from claude_narrator.daemon.translation.kept import Kept, kept_in, missing_in, without
from claude_narrator.daemon.translation.numbers import values_in, values_in_words
from claude_narrator.daemon.translation.repair import mended, restored
from claude_narrator.models.types import Language
from tests.hostile_texts import HOSTILE

EN, JA, DE = (facts_of(Language(tag)) for tag in ("en", "ja", "de"))
SET = Path(__file__).parents[2] / "data" / "translation" / "en-ja.jsonl"


def texts(sentence: str) -> list[str]:
    return [each.text for each in kept_in(sentence)]


@pytest.mark.parametrize(
    ("sentence", "kept"),
    [
        ("Rename get_user to fetchUser in 7 files.", ["get_user", "fetchUser", "7"]),
        ("See src/app/main.py and ~/.bashrc.", ["src/app/main.py", "~/.bashrc"]),
        ("queue.put_nowait() raises QueueFull.", ["queue.put_nowait", "QueueFull"]),
        ("Python 3.10, v2.4.1-rc1 and 1.2.3 work.", ["3.10", "v2.4.1-rc1", "1.2.3"]),
        ("It says \"not found\" and 'gone'.", ["not found", "gone"]),
        ('He wrote "I will look at it in 2 days, I promise you".', ["2"]),
        ("Run `git push --force` with --no-verify or -n.", ["git push --force", "--no-verify", "-n"]),
        ("Open https://example.com/a?b=1, please.", ["https://example.com/a?b=1"]),
        ("On 2026-11-12 at 14:00 in commit 9fceb02.", ["2026", "11", "12", "14", "9fceb02"]),
        ("C++ and C# take 1,000 ms, 93% of it in Node.js.", ["C++", "C#", "1,000", "93", "Node.js"]),
        ("and/or, I/O, e.g. a client/server, don't they?", []),
        ("Set DATABASE_URL and X-Api-Key in .env and docker-compose.yml.",
         ["DATABASE_URL", "X-Api-Key", ".env", "docker-compose.yml"]),
        ("The build is green again.", []),
        ("", []),
    ],
)  # fmt: skip
def test_names_numbers_paths_and_short_quotations_must_come_back(sentence: str, kept: list[str]) -> None:
    assert texts(sentence) == kept


def test_everything_that_the_test_set_marks_is_found_in_it() -> None:
    rows = [json.loads(line) for line in SET.read_text(encoding="utf-8").splitlines()]
    assert [row["source"] for row in rows if set(row["keep"]) - set(texts(row["source"]))] == []


@pytest.mark.parametrize(
    ("sentence", "translation", "missing"),
    [
        ("Rename get_user in 7 files.", "7つのファイルの get_user を改名します。", []),
        ("Rename get_user in 7 files.", "ファイルの get_users を改名します。", ["get_user", "7"]),
        ("It ran 1,000,000 times.", "100万回実行されました。", []),
        ("It ran 12,500 times.", "1万2千5百回実行されました。", []),
        ("It took 42 s.", "四十二秒かかりました。", []),
        ("It took 42 s.", "４２秒かかりました。", []),
        ("It took 42 s.", "420秒かかりました。", ["42"]),
        ("Use 3.10.", "3.1を使います。", ["3.10"]),
        ("At 14:30 on 2026-01-05.", "2026年1月5日の14時30分です。", []),
        ("At 14:30 on 2026-01-05.", "2026年の14時です。", ["30", "01", "05"]),
    ],
)
def test_a_name_comes_back_as_it_is_and_a_number_with_its_value(
    sentence: str, translation: str, missing: list[str]
) -> None:
    assert [each.text for each in missing_in(translation, kept_in(sentence), JA)] == missing


def test_numbers_are_read_as_the_language_writes_them() -> None:
    assert {"1.5", "1000"} <= values_in("1,5 und 1.000", DE)
    assert "1500000" in values_in("150万", JA)
    assert {"40", "2", "42"} <= values_in_words("forty-two", EN)
    assert "3000" in values_in_words("three thousand", EN)


@pytest.mark.parametrize(
    ("sentence", "translation", "mend"),
    [
        ("parse_config fails.", "parse config が失敗します。", "parse_config が失敗します。"),
        ("parse_config fails.", "Parse-Config が失敗します。", "parse_config が失敗します。"),
        ("parse_config fails.", "parse_confg が失敗します。", "parse_config が失敗します。"),
        ("See app.py now.", "ａｐｐ．ｐｙ を見てください。", "ａｐｐ．ｐｙ を見てください。"),
        ("isLoading is set.", "「is_loading」が設定されました。", "「isLoading」が設定されました。"),
        ("It has 42 files.", "24個のファイルがあります。", "42個のファイルがあります。"),
        ("Two of 42 files.", "42個のうち2個です。", "42個のうち2個です。"),
        ("Two of 42 files.", "24個のうち2個です。", "42個のうち2個です。"),
        ("It has 42 and 17.", "10と20です。", "10と20です。"),
        ("get_user calls get_users.", "get_users を呼びます。", "get_users を呼びます。"),
    ],
)
def test_what_is_only_spelt_otherwise_is_mended(sentence: str, translation: str, mend: str) -> None:
    assert mended(sentence, translation, kept_in(sentence), EN, JA) == mend


def test_what_is_gone_is_put_in_brackets_before_the_end() -> None:
    kept = (Kept("app.py"), Kept("42", is_number=True))
    assert restored("できました。", kept, JA) == "できました（app.py、42）。"
    assert restored("Fertig.", kept, DE) == "Fertig (app.py, 42)."
    assert restored("app.py は42行です。", kept, JA) == "app.py は42行です。"


SENTENCES = st.lists(
    st.sampled_from(
        ["get_user", "42", "3.11", "src/a.py", "--all", "the", "tests", "fail", "1,000", "9fceb02"]
    )
    | st.text(max_size=6),
    max_size=8,
).map(" ".join)


@given(SENTENCES, st.text(max_size=40))
def test_whatever_came_nothing_is_missing_once_it_is_restored(sentence: str, translation: str) -> None:
    kept = kept_in(sentence)
    mend = mended(sentence, translation, kept, EN, JA)
    assert len(missing_in(mend, kept, JA)) <= len(missing_in(translation, kept, JA))
    assert missing_in(restored(mend, kept, JA), kept, JA) == ()


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_too_much(text: str) -> None:
    kept_in(text * 20)


def test_a_name_is_taken_out_of_a_text_and_not_out_of_its_words() -> None:
    assert without("a cat is at a_b or ab", [Kept("a"), Kept("ab")]) == "  cat is at a_b or  "
