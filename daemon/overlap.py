"""How two copies of one text relate, when white space cannot be trusted.

Claude Code trims the text of a message in Stop, and glues the text blocks of a message in MessageDisplay.
"""

from __future__ import annotations


def squeeze(text: str) -> str:
    """Return `text` without white space."""
    return "".join(text.split())


def repeats(later: str, earlier: str) -> bool:
    """Return whether one of two texts that are still growing begins with the other."""
    new, old = squeeze(later), squeeze(earlier)
    return bool(new and old) and (new.startswith(old) or old.startswith(new))


def rest_of(whole: str, heard: str) -> str | None:
    """Return `whole` behind `heard`, white space not compared; None when `whole` does not begin with it."""
    squeezed = squeeze(heard)
    return _behind(whole, len(squeezed), heard) if squeeze(whole).startswith(squeezed) else None


def rest_behind(whole: str, heard: str) -> str | None:
    """Return `whole` behind the last place where `heard` stands in it; None when there is none."""
    squeezed = squeeze(heard)
    at = squeeze(whole).rfind(squeezed)
    return None if at < 0 else _behind(whole, at + len(squeezed), heard)


def _behind(whole: str, visible: int, heard: str) -> str:
    """Return `whole` behind its first `visible` characters, without the white space that ends `heard`."""
    ends = [at + 1 for at, char in enumerate(whole) if not char.isspace()]
    rest = whole[ends[visible - 1] :] if visible else whole
    for char in heard[len(heard.rstrip()) :]:
        rest = rest.removeprefix(char)
    return rest if rest.strip() else ""
