"""Who speaks now: a session's project is named when another session than the last one is heard."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from claude_narrator.daemon.notices import notices_for
from claude_narrator.daemon.text.names import say_dotted
from claude_narrator.daemon.text.phrases import phrases_for
from claude_narrator.daemon.text.redact import redact
from claude_narrator.models.languages import same_language
from claude_narrator.models.types import Language

MAX_NAME_CHARS = 60


class OpenSessions(Protocol):
    """What there is of sessions."""

    def open_sessions(self) -> list[str]:
        """Return the sessions that have not closed."""

    @property
    def owner(self) -> str:
        """The session that has the floor; empty when none has."""


class Introductions:
    """What is said before a session whose words follow those of another."""

    def __init__(self, sessions: OpenSessions, folder_of: Callable[[str], Path | None]) -> None:
        self._sessions, self._folder_of = sessions, folder_of
        self._last_heard = ""

    def is_session(self, name: str) -> bool:
        """Return whether `name` is a session's, and not that of another source."""
        return name in self._sessions.open_sessions() or self._folder_of(name) is not None

    def heard(self, session: str) -> None:
        """Note whose words sounded last."""
        if self.is_session(session):
            self._last_heard = session

    def before(self, session: str, on_their_way: list[str], language: Language) -> str:
        """Return what to say before words of `session`, in the `language` heard; empty when nothing.

        `on_their_way` are the sessions whose words will still be heard before these.
        """
        if not self.is_session(session) or set(self._sessions.open_sessions()) <= {session}:
            return ""
        ahead = [each for each in on_their_way if self.is_session(each)]
        last = ahead[-1] if ahead else self._last_heard or self._sessions.owner
        goes_on = last in ("", session) or self._is_successor(session, last)
        return "" if goes_on else introduction(self._folder_of(session), language)

    def _is_successor(self, session: str, last: str) -> bool:
        """Return whether `session` has taken the place of `last`, as it does after /clear."""
        gone = last not in self._sessions.open_sessions()
        return gone and self._folder_of(last) == self._folder_of(session)


def introduction(folder: Path | None, language: Language) -> str:
    """Return what names the project in `folder`; the bare name where `language` has no words for it."""
    notices = notices_for(language)
    known = same_language(notices.language, language)
    if name := speakable_name(folder, language):
        return notices.in_project.format(name=name) if known else f"{name}."
    return notices.in_another_session if known else ""


def speakable_name(folder: Path | None, language: Language) -> str:
    """Return the last part of a folder as a person would say it: `my_project-2` as `my project 2`."""
    if folder is None:
        return ""
    name = unicodedata.normalize("NFC", redact(folder.name, language)[:MAX_NAME_CHARS])
    words = "".join("_" if each in "- " else each for each in name if _is_said(each))
    return say_dotted(words.strip("_."), phrases_for(language))


def _is_said(letter: str) -> bool:
    """Return whether it is a letter, a mark on one, a digit, or stands between words."""
    return letter in "-_. +#" or unicodedata.category(letter)[0] in "LMN"
