"""One function a request: what the Unix socket asks, in terms of the narrator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio.to_thread

from claude_narrator.daemon import protocol
from claude_narrator.daemon.asked_text import speakable
from claude_narrator.daemon.claude_processes import HookParent
from claude_narrator.daemon.narrator import COMMAND_LINE, Narrator
from claude_narrator.daemon.player import LISTENER
from claude_narrator.daemon.recording import record
from claude_narrator.daemon.session_list import listen, sessions, set_for_session
from claude_narrator.daemon.settings import MAX_RATE, MIN_RATE
from claude_narrator.daemon.status import engines, status, voices
from claude_narrator.daemon.text.language import detect_language
from claude_narrator.daemon.text_translation import Wanted
from claude_narrator.daemon.timelines import Timelines
from claude_narrator.daemon.why import why
from claude_narrator.models.errors import BadInput
from claude_narrator.models.languages import check_language
from claude_narrator.models.types import Language, Priority, VoiceChoice


class Requests:
    """Answers the requests of protocol.py."""

    def __init__(
        self,
        narrator: Narrator,
        timelines: Timelines,
        started_s: float,
        refresh: Callable[[], None],
    ) -> None:
        """`refresh` brings the pool to what is installed and set now."""
        self._narrator, self._timelines, self._refresh = narrator, timelines, refresh
        self._started_s = started_s
        self._handlers: dict[type, Callable[[Any], Awaitable[dict[str, Any]]]] = {
            protocol.Hook: self._hook,
            protocol.Say: self._say,
            protocol.Translate: self._translate,
            protocol.Wait: self._wait,
            protocol.Stop: self._stop,
            protocol.Control: self._control,
            protocol.Status: self._status,
            protocol.Engines: self._engines,
            protocol.Why: self._why,
            protocol.Voices: self._voices,
            protocol.SetVoice: self._set_voice,
            protocol.SetForSession: self._set_for_session,
            protocol.Sessions: self._sessions,
            protocol.Listen: self._listen,
            protocol.Reload: self._reload,
        }

    async def answer(self, request: protocol.Request) -> dict[str, Any]:
        """Return the result of a request.

        :raises NarratorError: one line that says why not.
        """
        return await self._handlers[type(request)](request)

    async def _hook(self, request: protocol.Hook) -> dict[str, Any]:
        self._narrator.on_hook(request.event, HookParent(request.parent, request.attended))
        return {}

    async def _say(self, request: protocol.Say) -> dict[str, Any]:
        if request.out:
            return await self._record(request, self._choice(request))
        if why := self._narrator.why_unheard(COMMAND_LINE):
            raise BadInput(f"{why}; nothing is said", "To hear it: voice unmute")
        # What asks for nothing of its own is heard as its session is when its turn comes.
        choice = self._choice(request) if request.language or request.voice or request.rate else None
        count = await self._narrator.say(
            request.text, choice=choice, priority=Priority.MESSAGE, source=self._source(request)
        )
        held = LISTENER in self._narrator.player.state.held_by
        if request.wait:
            await self._narrator.wait_idle()
        return {"sentences": count, "note": "the voice is paused; hear it with: voice resume" if held else ""}

    async def _record(self, request: protocol.Say, choice: VoiceChoice) -> dict[str, Any]:
        language = detect_language(request.text, self._source(request))
        style = self._narrator.choices.text_for(COMMAND_LINE)
        sentences = await anyio.to_thread.run_sync(speakable, request.text, language, style)
        choices, out = self._narrator.choices, Path(request.out)
        words = choices.glossary_for(COMMAND_LINE, choice.language)
        spoken = choices.pronunciation_for(COMMAND_LINE)
        narrator = self._narrator
        recorded = await record(
            narrator.pool, sentences, language, choice, out, words, spoken, narrator.troubles
        )
        told = {"seconds": round(recorded.seconds, 3), "note": recorded.note}
        return {"sentences": len(sentences), "out": request.out, **told}

    def _source(self, request: protocol.Say) -> Language:
        """The language of the text where its script does not tell."""
        given = request.source and check_language(request.source)
        return given or Language(self._narrator.choices.speech_for(COMMAND_LINE).source_language)

    def _choice(self, request: protocol.Say) -> VoiceChoice:
        choice = self._narrator.choice_for(COMMAND_LINE)
        if request.language:
            check_language(request.language)
            choice = VoiceChoice(Language(request.language), request.voice or "auto", choice.rate)
        if request.rate and not MIN_RATE <= request.rate <= MAX_RATE:
            raise BadInput(
                f"the rate {request.rate} is out of range", f"Use {MIN_RATE} to {MAX_RATE}; 1 is normal."
            )
        return replace(choice, voice=request.voice or choice.voice, rate=request.rate or choice.rate)

    async def _translate(self, request: protocol.Translate) -> dict[str, Any]:
        folder = Path(request.project) if request.project else None
        wanted = Wanted(
            request.text,
            request.to,
            request.source,
            COMMAND_LINE,
            folder,
            request.engine,
            is_checked=not request.unchecked,
        )
        lines = await self._narrator.translate(wanted)
        return {"text": lines.text, "note": lines.note, "rejected": lines.rejected}

    async def _wait(self, request: protocol.Wait) -> dict[str, Any]:
        return {"idle": await self._narrator.wait_idle(request.timeout_s, request.session)}

    async def _stop(self, request: protocol.Stop) -> dict[str, Any]:
        self._narrator.stop(request.session)
        return {}

    async def _control(self, request: protocol.Control) -> dict[str, Any]:
        folder = Path(request.project) if request.project else None
        words = request.action, request.value, request.session
        done = self._narrator.controls.perform(*words, folder)
        return {"heard": done.heard, "said": done.said}

    async def _status(self, _: protocol.Status) -> dict[str, Any]:
        return status(self._narrator, self._timelines, self._started_s)

    async def _engines(self, _: protocol.Engines) -> dict[str, Any]:
        return {"engines": engines(self._narrator)}

    async def _why(self, request: protocol.Why) -> dict[str, Any]:
        return why(self._narrator, request.language)

    async def _voices(self, _: protocol.Voices) -> dict[str, Any]:
        return {"voices": voices(self._narrator)}

    async def _set_voice(self, request: protocol.SetVoice) -> dict[str, Any]:
        folder = Path(request.project) if request.project else None
        changed = self._narrator.set_voice(
            request.scope,
            request.session,
            folder,
            request.language,
            request.voice,
            request.rate,
            request.amount,
            by="the command line",
        )
        return {"changed": changed}

    async def _set_for_session(self, request: protocol.SetForSession) -> dict[str, Any]:
        return {"changed": set_for_session(self._narrator, request)}

    async def _sessions(self, _: protocol.Sessions) -> dict[str, Any]:
        return {"sessions": sessions(self._narrator)}

    async def _listen(self, request: protocol.Listen) -> dict[str, Any]:
        return listen(self._narrator, request.session)

    async def _reload(self, _: protocol.Reload) -> dict[str, Any]:
        self._narrator.choices.reload()
        self._narrator.controls.apply_settings()
        self._refresh()
        return {}
