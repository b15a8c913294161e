"""Real Qwen: of the hardest sentences all comes back, in Japanese."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from claude_narrator.daemon.translation.attempts import Task
from claude_narrator.daemon.translation.checked import translated
from claude_narrator.daemon.translation.scores import Example, is_in_wrong_script, lost_of
from claude_narrator.models.types import Language
from tests.daemon.translation.fake_translators import Remembering
from tests.runnable_engines import RECORDS, loaded

pytestmark = [pytest.mark.anyio, pytest.mark.models]
EN, JA = Language("en"), Language("ja")
SET = Path(__file__).parents[2] / "data" / "translation" / "en-ja.jsonl"
HARD = 15


def _hard() -> list[Example]:
    rows = [json.loads(line) for line in SET.read_text(encoding="utf-8").splitlines()]
    return [Example(r["source"], tuple(r["references"]), tuple(r["keep"])) for r in rows if r.get("hard")]


async def test_everything_comes_back_in_japanese_and_streamed_or_not() -> None:
    (record,) = (record for record in RECORDS if record.name == "qwen")
    examples, lost, wrong = _hard(), [], []
    assert len(examples) == HARD
    async with loaded(record) as host:
        for number, example in enumerate(examples):
            task = Task(example.source, EN, JA, streams=number % 2 == 0)
            said = " ".join([clause async for clause in translated(task, [host], Remembering())])
            lost += [(said, part) for part in lost_of(example, said, JA)]
            wrong += [said] if is_in_wrong_script(example.source, said, EN, JA) else []
    assert (lost, wrong) == ([], [])
