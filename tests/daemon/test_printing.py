"""What a person sees of lists that programs read as JSON."""

from __future__ import annotations

import pytest

from claude_narrator.daemon.printing import print_voices

LACKS = "its environment is not installed: voice engines install cosyvoice"


def _voice(name: str, language: str, status: str = "ready", reason: str = "") -> dict[str, str]:
    return {"id": name, "language": language, "status": status, "reason": reason}


def test_a_voice_of_many_languages_takes_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    many = [_voice("xtts/ana", tag) for tag in ("en", "es", "fr", "de", "it", "pt")]
    print_voices([*many, _voice("kokoro/jf_alpha", "ja")])
    _, first, second = (line.split() for line in capsys.readouterr().out.splitlines())
    assert first == ["xtts/ana", "en", "es", "fr", "de", "+2", "ready"]
    assert second == ["kokoro/jf_alpha", "ja", "ready"]


def test_in_a_narrow_window_every_name_is_whole_and_what_an_engine_lacks_is_said_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    lacking = [_voice(f"cosyvoice/speaker_{n}", "zh", "missing package", LACKS) for n in range(3)]
    long_name = "edge_tts/zh-CN-shaanxi-XiaoniNeural"
    print_voices([*lacking, _voice(long_name, "zh-CN-shaanxi")])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert lines[1].split() == [long_name, "zh-CN-shaanxi", "ready"]
    assert lines[2].split() == ["cosyvoice/speaker_0", "zh", "missing", "package"]
    assert lines[-1] == f"cosyvoice: {LACKS}"
