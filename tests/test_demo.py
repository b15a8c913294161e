"""`make demo` is what a newcomer sees first: it must work, and what it plays must be understood."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.demo import JAPANESE_MODELS, OUTPUT
from tests.listening import Listener, missing_key_words
from tests.models_home import ensure

pytestmark = pytest.mark.models
ROOT = Path(__file__).resolve().parent.parent
KEY_WORDS = {
    "en": ("tests", "error", "queue", "full", "42", "put", "code block", "pull request"),
    "ja": ("テスト", "エラー", "キュー", "42", "コードブロック", "プルリクエスト"),
}


def test_the_demo_is_heard_in_both_languages(tmp_path: Path) -> None:
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    for name in [n for n in environment if n.startswith(("XDG_", "CLAUDE_NARRATOR"))]:
        del environment[name]
    print_models = "from claude_narrator.daemon.paths import find_paths; print(find_paths().models)"
    models = Path(_run(environment, "-c", print_models).strip())
    models.parent.mkdir(parents=True)
    for model in JAPANESE_MODELS:
        models_root = ensure(model)
    models.symlink_to(models_root, target_is_directory=True)

    shown = _run(environment, "-m", "tests.demo")

    assert "milliseconds after its text arrived" in shown
    listener = Listener()
    for language, words in KEY_WORDS.items():
        heard = listener.hear(OUTPUT / f"{language}.wav", language)
        assert missing_key_words(words, heard, language) == [], heard


def _run(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
