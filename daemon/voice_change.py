"""Changing how a session, its project or everything is heard: checked against the engines first."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from claude_narrator.daemon.amount import AMOUNTS
from claude_narrator.daemon.choices import Choices
from claude_narrator.daemon.preload import expect
from claude_narrator.daemon.settings import MAX_RATE, MIN_RATE
from claude_narrator.models.errors import BadInput, NarratorError
from claude_narrator.models.languages import check_language
from claude_narrator.models.pool import EnginePool
from claude_narrator.models.types import Language, VoiceChoice


@dataclass(frozen=True, slots=True)
class VoiceRequest:
    """What shall be heard from now on; what is empty or 0 stays as it is."""

    language: str = ""
    voice: str = ""
    rate: float = 0.0
    amount: str = ""


class VoiceChange:
    """Makes changes that can be heard, and no others."""

    def __init__(self, choices: Choices, pool: EnginePool) -> None:
        self._choices, self._pool = choices, pool

    def make(self, scope: str, session: str, folder: Path | None, wanted: VoiceRequest, by: str) -> str:
        """Set what is `wanted` for the session, its project or everything; one line says what holds now.

        `by` is who wants it: the command line, a slash command, MCP.

        :raises BadInput, UnknownVoice, UnknownLanguage: nothing was changed.
        """
        changes = self._checked(session, wanted)
        self._choices.change(scope, session, folder, changes, by)
        if wanted.language:
            expect(self._pool, self._choices.speech_for(session))
        return ", ".join(f"{name} {value}" for name, value in changes.items()) + f" ({scope})"

    def _checked(self, session: str, wanted: VoiceRequest) -> dict[str, Any]:
        changes = {name: value for name, value in dataclasses.asdict(wanted).items() if value}
        if not changes:
            raise BadInput("nothing to change", "Give a voice, a language, a rate or an amount.")
        if wanted.rate and not MIN_RATE <= wanted.rate <= MAX_RATE:
            problem = f"the rate {wanted.rate} is out of range"
            raise BadInput(problem, f"Use {MIN_RATE} to {MAX_RATE}; 1 is normal.")
        if wanted.amount and wanted.amount not in AMOUNTS:
            raise BadInput(f"unknown amount {wanted.amount[:40]!r}", f"Use one of {', '.join(AMOUNTS)}.")
        if set(changes) == {"amount"}:
            return changes
        now = self._choices.voice_choice_for(session)
        if wanted.language:
            check_language(wanted.language)
            if not wanted.voice and not self._speaks(now.voice, wanted.language):
                changes["voice"] = "auto"
        heard = {name: value for name, value in changes.items() if name != "amount"}
        self._pool.synthesizer_for(dataclasses.replace(now, **heard))
        return changes

    def _speaks(self, voice: str, language: str) -> bool:
        try:
            self._pool.synthesizer_for(VoiceChoice(Language(language), voice))
        except NarratorError:
            return False
        return True
