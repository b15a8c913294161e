"""What a person sees of lists that programs read as JSON."""

from __future__ import annotations

import pytest

from claude_narrator.daemon.printing import print_voices


def _voice(name: str, language: str) -> dict[str, str]:
    return {"id": name, "language": language, "status": "ready", "reason": ""}


def test_a_voice_of_many_languages_takes_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    many = [_voice("xtts/ana", tag) for tag in ("en", "es", "fr", "de", "it", "pt")]
    print_voices([*many, _voice("kokoro/jf_alpha", "ja")])
    _, first, second = (line.split() for line in capsys.readouterr().out.splitlines())
    assert first == ["xtts/ana", "en", "es", "fr", "de", "+2", "ready"]
    assert second == ["kokoro/jf_alpha", "ja", "ready"]
