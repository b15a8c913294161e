"""What a tool wants is said in a short sentence that holds no secret."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.daemon.attention_phrases import attention_phrases_for
from claude_narrator.daemon.permission_words import commands_of, permission_sentence
from claude_narrator.daemon.text.characters import MARKUP
from claude_narrator.models.types import Language

ENGLISH = attention_phrases_for(Language("en"))
JAPANESE = attention_phrases_for(Language("ja"))
SECRET = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"


def said(tool: str, by_agent: bool = False, **given: Any) -> str:
    return permission_sentence(tool, given, by_agent, ENGLISH)


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("git push", "Claude wants to run: git push."),
        ("touch third.txt", "Claude wants to run: touch third dot txt."),
        ("rm -rf build", "Claude wants to run: rm dash rf build."),
        ("cd /srv/app && git push", "Claude wants to run: git push."),
        ("cd /srv/app", "Claude wants to run: cd app."),
        ("CI=1 NODE_ENV='a b' npm test", "Claude wants to run: npm test."),
        ("ls | wc -l", "Claude wants to run: ls, and 1 more."),
        ("ls; rm -rf /; pwd", "Claude wants to run: ls, and 2 more."),
        ("make test 2>&1 >/dev/null", "Claude wants to run: make test."),
        ("sleep 5 & wait", "Claude wants to run: sleep 5, and 1 more."),
        ("git commit -m 'a; b && c'", "Claude wants to run: git commit dash m a, b and c."),
        ("", "Claude wants to run a command."),
        ("''", "Claude wants to run: quote quote."),
    ],
)
def test_of_a_row_of_commands_the_first_is_said_and_how_many_follow(command: str, sentence: str) -> None:
    assert said("Bash", command=command) == sentence


@pytest.mark.parametrize(
    ("tool", "given", "sentence"),
    [
        ("Edit", {"file_path": "/srv/app/config.toml"}, "Claude wants to edit config dot toml."),
        ("MultiEdit", {"file_path": "/srv/app/config.toml"}, "Claude wants to edit config dot toml."),
        ("NotebookEdit", {"notebook_path": "/x/a.ipynb"}, "Claude wants to edit a dot ipynb."),
        ("Write", {"file_path": "/x/new_file.py", "content": "x"}, "Claude wants to write new file dot py."),
        ("Read", {"file_path": "/etc/passwd"}, "Claude wants to read passwd."),
        ("WebFetch", {"url": "https://www.example.org/a?b=c"}, "Claude wants to fetch example.org."),
        ("WebFetch", {"url": "https://[broken"}, "Claude wants to use Web Fetch."),
        ("WebSearch", {"query": "python 3.14"}, "Claude wants to search the web for python 3.14."),
        ("Task", {"description": "Count lines"}, "Claude wants to start a subagent: Count lines."),
        ("mcp__git-hub__open_issue", {}, "Claude wants to use open issue of git-hub."),
        ("TodoWrite", {}, "Claude wants to use Todo Write."),
        ("NewTool", {"command": "reboot"}, "Claude wants to run: reboot."),
        ("Edit", {"file_path": 7}, "Claude wants to use Edit."),
        ("Bash", {"command": ["a"]}, "Claude wants to run a command."),
        ("", {}, "Claude wants to use some code."),
    ],
)
def test_every_tool_is_said_by_the_word_that_matters(tool: str, given: dict[str, Any], sentence: str) -> None:
    assert said(tool, **given) == sentence


def test_a_subagent_is_told_apart() -> None:
    assert said("Bash", True, command="git push") == "A subagent wants to run: git push."


def test_in_japanese() -> None:
    def told(tool: str, **given: Any) -> str:
        return permission_sentence(tool, given, False, JAPANESE)

    assert told("Bash", command="git push") == "クロードが実行の許可を求めています、git push。"
    assert told("Bash", command="ls; pwd") == "クロードが実行の許可を求めています、ls、ほか1件。"
    assert told("Edit", file_path="/a/config.toml") == "クロードがconfigドットtomlの編集許可を求めています。"


@pytest.mark.parametrize(
    ("tool", "given"),
    [
        ("Bash", {"command": f"curl -H 'Authorization: Bearer {SECRET}' https://example.org"}),
        ("Bash", {"command": f"GITHUB_TOKEN={SECRET} gh release create"}),
        ("Bash", {"command": f"export GITHUB_TOKEN={SECRET}"}),
        ("Bash", {"command": f"echo {SECRET} | gh auth login"}),
        ("Write", {"file_path": f"/tmp/{SECRET}"}),
        ("WebFetch", {"url": f"https://user:{SECRET}@example.org/?t={SECRET}"}),
        ("WebSearch", {"query": f"what is {SECRET}"}),
    ],
)
def test_a_secret_is_never_said(tool: str, given: dict[str, Any]) -> None:
    sentence = said(tool, **given)
    # An identifier is said word by word, so a part of the secret would come with spaces in it.
    assert SECRET[4:12].lower() not in re.sub(r"\W", "", sentence).lower()
    assert sentence.startswith("Claude wants to")


def test_a_long_command_is_cut_to_fifteen_words() -> None:
    sentence = said("Bash", command="docker run --rm -it -v a:b -e X=1 -p 80:80 image one two three four")
    assert sentence.startswith("Claude wants to run: docker run dash dash rm")
    assert len(sentence.split()) <= 15


def test_commands_are_cut_where_the_shell_cuts_them() -> None:
    assert commands_of("a && b || c; d | e\nf & g") == list("abcdefg")
    assert commands_of("echo 'a | b' \"c; d\" e\\;f") == ["echo 'a | b' \"c; d\" e\\;f"]
    assert commands_of("# note\nls") == ["ls"]
    assert commands_of("a > b 2>&1") == ["a > b"]
    assert commands_of("cat <<'EOF' > a.txt\nls; pwd\nEOF\ngit push") == ["cat  > a.txt", "git push"]
    assert commands_of("") == []


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
tools = st.sampled_from(["Bash", "Edit", "Write", "WebFetch", "WebSearch", "Task", "mcp__a__b"]) | st.text()
inputs = st.dictionaries(
    st.sampled_from(["command", "file_path", "url", "query", "description", "other"]), anything, max_size=4
)


@given(tools, inputs, st.booleans(), st.sampled_from([ENGLISH, JAPANESE]))
def test_whatever_is_asked_the_sentence_is_short_and_can_be_said(
    tool: str, given: dict[str, Any], by_agent: bool, phrases: Any
) -> None:
    sentence = permission_sentence(tool, given, by_agent, phrases)
    assert sentence
    assert not set(sentence) & set(MARKUP)
    assert sentence.isprintable() or "\u200c" in sentence or "\u200d" in sentence
    assert len(sentence) < 320
