"""What a client may ask of the daemon, and its answer; standard library only. `wire.py` makes bytes of them.

The request `Hook` gets no answer. After `Mcp` the connection carries one JSON-RPC message a frame, both ways.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Hook:
    """An event of Claude Code as its hook received it.

    `parent` is the id of the process that started the hook, 0 when it is not known; `attended` tells that a
    human sits at its terminal.
    """

    op: ClassVar[str] = "hook"
    event: dict[str, Any]
    parent: int = 0
    attended: bool = False


@dataclass(frozen=True, slots=True)
class Mcp:
    """The rest of the connection is MCP for the Claude Code session `session` in the folder `project`."""

    op: ClassVar[str] = "mcp"
    session: str = ""
    project: str = ""


@dataclass(frozen=True, slots=True)
class Say:
    """Speak `text`, Markdown; empty `language` or `voice` and rate 0 mean the settings'.

    `out` names a WAV to write instead. `source` is the language of the text; empty leaves it to its script
    and the settings.
    """

    op: ClassVar[str] = "say"
    text: str
    language: str = ""
    voice: str = ""
    rate: float = 0.0
    out: str = ""
    wait: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class Translate:
    """Translate `text` into `to`; empty `source` means the settings' source language.

    The glossary of the folder `project` holds, when it is given. An `engine` translates alone; `unchecked`
    takes what it says as it comes. The answer has `text`, a `note` on lines that stand as they were, and how
    many translations were `rejected`.
    """

    op: ClassVar[str] = "translate"
    text: str
    to: str
    source: str = ""
    project: str = ""
    engine: str = ""
    unchecked: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Answer when nothing is left to say, or after `timeout_s` (0: never), with `{"idle": bool}`.

    A `session` that is given is waited for alone.
    """

    op: ClassVar[str] = "wait"
    timeout_s: float = 0.0
    session: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """Silence now; what waits is dropped, of `session` alone when it is given."""

    op: ClassVar[str] = "stop"
    session: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """Do one of the actions of `control_actions.py`; the answer is `{"heard": bool, "said": LINE}`.

    What is `heard` needs no line where the listener sits.

    `value` is what stands behind it; `session` and `project` (a folder) are where it comes from, if known.
    """

    op: ClassVar[str] = "control"
    action: str
    value: str = ""
    session: str = ""
    project: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """What is loaded, what speaks, what waits, how long the last sentences took."""

    op: ClassVar[str] = "status"


@dataclass(frozen=True, slots=True)
class Engines:
    """Every engine with its status and the reason for it."""

    op: ClassVar[str] = "engines"


@dataclass(frozen=True, slots=True)
class Why:
    """Which engines speak `language`, empty for the one in force, and translate into it, and why those."""

    op: ClassVar[str] = "why"
    language: str = ""


@dataclass(frozen=True, slots=True)
class Voices:
    """Every voice with its status and the reason for it."""

    op: ClassVar[str] = "voices"


@dataclass(frozen=True, slots=True)
class SetVoice:
    """Change voice, language, rate or amount; `scope` is session, project or everywhere.

    Empty and 0 leave a value as it is.
    """

    op: ClassVar[str] = "set_voice"
    scope: str
    session: str = ""
    project: str = ""
    voice: str = ""
    language: str = ""
    rate: float = 0.0
    amount: str = ""


@dataclass(frozen=True, slots=True)
class SetForSession:
    """Set `key`, a setting of speech, for one session; `session` is its id or project, or a beginning of one.

    `value` is as the command line has it. `by` is who does so, as `voice settings --explain` shall tell it.
    """

    op: ClassVar[str] = "set_for_session"
    session: str
    key: str
    value: str
    by: str = "the command line"


@dataclass(frozen=True, slots=True)
class Sessions:
    """Which sessions there are, who has the floor, what is held of the others."""

    op: ClassVar[str] = "sessions"


@dataclass(frozen=True, slots=True)
class Listen:
    """Give the floor to a session and say what it held; `session` is a beginning of its id or project."""

    op: ClassVar[str] = "listen"
    session: str


@dataclass(frozen=True, slots=True)
class Reload:
    """Read the settings file again, and look again which engines and models there are."""

    op: ClassVar[str] = "reload"


@dataclass(frozen=True, slots=True)
class Shutdown:
    """Stop the daemon in order."""

    op: ClassVar[str] = "shutdown"


Request = (
    Hook | Mcp | Say | Translate | Wait | Stop | Control | Status | Engines | Why | Voices | SetVoice
    | SetForSession | Sessions | Listen | Reload | Shutdown
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a request: `result` when it went well, `error` (code, problem, hint) when not."""

    result: dict[str, Any] = field(default_factory=dict)
    error: dict[str, str] | None = None
