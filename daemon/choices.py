"""Which language, voice and rate a session is heard in: session before project before the user's settings."""

from __future__ import annotations

import dataclasses
import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from claude_narrator.daemon import dictionary_file
from claude_narrator.daemon import settings as settings_file
from claude_narrator.daemon.dictionary import Dictionary
from claude_narrator.daemon.glossary import words_for
from claude_narrator.daemon.pronunciation import Pronunciation
from claude_narrator.daemon.settings import PROJECT_FILE, PROJECT_SECTIONS, Settings, Speech
from claude_narrator.daemon.text_style import TextStyle
from claude_narrator.models.errors import BadInput, NarratorError
from claude_narrator.models.types import Language, VoiceChoice

SCOPES = ("session", "project", "everywhere")
_REMEMBERED_SESSIONS = 256

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """A field of Speech that was set for one session: by the command line, a slash command, MCP."""

    value: Any
    by: str


@dataclass(frozen=True, slots=True)
class _Session:
    folder: Path | None = None
    changes: dict[str, Change] = dataclasses.field(default_factory=dict)


class Choices:
    """The speech settings in force for every session."""

    def __init__(self, path: Path, dictionary: Path | None = None) -> None:
        """Read the user's settings at `path`, and the user's `dictionary`.

        A dictionary with a mistake is left out and becomes `problem`.

        :raises BadInput: the settings hold a mistake.
        """
        self._path, self._dictionary_path = path, dictionary
        self._sessions: OrderedDict[str, _Session] = OrderedDict()
        self.problem = ""
        self.settings: Settings = settings_file.load(path)
        try:
            self._use(self.settings, self._dictionary())
        except BadInput as error:
            self._use(self.settings, {})
            self._note(str(error))

    def reload(self) -> None:
        """Read the user's settings and dictionary again; a file with mistakes leaves what is in force.

        :raises BadInput: a file holds a mistake.
        """
        self._use(settings_file.load(self._path), self._dictionary())

    def open_session(self, session: str, folder: Path | None) -> None:
        """Remember where a session works, so that its project's settings count."""
        known = self._sessions.pop(session, _Session())
        self._sessions[session] = dataclasses.replace(known, folder=folder or known.folder)
        while len(self._sessions) > _REMEMBERED_SESSIONS:
            self._sessions.popitem(last=False)

    def folder_of(self, session: str) -> Path | None:
        """Return the folder a session works in, if it is known."""
        return self._sessions.get(session, _Session()).folder

    def speech_for(self, session: str) -> Speech:
        """Return what is in force for `session`.

        A project file with mistakes is skipped and becomes `problem`.
        """
        known = self._sessions.get(session, _Session())
        changes = {name: change.value for name, change in known.changes.items()}
        return dataclasses.replace(self._of_project(known.folder).speech, **changes)

    def changes_of(self, session: str) -> dict[str, dict[str, Any]]:
        """Return what was set for `session` alone: `value` and `by`, by the name of the field of Speech."""
        changes = self._sessions.get(session, _Session()).changes
        return {name: dataclasses.asdict(change) for name, change in changes.items()}

    def text_for(self, session: str) -> TextStyle:
        """Return how the text of `session` is read."""
        return self._of_project(self.folder_of(session)).text

    def voice_choice_for(self, session: str) -> VoiceChoice:
        """Return language, voice and rate in force for `session`."""
        speech = self.speech_for(session)
        return VoiceChoice(Language(speech.language), speech.voice, speech.rate)

    def glossary_for(self, session: str, target: Language, folder: Path | None = None) -> Mapping[str, str]:
        """Return the words with a translation of their own into `target`, those of the project first.

        The project is that of `folder`, else of the session.
        """
        return words_for(self._of_project(folder or self.folder_of(session)).glossary, target)

    def pronunciation_for(self, session: str) -> Pronunciation:
        """Return what the voices that `session` is heard by are given; the project's words come first."""
        words = self._of_project(self.folder_of(session)).dictionary
        return self._pronunciation if words == self.settings.dictionary else Pronunciation(words)

    def change(self, scope: str, session: str, folder: Path | None, changes: dict[str, Any], by: str) -> None:
        """Set `changes` (names of Speech fields) for the session, its project, or everywhere.

        `by` is who did it, as `voice settings --explain` tells it of a session.

        :raises BadInput: unknown scope, no project known, or a value the settings refuse; nothing is changed.
        """
        if scope == "session":
            known = self._sessions.get(session, _Session(folder))
            checked = {name: settings_file.checked(f"speech.{name}", to) for name, to in changes.items()}
            own = {name: Change(value, by) for name, value in checked.items()}
            self._sessions[session] = dataclasses.replace(known, changes={**known.changes, **own})
        elif scope == "project":
            self._write(self._project_file(session, folder), changes, only=PROJECT_SECTIONS)
        elif scope == "everywhere":
            self._write(self._path, changes, only=())
            self.reload()
        else:
            raise BadInput(f"unknown scope {scope!r}", f"Use one of {', '.join(SCOPES)}.")

    def write(self, key: str, value: Any) -> None:
        """Set `section.name` in the user's settings.

        :raises BadInput: unknown key, a value the settings refuse, or a file with a mistake.
        """
        settings_file.set_value(self._path, key, value)
        self.reload()

    def _dictionary(self) -> Dictionary:
        return dictionary_file.load(self._dictionary_path) if self._dictionary_path else {}

    def _use(self, settings: Settings, words: Dictionary) -> None:
        self.settings = dataclasses.replace(settings, dictionary=words)
        self._pronunciation = Pronunciation(words)

    def _project_file(self, session: str, folder: Path | None) -> Path:
        folder = folder or self.folder_of(session)
        if folder is None or not folder.is_dir():
            raise BadInput("the project's folder is not known", "Use the scope session or everywhere.")
        return folder / PROJECT_FILE

    def _write(self, path: Path, changes: dict[str, Any], only: tuple[str, ...]) -> None:
        for name, value in changes.items():
            settings_file.set_value(path, f"speech.{name}", value, only)

    def _of_project(self, folder: Path | None) -> Settings:
        if folder is None:
            return self.settings
        try:
            settings = settings_file.load_project(folder, self.settings)
        except (NarratorError, OSError, UnicodeDecodeError) as error:
            self._note(str(error))
            return self.settings
        self.problem = ""
        return settings

    def _note(self, problem: str) -> None:
        if problem != self.problem:
            _log.warning("%s", problem)
        self.problem = problem
