"""Text to Kokoro's phonemes, by language; what a language alone needs is loaded when it is first spoken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from claude_narrator.models.engines.kokoro_espeak import VOICES, ask_espeak, espeak_phonemes
from claude_narrator.models.engines.kokoro_mandarin import mandarin_phonemes
from claude_narrator.models.engines.kokoro_phonemes import japanese_phonemes
from claude_narrator.models.errors import EngineFailed
from claude_narrator.models.extras import install_command

AMERICAN, BRITISH = "en-US", "en-GB"
LANGUAGES = (AMERICAN, BRITISH, "ja", "zh", *VOICES)


class FrontEnds:
    """Building one loads American English and Japanese, which the others borrow from."""

    def __init__(self) -> None:
        """Load what every language needs.

        :raises ImportError: a package is missing.
        """
        import pyopenjtalk
        from hibari.g2p import G2P

        self._open_jtalk: Any = pyopenjtalk
        self._american: Callable[[str], str] = G2P()

    def phonemes(self, text: str, language: str) -> str:
        """Return the phonemes of `text`, which is in one of `LANGUAGES`.

        :raises EngineFailed: what reads the language is not here, or failed.
        """
        if language == "ja":
            return japanese_phonemes(text, self._open_jtalk.run_frontend)
        if language == "zh":
            return mandarin_phonemes(text, *self._mandarin, self._american)
        if language in VOICES:
            return espeak_phonemes(text, language, ask_espeak)
        return (self._british if language == BRITISH else self._american)(text)

    @cached_property
    def _british(self) -> Callable[[str], str]:
        from hibari.g2p import G2P

        british: Callable[[str], str] = G2P(british=True)
        return british

    @cached_property
    def _mandarin(self) -> tuple[Callable[[str], Sequence[str]], Callable[[str], list[tuple[str, str]]]]:
        """What cuts words, and what reads one."""
        try:
            import rjieba
            from pypinyin import Style, lazy_pinyin
        except ImportError as error:
            raise EngineFailed(
                f"kokoro cannot read Chinese: {error}", f"Run: {install_command('kokoro_zh')}"
            ) from None

        def syllables(word: str) -> list[tuple[str, str]]:
            initials, finals = (
                lazy_pinyin(word, style=style, strict=True, neutral_tone_with_five=True)
                for style in (Style.INITIALS, Style.FINALS_TONE3)
            )
            return list(zip(initials, finals, strict=True))

        return rjieba.cut, syllables
