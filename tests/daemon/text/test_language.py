"""Which language a text is in."""

from __future__ import annotations

import pytest

from claude_narrator.daemon.text.language import detect_language
from claude_narrator.models.types import Language


@pytest.mark.parametrize(
    ("text", "default", "language"),
    [
        ("The tests pass.", "en", "en"),
        ("Die Tests laufen.", "de", "de"),
        ("テストが通りました。", "en", "ja"),
        ("speakable_sentences を redact に渡す", "en", "ja"),
        ('The word "こんにちは" means hello.', "en", "en"),
        ("了解", "ja", "ja"),
        ("你好，世界", "en", "zh"),
        ("안녕하세요", "en", "ko"),
        ("Привет, мир", "en", "ru"),
        ("Привіт, світе", "uk", "uk"),
        ("مرحبا بالعالم", "en", "ar"),
        ("नमस्ते दुनिया", "en", "hi"),
        ("สวัสดีชาวโลก", "en", "th"),
        ("hello", "ja", "ja"),
        ("3.11 ✅ ...", "pt-BR", "pt-BR"),
        ("", "en", "en"),
        ("繁體中文的測試", "zh-TW", "zh-TW"),
    ],
)
def test_the_script_decides_and_latin_keeps_the_default(text: str, default: str, language: str) -> None:
    assert detect_language(text, Language(default)) == language
