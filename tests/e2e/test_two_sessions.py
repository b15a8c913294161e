"""Two sessions of the real CLI at once, in two projects and languages: who is heard, and who is named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from claude_narrator.daemon.chime import CHIME
from tests.e2e.claude_cli import User
from tests.e2e.messages_api import MessagesApi
from tests.e2e.narrator import Narrator
from tests.e2e.scenario import Gate, Text
from tests.e2e.terminal import Terminal, wait_until

pytestmark = pytest.mark.e2e


def test_the_one_prompted_last_is_heard_and_the_other_when_it_is_asked_for(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    shop, server = user.new_project("web_shop"), user.new_project("api-server")
    (server / ".claude" / "voice.toml").write_text("[speech]\nlanguage = 'ja'\nvoice = 'open_jtalk/mei'\n")
    api.script(
        [Text("The shop is open.\n"), Gate("shop"), Text("The shop is closed.")],
        [Text("テストが通りました。")],
    )
    with Terminal(user, folder=shop) as one, Terminal(user, folder=server) as two:
        one.ask("Open it.")
        narrator.wait_ended("The shop is open.")
        two.ask("Test it.")
        narrator.wait_ended("テスト")
        api.open("shop")
        wait_until(lambda: session_in(narrator, "web_shop")["held"] == 1, "nothing was held")
        assert session_in(narrator, "api-server")["owner"]
        narrator.run("voice", "listen", "web_shop")
        assert narrator.wait_ended("The shop is closed.").outcome == "spoken"
        assert narrator.texts() == [
            "The shop is open.",
            "api serverからです。",
            "テストが通りました。",
            CHIME,
            "In web shop:",
            "The shop is closed.",
        ]


def session_in(narrator: Narrator, project: str) -> dict[str, Any]:
    """Return what is told of the session in a project."""
    rows = json.loads(narrator.run("voice", "sessions", "--json").stdout)["sessions"]
    (row,) = (row for row in rows if row["project"] == project)
    return dict(row)
