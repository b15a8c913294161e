"""What a user can set: the sections with their defaults, and the comment for every key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from claude_narrator.daemon import dictionary, engine_order, engine_settings, glossary
from claude_narrator.daemon.dictionary import Dictionary
from claude_narrator.daemon.engine_settings import EngineOptions
from claude_narrator.daemon.glossary import Glossary
from claude_narrator.daemon.open_section import OpenSection
from claude_narrator.daemon.text_style import TextStyle
from claude_narrator.models.policy import Order


@dataclass(frozen=True, slots=True)
class Speech:
    """How replies are heard. A project may override these."""

    language: str = "en"
    source_language: str = "en"
    voice: str = "auto"
    rate: float = 1.0
    translator: str = "auto"
    notices: str = "spoken"
    subagents: str = "off"
    plan_sentences: int = 2
    amount: str = "all"
    catch_up: bool = True


@dataclass(frozen=True, slots=True)
class Audio:
    """Where the sound goes.

    `sink` is `device` or `file:PATH`; `device` a name or part of one, empty for the default.
    `volume` is in dB. `microphone` says what happens while one is in use: pause or ignore.
    `music` says what happens to that of others while the voice speaks: leave, duck or pause.
    """

    sink: str = "device"
    device: str = ""
    volume: float = 0.0
    microphone: str = "pause"
    music: str = "leave"


@dataclass(frozen=True, slots=True)
class Models:
    """Weights and engines.

    `sources` are tried before the catalog's own; `threads` 0 means one less than there are cores.
    `memory_limit` is an amount, or auto for half of the machine's; `keep_alive` a span. `preload` true loads
    what the settings will need, a list of engines those.
    """

    sources: tuple[str, ...] = ()
    threads: int = 0
    memory_limit: str = "auto"
    keep_alive: str = "forever"
    preload: bool | tuple[str, ...] = True


@dataclass(frozen=True, slots=True)
class Sessions:
    """Several sessions at once: `others` is what those do that have not the floor, `expire` a span."""

    others: str = "chime"
    expire: str = "10m"


@dataclass(frozen=True, slots=True)
class Log:
    """`level` is debug, info, warning or error; `spoken_text` true lets the log hold what was said."""

    level: str = "info"
    spoken_text: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a user can set; `engines` is what differs from what the engines declare as defaults.

    `voices` and `translators` say whom the user prefers, by language. `dictionary` is a file of its own,
    and a section of a project's.
    """

    speech: Speech = field(default_factory=Speech)
    text: TextStyle = field(default_factory=TextStyle)
    audio: Audio = field(default_factory=Audio)
    models: Models = field(default_factory=Models)
    sessions: Sessions = field(default_factory=Sessions)
    log: Log = field(default_factory=Log)
    voices: Order = field(default_factory=dict)
    translators: Order = field(default_factory=dict)
    glossary: Glossary = field(default_factory=dict)
    dictionary: Dictionary = field(default_factory=dict)
    engines: EngineOptions = field(default_factory=dict)


OPEN_SECTIONS: Mapping[str, OpenSection] = {
    "voices": engine_order.VOICES,
    "translators": engine_order.TRANSLATORS,
    glossary.SECTION: glossary.OPEN,
    dictionary.SECTION: dictionary.OPEN,
    engine_settings.SECTION: engine_settings.OPEN,
}
PROJECT_SECTIONS = ("speech", "text", glossary.SECTION, dictionary.SECTION)
"""What a project may set; its file may be a stranger's."""

COMMENTS = {
    "speech.language": "What you want to hear, as a language tag: en, ja, pt-BR.",
    "speech.source_language": "What Claude writes.",
    "speech.voice": "auto, or a line of `voice voices`, such as kokoro/jf_alpha.",
    "speech.rate": "0.5 to 3; 1 is the voice's own pace.",
    "speech.translator": "auto, or a translator of `voice engines`.",
    "speech.notices": "How you are told that a voice or a translator failed: spoken, chime or off.",
    "speech.subagents": "What you hear when a subagent ends: off, chime, or voice for its closing message.",
    "speech.plan_sentences": "How many sentences of a plan are said when it waits for approval; 0 for none.",
    "speech.amount": "How much of a reply is said: all, final (its last message), brief (first sentences, "
    "questions, warnings), alerts or off.",
    "speech.catch_up": "Speak faster, and skip what is old, when more waits than you can catch up with.",
    "text.inline_code": "full, or short: of `queue.put_nowait()` only put nowait.",
    "text.code_blocks": "announced by language and length, or skipped.",
    "text.tables": "auto reads small ones row by row, rows all of them, announced none.",
    "text.links": "host, or short: only that there is a link.",
    "text.paths": "name for the last part, or full.",
    "audio.sink": "device, or file:PATH for a WAV of what would have been played.",
    "audio.device": "Name of the output device, or a part of it; empty for the default.",
    "audio.volume": "In dB: 0 is the voices' own level, -36 to 12; voice louder, voice quieter.",
    "audio.microphone": "pause to hold the speech while a program records a microphone (Linux), or ignore.",
    "audio.music": "What happens to music while the voice speaks: leave, duck or pause (Linux: playerctl).",
    "models.sources": "Folders or hub addresses that are tried before the catalog's own.",
    "models.threads": "Threads an engine may use; 0 for one less than there are cores.",
    "models.memory_limit": "What engines may take together, such as 8 GB; auto for half of the memory.",
    "models.keep_alive": "How long an engine stays in memory unused: 10m, 1h30m, 0, forever. "
    "For one alone: [engines.NAME] keep_alive.",
    "models.preload": "Load engines when the daemon starts: true for those that will be needed, false, "
    "or a list of names.",
    "sessions.others": "What sessions do that you did not prompt last: chime once and wait, silent, "
    "or all: speak in turn.",
    "sessions.expire": "How long what waits of them is kept, and a session that says nothing keeps its turn: "
    "10m, 1h, forever.",
    "log.level": "debug, info, warning or error.",
    "log.spoken_text": "Let the log hold what was said.",
}
