"""Markdown and secrets out of a hat."""

from __future__ import annotations

import base64
import string
from random import Random

from hypothesis import strategies as st

_WORDS = """the queue fails because worker starts early and lock is held now tests pass it works don't
変更 しました テスト naïve 3.11 v2.0.0-rc.1 e.g. etc. Dr. 14.7 No. 5 U.S. well-known"""
WORDS = st.sampled_from(_WORDS.split())
ENDS = st.sampled_from([".", "!", "?", ":", "", "。", "...", ")", ".**", "`"])
INLINE = st.sampled_from(
    [
        "`queue.py`",
        "`foo()`",
        "**bold**",
        "*it*",
        "~~gone~~",
        "[docs](https://x.y/z_a)",
        "[ref][1]",
        "![alt](a.png)",
        "https://example.com/a_b?x=1",
        "src/app/main.py:12",
        "snake_case_name",
        "<br>",
        "<path>",
        "&lt;b&gt;",
        "\\*",
        "[^1]",
        "✅",
        "a -> b",
        "x != y",
        "2**8",
        "`",
        "**",
        "[",
        "](",
        "<",
        "|",
        "*",
        "_",
        "~",
        "#",
        "{x}",
        "\\",
        "`` a`b ``",
        "<!-- c -->",
        "a|b",
    ]
)
PREFIXES = st.sampled_from(
    [
        "",
        "",
        "",
        "# ",
        "### ",
        "- ",
        "* ",
        "1. ",
        "2) ",
        "> ",
        "  - ",
        "    ",
        "- [ ] ",
        "> - ",
        "   1. ",
        "\t",
        "> > ",
    ]
)
BLOCKS = st.sampled_from(
    [
        "```python",
        "```",
        "~~~",
        "---",
        "===",
        "| a | b |",
        "|---|---|",
        "***",
        "",
        "",
        "",
        "[1]: https://x.y",
        "[^1]: note",
        "<!--",
        "-->",
        "<details>",
        "</details>",
        "  ```",
        "> ```",
        "-----BEGIN PRIVATE KEY-----",
        "MIIEabcdefghijklmnop",
        "-----END PRIVATE KEY-----",
        "- ",
        "1.",
        ">",
    ]
)


@st.composite
def prose_lines(draw: st.DrawFn) -> str:
    """A line of words and inline markup behind the prefix of some block."""
    words = draw(st.lists(st.one_of(WORDS, WORDS, WORDS, INLINE), min_size=1, max_size=8))
    return draw(PREFIXES) + " ".join(words) + draw(ENDS)


LINES = st.one_of(prose_lines(), prose_lines(), BLOCKS)
MARKDOWN = st.lists(LINES, max_size=14).map("\n".join)
"""Text that looks like Markdown, often broken."""
ANYTHING = st.one_of(
    MARKDOWN, st.text(max_size=200), st.text(alphabet="`*_[]()<>|#~\\!-=> \n\ta1.:", max_size=80)
)


def _from(alphabet: str, least: int, most: int) -> st.SearchStrategy[str]:
    return st.text(alphabet=alphabet, min_size=least, max_size=most)


_ALNUM = string.ascii_letters + string.digits
_UPPER = string.ascii_uppercase + string.digits
_URL64 = _ALNUM + "-_"
_ENCODED = st.integers(0, 2**32).map(lambda seed: base64.b64encode(Random(seed).randbytes(45)).decode())
"""Bytes that are random to the eye: Hypothesis likes runs of zeros, which no key has."""
SECRETS: dict[str, st.SearchStrategy[tuple[str, str]]] = {
    "aws key id": _from(_UPPER, 16, 16).map(lambda x: (f"AKIA{x}", x)),
    "sk key": _from(_ALNUM, 20, 48).map(lambda x: (f"sk-proj-{x}7", x)),
    "anthropic key": _from(_URL64, 40, 90).map(lambda x: (f"sk-ant-api03-{x}", x)),
    "github token": _from(_ALNUM, 36, 36).map(lambda x: (f"ghp_{x}", x)),
    "github fine-grained": _from(_ALNUM + "_", 50, 82).map(lambda x: (f"github_pat_11{x}", x)),
    "gitlab token": _from(_URL64, 20, 20).map(lambda x: (f"glpat-{x}", x)),
    "slack token": _from(string.digits + string.ascii_letters, 20, 40).map(lambda x: (f"xoxb-12345-{x}", x)),
    "google key": _from(_URL64, 35, 35).map(lambda x: (f"AIza{x}", x)),
    "jwt": st.tuples(_from(_ALNUM, 10, 60), _from(_ALNUM, 10, 60)).map(
        lambda x: (f"eyJhbGciOiJIUzI1NiJ9.{x[0]}.{x[1]}", x[0])
    ),
    "password in url": _from(_ALNUM, 8, 20).map(lambda x: (f"postgres://bob:{x}@db.example.com/app", x)),
    "bearer": _from(_ALNUM, 20, 60).map(lambda x: (f"Authorization: Bearer {x}9", x)),
    "assignment": _from(_ALNUM, 8, 30).map(lambda x: (f"DB_PASSWORD={x}7", x)),
    "quoted": _from(_ALNUM, 8, 30).map(lambda x: (f'"api_key": "{x}7"', x)),
    "export": _from(_ALNUM, 8, 30).map(lambda x: (f"export MY_SECRET_KEY='{x}7'", x)),
    "pem": _ENCODED.map(
        lambda x: (f"-----BEGIN RSA PRIVATE KEY-----\n{x}\n-----END RSA PRIVATE KEY-----", x)
    ),
    "open pem": _ENCODED.map(lambda x: (f"-----BEGIN OPENSSH PRIVATE KEY-----\n{x}\n{x}", x)),
    "base64": _ENCODED.map(lambda x: (x, x)),
}
"""Kind -> (the text that holds the secret, the secret part of it)."""
