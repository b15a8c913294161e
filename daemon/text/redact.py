"""Secrets are replaced by words before anything else sees them."""

from __future__ import annotations

import re

from claude_narrator.daemon.text import secret_rules as rules
from claude_narrator.daemon.text import token_shapes
from claude_narrator.daemon.text.phrases import phrases_for
from claude_narrator.models.language_file import ENGLISH
from claude_narrator.models.types import Language

_PEM_ON_ONE_LINE_CHARS = 16_000


def redact(text: str, language: Language = ENGLISH) -> str:
    """Return `text` with every secret replaced by the words of `language` for "a secret".

    A user name and password in a URL are dropped without a word, so that the URL stays one.
    """
    redactor = Redactor(language)
    lines = (redactor.line(line) for line in text.split("\n"))
    return "\n".join(line for line in lines if line is not None)


class Redactor:
    """Redacts line after line of a text that may still grow; remembers an open PEM block."""

    def __init__(self, language: Language = ENGLISH) -> None:
        """Start outside of any PEM block."""
        self._secret = phrases_for(language).redacted
        self._in_pem = False

    def line(self, line: str) -> str | None:
        """Return the redacted `line` (without its newline), None when it is the body of a PEM block."""
        if self._in_pem:
            end = rules.PEM_END.search(line)
            if end or not rules.PEM_BODY.fullmatch(line):
                self._in_pem = False
            if end:
                line = line[end.end() :]
                return self._plain(line) if line.strip() else None
            if self._in_pem:
                return None if line.strip() else ""
        return self._plain(self._without_pem(line))

    def _without_pem(self, line: str) -> str:
        kept, position = [], 0
        while begin := rules.PEM_BEGIN.search(line, position):
            kept += [line[position : begin.start()], self._secret]
            end = rules.PEM_END.search(line, begin.end(), begin.end() + _PEM_ON_ONE_LINE_CHARS)
            position = end.end() if end else _end_of(rules.PEM_INLINE_BODY, line, begin.end())
            self._in_pem = end is None and not line[position:].strip("\\nr\"'`+, ")
        return "".join([*kept, line[position:]])

    def _plain(self, line: str) -> str:
        line = rules.USERINFO.sub("", line)
        line = token_shapes.WEBHOOK.sub("", line)
        line = token_shapes.TOKENS.sub(self._secret, line)
        line = rules.CURL_USER.sub(self._curl_user, line)
        line = rules.SCHEME.sub(self._header, line)
        line = self._assignments(line)
        line = rules.OPTION.sub(self._credential, line)
        line = rules.said().sub(self._credential, line)
        return rules.RUN.sub(lambda found: self._secret if rules.looks_random(found[0]) else found[0], line)

    def _curl_user(self, found: re.Match[str]) -> str:
        known = found.string.startswith(self._secret, found.start("value"))
        return found[0] if known else found["option"] + self._secret

    def _header(self, found: re.Match[str]) -> str:
        known = rules.is_header_credential(found["scheme"], found["value"], found.string)
        return self._credential(found) if known else found[0]

    def _credential(self, found: re.Match[str]) -> str:
        start, value, end = rules.bare(found["value"])
        if not rules.is_credential(value):
            return found[0]
        before = found[0][: found.start("value") - found.start()]
        return f"{before}{start}{self._secret}{end}"

    def _assignments(self, line: str) -> str:
        """Replace assigned secrets; the value of a harmless assignment may hold the next one."""
        kept, position = [], 0
        while found := rules.ASSIGNMENT.search(line, position):
            start, value, end = rules.bare(found["value"])
            if rules.is_assigned_secret(
                found["name"].strip("_.-"), value, quoted=start[:1] in ("`", '"', "'")
            ):
                kept.append(f"{line[position : found.start('value')]}{start}{self._secret}{end}")
                position = _end_of(rules.WORD_REST, line, found.end()) if not start else found.end()
            else:
                kept.append(line[position : found.start("value")])
                position = found.start("value")
        return "".join([*kept, line[position:]])


def _end_of(pattern: re.Pattern[str], line: str, position: int) -> int:
    found = pattern.match(line, position)
    return found.end() if found else position
