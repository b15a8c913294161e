"""Which voice a subagent speaks in: always the same for one agent, and another than the session's. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from claude_narrator.models.languages import match_language
from claude_narrator.models.types import Language, Voice


def voice_of_agent(agent_id: str, main: str, voices: Iterable[Voice], language: Language) -> str:
    """Return the id of the voice for `agent_id` among `voices` of `language`; `main` if there is no other.

    Voices of the engine that speaks as `main` come first: it is loaded.
    """
    others = sorted({v.id for v in voices if v.id != main and match_language(language, [v.language])})
    engine = main.partition("/")[0] + "/"
    near = [voice for voice in others if voice.startswith(engine)] or others
    if not near:
        return main
    digest = hashlib.sha256(agent_id.encode("utf-8", "surrogatepass")).digest()
    return near[int.from_bytes(digest[:4], "big") % len(near)]
