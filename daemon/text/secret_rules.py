"""What a secret looks like. Every pattern is bounded, so that hostile text costs linear time.

Names and entropy catch what has no shape of its own (`token_shapes.py` has those that do).
Git hashes, digests, UUIDs, versions, paths and identifiers are not secrets.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from claude_narrator.models.language_file import of_every_language

USERINFO = re.compile(r"(?<=://)(?:[^\s/@:]{0,256}:[^\s/]{1,256}|[\w.~%+-]{20,256})@")
"""`user:password@`, or a long token and `@`, in a URL."""

SCHEME = re.compile(
    r"\b(?P<scheme>bearer|basic|digest|token)(?P<gap>\s{1,3})(?P<value>[\w.~+/-]{8,4096}={0,2})", re.I
)
"""The credentials of an Authorization header; `is_credential` decides about the value."""

CURL_USER = re.compile(r"(?P<option>(?<!\S)(?:-u|--user)[ =]['\"]?[\w.@-]{1,64}:)(?P<value>[^\s'\"`]{1,200})")
"""`curl -u name:password`."""

ASSIGNMENT = re.compile(
    r"(?<![A-Za-z0-9_])(?P<name>[A-Za-z][\w.-]{0,80})(?P<gap>[*_`\"']{0,3}\s{0,3}(?::=|=>|[=:：＝])[*_]{0,3}\s{0,3})"
    r"(?P<value>\"[^\"\n]{1,200}\"?|'[^'\n]{1,200}'?|`[^`\n]{1,200}`?|[^\s`]{1,200})",
    re.ASCII,
)
"""`NAME=value`, `name: value`, `"name": "value"`; `is_assigned_secret` decides."""

OPTION = re.compile(
    r"(?P<gap>--?(?:password|passwd|passphrase|token|secret|api-?key|access-?key|auth-?token|client-secret)\s{1,3})"
    r"(?P<value>[^\s`-][^\s`]{2,256})",
    re.I,
)
"""`--password value`; `is_credential` decides."""


@cache
def said() -> re.Pattern[str]:
    """A password in a sentence of whatever language; `is_credential` decides."""
    gaps = "|".join(of_every_language("secrets", "said")) or "(?!)"
    return re.compile(rf"(?P<gap>{gaps})(?P<value>[`\"'「]?[!-~]{{5,256}})", re.I)


WORD_REST = re.compile(r"[^\s`]*")
"""What is left of a value longer than the patterns look."""

RUN = re.compile(r"(?<![\w+/])[A-Za-z0-9+/_-]{24,}={0,2}", re.ASCII)
"""Long runs without a space; `looks_random` decides."""

PEM_BEGIN = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}(?:PRIVATE KEY|CERTIFICATE|PGP MESSAGE)[A-Z ]{0,20}-----", re.ASCII
)
PEM_END = re.compile(r"-----END [A-Z0-9 ]{0,70}-----", re.ASCII)
PEM_INLINE_BODY = re.compile(r"(?:\\[nr]|[A-Za-z0-9+/=]{16,}|\s(?=[A-Za-z0-9+/=]{16}))*")
"""Base64 on the line of the BEGIN mark."""
PEM_BODY = re.compile(
    r"[\s>|\"'+#/*-]{0,40}(?:[A-Za-z0-9+/=]{1,2000}|(?:Proc-Type|DEK-Info|Comment|Version):.{0,200})?[\s\"',+\\nr;*/]{0,20}"
)
"""A line inside a PEM block, quoted or indented."""

_STRONG = re.compile(
    r"(?:passw(?:or)?d|passphrase|passcode|passwd|pwd|secret|credentials?|private_?key|secret_?(?:access_?)?key(?:_base)?|"
    r"account_?key|shared_?access_?key)_?\d{0,3}$",
    re.I,
)
_WEAK = re.compile(
    r"(?:^|[_.-]|[a-z])(?:token|api_?key|apikey|access_?key|auth_?key|signing_?key|encryption_?key|auth|pat|sig|pass|"
    r"session_?id|cookie)$",
    re.I,
)
_CONSTANT = re.compile(
    r"(?:[A-Z0-9_]*_)?(?:API|ACCESS)?(?:TOKEN|KEY|AUTH|PAT|SECRET|PASS|PASSWORD|PWD)\Z", re.ASCII
)
_HARMLESS_KEY = re.compile(
    r"(?:^|_)(?:PRIMARY|FOREIGN|SORT|PARTITION|PUBLIC|CACHE|INDEX|UNIQUE|COMPOSITE|ROW|HASH|MAP|DICT)_KEY\Z",
    re.I,
)
_REFERENCE = re.compile(
    r"[$<{%*\[(&]|(?:your|my|the)[-_][a-z_-]+\Z|change[-_]?me\Z|placeholder\Z|\.{2,}|x{3,}\Z|(?:none|null|nil|true|false|undefined|required|optional|str|string|bytes|int|bool)\b|"
    r"[A-Za-z_]\w{0,80}(?:\.[A-Za-z_]\w{0,80})*[(\[]|[A-Za-z_]\w{0,80}(?:\.[A-Za-z_]\w{0,80})+\Z",
    re.ASCII | re.I,
)
"""A value that only points at the secret: a variable, a placeholder, a call, an attribute, a type."""
_PLACEHOLDERS = frozenset({"value", "values", "key", "token", "string", "name"})
_VERSION_OR_DATE = re.compile(r"v?\d{1,4}(?:[.:/-]\d{1,4}){1,4}(?:[-+.]?[a-z]{1,6}\.?\d{0,3})?", re.I)
_SYMBOLS = frozenset("!@#$%^&*+=?")
_NO_SECRET = re.compile(
    r"sha(?:1|256|384|512)-[A-Za-z0-9+/]{20,100}={0,2}\Z|01[0-9A-HJKMNP-TV-Z]{24}\Z|_Z[NTKL]|_R[NI]v|_\$s"
)
"""The digest of a package, an ULID, a mangled name."""
_SHORTEST = 20
_LONGEST_HASH = 40
_RANDOMNESS = -0.1
"""Share of neighbours of different kinds less the share of words. Measured: above lie 99 % of the base64 of
24 random bytes, 99.98 % of that of 45, and 1 % of the 4,200 longest names in a hundred Python packages."""
_RANDOMNESS_OF_40 = -0.35
_FORTY = re.compile(r"(?=(?:[^0-9]*[0-9]){2})(?=(?:[^A-Z]*[A-Z]){4})(?=(?:[^a-z]*[a-z]){4})[A-Za-z0-9+/]{40}")
"""The length of Amazon's secret keys, which have no shape of their own: less is asked of these."""
_HEX = re.compile(r"(?:0[xX])?[0-9a-fA-F]+")
_SEPARATORS = re.compile(r"[-_/+=]+")
_PRONOUNCEABLE = re.compile(r"[A-Z]?(?=[a-z]{0,20}[aeiouy])[a-z]{2,}")
_DIGESTS = {32, 40, 56, 64, 96, 128}
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.I)
_OPEN = "`\"'「([{*"
_CLOSE = "`\"'」)]}*.,;:!?。、"


def bare(value: str) -> tuple[str, str, str]:
    """Return what stands before, in and after `value`: quotes and closing punctuation are not the secret."""
    inner = value.lstrip(_OPEN)
    start = value[: len(value) - len(inner)]
    kept = inner.rstrip("`\"'」)]}*.,;:。、") or inner
    if kept == inner:
        kept = inner.rstrip(_CLOSE)
    return start, kept, inner[len(kept) :]


def is_credential(value: str) -> bool:
    """Tell whether a word where credentials stand is one, and not a word of the sentence."""
    if len(value) < 5 or _REFERENCE.match(value) or _VERSION_OR_DATE.fullmatch(value):
        return False
    return any(each.isdigit() for each in value) or _mixed(value)


def is_assigned_secret(name: str, value: str, quoted: bool) -> bool:
    """Tell whether `value`, assigned to `name`, is a secret."""
    if (
        len(value) < 3
        or value.lower() == name.lower()
        or _REFERENCE.match(value)
        or _HARMLESS_KEY.search(name)
    ):
        return False
    if _STRONG.search(name):
        worded = quoted and " " in value and value.replace(" ", "").isalpha()
        return not worded and (quoted or name.isupper() or _has_sign(value) or _mixed(value))
    if _CONSTANT.match(name):
        return not (value.lower() in _PLACEHOLDERS or value.isdigit())
    if not _WEAK.search(name) or len(value) < 6 or " " in value:
        return False
    return any(each.isdigit() for each in value) or (quoted and _mixed(value))


def is_header_credential(scheme: str, value: str, line: str) -> bool:
    """Tell whether `value` behind `Bearer`, `Basic` or `token` is a credential and not prose."""
    if not is_credential(value):
        return False
    return scheme.lower() == "bearer" or "authorization" in line.lower() or looks_random(value)


def looks_random(run: str) -> bool:
    """Tell whether a long run is base64, base62 or an odd length of hex, not words, a digest or a UUID."""
    if _UUID.search(run) or _NO_SECRET.match(run):
        return False
    parts = [part for part in _SEPARATORS.split(run) if not _is_hash(part)]
    letters = "".join(parts)
    if len(letters) < _SHORTEST or letters.isdigit():
        return False
    if _HEX.fullmatch(letters):
        return len(letters) > _LONGEST_HASH and len(letters) not in _DIGESTS
    if letters in (letters.lower(), letters.upper()):
        return any(_is_random_one_case(part) for part in parts if len(part) >= _SHORTEST)
    least = _RANDOMNESS_OF_40 if _FORTY.fullmatch(run) else _RANDOMNESS
    return _changes(letters) - _worded(letters) >= least


def _is_hash(part: str) -> bool:
    """Tell whether a part between separators may be a git hash or an object's id."""
    return 7 <= len(part) <= _LONGEST_HASH and bool(_HEX.fullmatch(part))


def _is_random_one_case(part: str) -> bool:
    digits = sum(each.isdigit() for each in part) / len(part)
    return digits >= 0.12 and _changes(part) >= 0.25


def _changes(text: str) -> float:
    """Return the share of neighbours of different kinds: small letter, capital, digit."""
    return sum(_kind(one) != _kind(other) for one, other in pairwise(text)) / (len(text) - 1)


def _worded(text: str) -> float:
    """Return the share of `text` that is words with a vowel."""
    return sum(len(found) for found in _PRONOUNCEABLE.findall(text)) / len(text)


def _kind(char: str) -> int:
    return 0 if char.isdigit() else 1 if char.isupper() else 2


def _has_sign(value: str) -> bool:
    return any(each.isdigit() or each in _SYMBOLS for each in value)


def _mixed(value: str) -> bool:
    inner = value[1:]
    return any(each.isupper() for each in inner) and any(each.islower() for each in inner)
