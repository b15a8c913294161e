"""What the documents show works as they show it."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest

from claude_narrator.daemon.commands import build_parser
from claude_narrator.daemon.paths import HOME_VARIABLE
from claude_narrator.install.cli import build_parser as build_installer_parser
from claude_narrator.models.base import EngineContext
from claude_narrator.models.registry import EngineStatus, find_engines
from claude_narrator.models.types import Language
from tests.models.fault_table import read_table
from tests.models.faults import WHILE_IT_WORKS
from tests.models.load_faults import BEFORE_IT_LOADS
from tests.models.worker_bench import hosted, importable_in_workers
from tests.runnable_engines import runnable_records

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ["README.md", *sorted(str(p.relative_to(ROOT)) for p in ROOT.glob("docs/**/*.md"))]


def fenced(document: str, language: str) -> str:
    """Return the first block of code of `language` in a document."""
    found = re.search(rf"```{language}\n(.*?)```", (ROOT / document).read_text(encoding="utf-8"), re.DOTALL)
    assert found, f"{document} shows no {language}"
    return found[1]


def commands_in(page: Path) -> list[str]:
    """Return the commands of ours in the blocks of shell and in the inline code of a document."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"```(?:sh|console)\n(.*?)```", text, re.DOTALL)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    lines = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    return [line.partition(" #")[0] for line in lines + inline if re.match(r"voice(-install)? [a-z-]", line)]


def is_known(words: list[str], parsers: Mapping[str, argparse.ArgumentParser]) -> bool:
    """Whether the first words name a command, and what begins with dashes are options of it."""
    parser = parsers[words[0]]
    for word in words[1:]:
        found = [each.choices for each in parser._actions if isinstance(each, argparse._SubParsersAction)]
        if word.startswith("--"):
            if word not in parser._option_string_actions:
                return False
        elif found and (found[0].keys() & {word} or parser is parsers[words[0]]):
            if word not in found[0]:
                return False
            parser = found[0][word]
    return True


def test_the_engine_of_the_guide_is_listed_and_speaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "beeps.py").write_text(fenced("docs/adding-an-engine.md", "python"), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    entry_point = EntryPoint("beeps", "beeps:Beeps", "claude_narrator.engines")
    (record,) = find_engines(lambda model: False, [entry_point])
    assert (record.status, record.reason) == (EngineStatus.READY, "")
    engine = entry_point.load()()
    assert engine.load(EngineContext()).device == "cpu"
    chunks = list(engine.synthesize("one two", "sine", Language("en"), 1.0))
    engine.close()
    assert [chunk.samples.size for chunk in chunks] == [4800, 4800]
    assert all(chunk.samples.dtype == np.float32 for chunk in chunks)


@pytest.mark.anyio
async def test_the_engine_of_the_guide_speaks_in_a_worker(tmp_path: Path) -> None:
    (tmp_path / "beeps.py").write_text(fenced("docs/adding-an-engine.md", "python"), encoding="utf-8")
    with importable_in_workers(tmp_path):
        async with hosted("beeps:Beeps") as host:
            chunks = [chunk async for chunk in host.synthesize("one two", "sine", Language("en"))]
    assert [chunk.samples.size for chunk in chunks] == [4800, 4800]


def test_the_project_file_of_the_guide_is_accepted(tmp_path: Path) -> None:
    from claude_narrator.daemon import settings

    text = fenced("docs/voices-and-languages.md", "toml")
    speech = settings.parse(text, "guide", only=settings.PROJECT_SECTIONS).speech
    assert tomllib.loads(text)["speech"] == {"language": speech.language, "rate": speech.rate}


def test_every_engine_has_a_row_with_every_column_filled() -> None:
    lines = (ROOT / "docs" / "engines.md").read_text(encoding="utf-8").splitlines()
    rows = {line.split("`")[1]: line for line in lines if re.match(r"\| `\w+` \|( [^|]+ \|){6}$", line)}
    assert set(rows) == {record.name for record in find_engines(lambda model: True)}


def test_the_fault_table_has_every_engine_and_is_green() -> None:
    table = read_table(ROOT / "docs" / "engines.md")
    assert set(table) == {record.name for record in runnable_records(tiny=True, elsewhere=True)}
    for engine, outcomes in table.items():
        assert set(outcomes) == {*WHILE_IT_WORKS, *BEFORE_IT_LOADS}
        assert not any("failed" in outcome or not outcome for outcome in outcomes.values()), engine


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_between_documents_lead_somewhere(document: str) -> None:
    page = ROOT / document
    prose = re.sub(r"``.*?``|`[^`\n]*`", "", page.read_text(encoding="utf-8"))
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)", prose)
    missing = [link for link in links if not (page.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_and_option_that_is_shown_exists(document: str) -> None:
    parsers = {"voice": build_parser(), "voice-install": build_installer_parser()}
    assert [line for line in commands_in(ROOT / document) if not is_known(line.split(), parsers)] == []


def test_every_decision_has_a_number_of_its_own() -> None:
    numbers = [path.name.split("-")[0] for path in (ROOT / "docs" / "adr").glob("*.md")]
    assert len(numbers) == len(set(numbers))


def test_the_language_of_the_guide_is_spoken_as_it_shows(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "adding-a-language.md").read_text(encoding="utf-8")
    reply = re.search(r"````markdown\n(.*?)````", guide, re.DOTALL)
    assert reply
    (tmp_path / "languages").mkdir()
    file = fenced("docs/adding-a-language.md", "toml")
    (tmp_path / "languages" / "ca.toml").write_text(file, encoding="utf-8")
    (tmp_path / "config.toml").write_text("speech.language = 'ca'\nspeech.source_language = 'ca'\n")
    done = subprocess.run(
        [sys.executable, "-m", "claude_narrator.daemon.cli", "preview"],
        input=reply[1],
        env={**os.environ, HOME_VARIABLE: str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == fenced("docs/adding-a-language.md", "text")
