"""What a message says again of the one before, when Claude Code sends it a second time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from claude_narrator.daemon.overlap import squeeze
from claude_narrator.daemon.text.outline import Spoken


@dataclass(frozen=True, slots=True)
class Echo:
    """Sentences with which the next message begins if it says the same again.

    It does so if its text begins with `text`, and goes on behind it where `text` was `cut`. A blank `text`
    says that it is known to.
    """

    sentences: tuple[str, ...] = ()
    text: str = ""
    cut: bool = False

    def is_in(self, text: str) -> bool:
        """Return whether the next message, `text` so far, says the same again."""
        new, old = squeeze(text), squeeze(self.text)
        return new.startswith(old) and not (self.cut and new == old)


class EchoFilter:
    """Withholds the sentences of a message that may be `echo`, until its first other one.

    `left` are those that would be withheld next.
    """

    def __init__(self, echo: Echo) -> None:
        """Expect `echo`."""
        self.echo = echo
        self.left = echo.sentences
        self._withheld: list[Spoken] = []

    @property
    def is_open(self) -> bool:
        """Whether it is not known yet if the message is an echo."""
        return bool(self._withheld or self.left)

    def withhold(self, sentences: Sequence[Spoken]) -> tuple[Spoken, ...]:
        """Keep what may be the echo, and return the others, which are all behind it."""
        count = 0
        while count < len(sentences) and self.left and sentences[count].text == self.left[0]:
            self.left = self.left[1:]
            count += 1
        self._withheld += sentences[:count]
        return tuple(sentences[count:])

    def end(self) -> tuple[Spoken, ...]:
        """Return what was withheld, and withhold nothing more."""
        withheld = tuple(self._withheld)
        self._withheld.clear()
        self.left = ()
        return withheld
