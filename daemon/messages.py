"""One message of a reply: its deltas put in order, its sentences given once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from claude_narrator.daemon.echo import Echo, EchoFilter
from claude_narrator.daemon.notices import notices_for
from claude_narrator.daemon.overlap import repeats, rest_behind, rest_of, squeeze
from claude_narrator.daemon.text.growing import GrowingText
from claude_narrator.daemon.text.language import detect_language
from claude_narrator.daemon.text.outline import Spoken, texts_of
from claude_narrator.daemon.text_style import StyleSource, default_style
from claude_narrator.models.types import NO_PASSAGE, Language, Name, Passage, Priority, Role, Seconds

MAX_HELD = 64
"""Deltas a message may hold back; a message flushes ten a second at most, and a gap waits about one."""
MAX_MESSAGE_CHARS = 2_000_000

PIECE_CHARS = 500
"""A longer delta is read in pieces of about this size: its first sentence does not wait for its last."""

_ENDS_A_SENTENCE = (".", "!", "?", ":", "…", "。", "！", "？", "：")
_CLOSES_MARKUP = "*_`~)]}\"'”’»」』）"


@dataclass(frozen=True, slots=True)
class Heard:
    """Sentences to be said next; `arrived_s` is when the text of the first one reached the daemon.

    `roles`, `names`, `passage` and `closes` are as in `Utterance`.
    """

    sentences: tuple[str, ...]
    language: Language
    arrived_s: Seconds
    priority: Priority = Priority.TEXT
    roles: tuple[Role, ...] = ()
    passage: Passage = NO_PASSAGE
    closes: tuple[Passage, ...] | None = None
    names: tuple[tuple[Name, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of a message; `final` closes it."""

    text: str
    final: bool
    arrived_s: Seconds


class Message:
    """A message that is being displayed.

    Deltas may come in any order; what follows a gap is held back until the gap is filled or given up.
    `seen_s` is when the first of them came. `done` says that nothing more will be heard of it. `passage` is
    that of the message before as soon as this one is known to repeat it.
    """

    def __init__(
        self, message_id: str, seen_s: Seconds, language: Language, style: StyleSource = default_style
    ) -> None:
        """Start empty; `language` is what Claude writes unless the script says otherwise."""
        self.id = message_id
        self.seen_s = seen_s
        self.passage = self._repeated = NO_PASSAGE
        self.done = False
        self.echo = Echo()
        self._language, self._style = language, style
        self._growing: GrowingText | None = None
        self._before_gap = ""
        self._torn = False
        self._held: dict[int, Delta] = {}
        self._next = 0
        self._said: list[str] = []
        self._filter = EchoFilter(Echo())
        self._chars = 0
        self._open_since_s: Seconds | None = None
        self._last_s = seen_s

    @property
    def waits_for_gap_since(self) -> Seconds | None:
        """When the first delta behind a gap came; None when there is no gap."""
        if self.ready:
            return None
        return min((delta.arrived_s for delta in self._held.values()), default=None)

    @property
    def ready(self) -> bool:
        """True when the next delta is here, or the rest of one."""
        return not self.done and self._next in self._held

    @property
    def overfull(self) -> bool:
        """True when more is held back than a real message ever would."""
        return len(self._held) > MAX_HELD or sum(len(d.text) for d in self._held.values()) > MAX_MESSAGE_CHARS

    @property
    def complete(self) -> bool:
        """True when every delta up to the final one is here."""
        run = self._run()
        return self.done or (bool(run) and run[-1].final)

    @property
    def text(self) -> str:
        """The Markdown so far, as far as no delta is missing."""
        return self._before_gap + self._segment + self._run_text

    def put(self, index: int, delta: Delta) -> None:
        """Keep a delta until `drain`; one that came before is ignored."""
        if not self.done and index >= self._next:
            self._held.setdefault(index, delta)

    def expect_echo_of(self, previous: Message) -> None:
        """Do not say again what `previous` said, should this message repeat it."""
        self._filter, self._repeated = EchoFilter(previous.echo), previous.passage

    def drain(self, at_most_chars: int = MAX_MESSAGE_CHARS) -> list[Heard]:
        """Return what the deltas close that are next in order; `ready` tells whether there are more."""
        heard: list[Heard] = []
        began = self._chars
        while self.ready and self._chars - began < at_most_chars:
            heard += self._read_piece()
        return heard

    def skip_gap(self, now: Seconds) -> list[Heard]:
        """Give up what is missing before the next delta that is here: say so in its place, and go on."""
        heard = self._end_segment()
        self._before_gap += self._segment
        self._growing, self._torn, self._next = None, True, min(self._held)
        return heard + self._part_missing(now) + self.drain()

    def flush(self, now: Seconds) -> list[Heard]:
        """Return all that is here, with a notice for every gap, and be done."""
        heard = self.drain()
        while self._held and not self.done:
            heard += self.skip_gap(now)
        return heard if self.done else heard + self.finish()

    def finish(self) -> list[Heard]:
        """Close the last sentence, and be done."""
        heard = self._end_segment() + self._end_echo()
        self.done = True
        self._held.clear()
        if not self._segment.rstrip().rstrip(_CLOSES_MARKUP).endswith(_ENDS_A_SENTENCE):
            self.echo = Echo(tuple(self._said[:-1]), self.text, cut=True)
        return heard

    def finish_unfinished(self, now: Seconds, following: Message) -> list[Heard]:
        """Be done without a final delta, because `following` has begun.

        Either the stream broke and `following` repeats it: then the open sentence will come again. Or the
        final delta was lost: then the open sentence is said, and that something is missing.
        """
        heard = self.drain()
        while self._held and not self.done:
            heard += self.skip_gap(now)
        if self.done:
            return heard
        if not repeats(following.text, self.text):
            return heard + self.finish() + self._part_missing(now)
        self.abandon()
        return heard

    def abandon(self) -> None:
        """Be done, and say nothing of what is still open."""
        self.done = True
        self._held.clear()
        if self._filter.is_open:
            self.passage = self._repeated
        self.echo = Echo((*self._said, *self._filter.left))

    def complete_with(self, rest: str, arrived_s: Seconds) -> list[Heard]:
        """Append what `missing_of` found, close the last sentence, and be done; deltas held back are dropped.

        A message without an id was never displayed: should its deltas come after all, they repeat it.
        """
        heard = self._take(Delta(rest, True, arrived_s)) if rest else []
        heard += self.finish()
        if not self.id:
            self.echo = Echo(tuple(self._said), self.text)
        return heard

    def missing_of(self, whole: str) -> str | None:
        """Return the end of `whole` that is not here yet; None when `whole` is not this message's text."""
        segment = self._segment + self._run_text
        if self._torn and segment.strip():
            return rest_behind(whole, segment)
        return rest_of(whole, self._before_gap + segment)

    def shows_part_of(self, whole: str) -> bool:
        """Return whether what is here, before a gap or behind one, occurs in `whole`."""
        squeezed = squeeze(whole)
        pieces = [self.text, *(delta.text for delta in self._held.values())]
        return any(piece.strip() and squeeze(piece) in squeezed for piece in pieces)

    @property
    def _segment(self) -> str:
        return self._growing.source if self._growing else ""

    @property
    def _run_text(self) -> str:
        return "".join(delta.text for delta in self._run())

    def _run(self) -> list[Delta]:
        run: list[Delta] = []
        while delta := self._held.get(self._next + len(run)):
            run.append(delta)
            if delta.final:
                break
        return run

    def _read_piece(self) -> list[Heard]:
        """Read the next delta, of a long one the next lines."""
        delta = self._held.pop(self._next)
        cut = delta.text.find("\n", PIECE_CHARS) + 1
        if 0 < cut < len(delta.text):
            self._held[self._next] = replace(delta, text=delta.text[cut:])
            return self._take(Delta(delta.text[:cut], False, delta.arrived_s))
        self._next += 1
        heard = self._take(delta)
        return heard + self.finish() if delta.final else heard

    def _take(self, delta: Delta) -> list[Heard]:
        if self._growing is None and not delta.text.strip():
            return []
        if self._growing is None:
            self._language = detect_language(delta.text, self._language)
            self._growing = GrowingText(self._language, self._style())
        self._chars += len(delta.text)
        if self._chars > MAX_MESSAGE_CHARS:
            return self.finish() + self._part_missing(delta.arrived_s)
        if delta.text.strip():
            self._last_s = delta.arrived_s
            self._open_since_s = delta.arrived_s if self._open_since_s is None else self._open_since_s
        said = self._growing.append(delta.text)
        return self._hear(said if delta.final else said + self._growing.ahead())

    def _end_segment(self) -> list[Heard]:
        return self._hear(self._growing.finish()) if self._growing else []

    def _hear(self, sentences: tuple[Spoken, ...]) -> list[Heard]:
        since = self._last_s if self._open_since_s is None else self._open_since_s
        if sentences:
            self._open_since_s = None
        self._said += texts_of(sentences)
        fresh = self._filter.withhold(sentences)
        return [self._heard((*self._released(), *fresh), since)] if fresh else []

    def _heard(self, spoken: tuple[Spoken, ...], since: Seconds) -> Heard:
        texts, roles = texts_of(spoken), tuple(each.role for each in spoken)
        names = tuple(each.names for each in spoken)
        language = detect_language(" ".join(texts), self._language)
        return Heard(texts, language, since, roles=roles, passage=self.passage, names=names)

    def _end_echo(self) -> list[Heard]:
        released = self._released()
        return [self._heard(released, self.seen_s)] if released else []

    def _released(self) -> tuple[Spoken, ...]:
        """Return what was withheld should this message differ from the one before after all."""
        withheld = self._filter.end()
        if withheld and self._filter.echo.is_in(self.text):
            self.passage = self._repeated
            return ()
        return withheld

    def _part_missing(self, now: Seconds) -> list[Heard]:
        notices = notices_for(self._language)
        said, roles = (notices.part_missing,), (Role.WARNING,)
        return [Heard(said, notices.language, now, roles=roles, passage=self.passage)]
