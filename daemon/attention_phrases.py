"""The words with which the narrator asks for attention, from the section `attention` of the language files.

Each phrase is a `str.format` template and a whole sentence. A language without that section gets the English
ones, which the translator then takes along.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from claude_narrator.models.language_file import ENGLISH, language_file
from claude_narrator.models.types import Language

_SECTION = "attention"


@dataclass(frozen=True, slots=True)
class AttentionPhrases:
    """`who` is `claude` or `subagent`; `what` a command, the end of a path, a host, or the name of a tool.

    `run_more` is for a row of commands, of which the first is said; `run_any` for one that cannot be said.
    """

    language: Language
    claude: str
    subagent: str
    run: str
    run_more: str
    run_any: str
    edit: str
    write: str
    read: str
    fetch: str
    search: str
    agent: str
    server_tool: str
    tool: str
    question: str
    questions: str
    several: str
    plan: str
    plan_of_steps: str
    permission: str
    idle: str
    agent_ended: str


@lru_cache(maxsize=64)
def attention_phrases_for(language: Language) -> AttentionPhrases:
    """Return the phrases in `language`, in English when there are none."""
    given = language_file(language).get(_SECTION)
    return AttentionPhrases(language, **given) if given else attention_phrases_for(ENGLISH)
