"""Records the turn that `make demo` plays: the real CLI in a terminal, a scripted reply, an http hook.

`python -m tests.e2e.record_turn` writes `tests/data/demo-turn.jsonl`: for each event
`{"t": seconds, "hook": payload}`, in the order of arrival.
"""

from __future__ import annotations

import json
import re
import tempfile
import time
from pathlib import Path

from tests.e2e.claude_cli import User
from tests.e2e.hook_recorder import HookRecorder
from tests.e2e.messages_api import MessagesApi
from tests.e2e.scenario import Text, ToolUse
from tests.e2e.terminal import Terminal

TARGET = Path(__file__).resolve().parent.parent / "data" / "demo-turn.jsonl"
PROMPT = "Please fix the failing test"
TESTS = {"command": "echo 1 failed, 41 passed", "description": "Run the tests"}
REPLIES = (
    [
        Text("I will run the tests first, then I will look at the error.\n\n", delay_s=0.06, piece=8),
        ToolUse("Bash", TESTS),
    ],
    [
        Text("One test fails, because the queue is full.\n\n", delay_s=0.06, piece=8),
        ToolUse("Bash", {"command": "echo 42 passed", "description": "Run the tests again"}),
    ],
    [
        Text(
            "The error is fixed, and all forty two tests pass.\n\n"
            "- I changed `queue.put_nowait()` so that it waits.\n"
            "- I added a test in `tests/test_queue.py`.\n\n"
            "```python\nqueue.put(job, timeout=5)\n```\n\n"
            "Shall I open a pull request?",
            delay_s=0.06,
            piece=8,
        )
    ],
)


def main() -> None:
    """Record the turn."""
    with tempfile.TemporaryDirectory() as folder, MessagesApi() as api, HookRecorder() as hooks:
        user = User(Path(folder) / "user", api.url)
        user.write_settings(hooks.settings())
        api.script(*REPLIES)
        with Terminal(user) as terminal:
            terminal.ask(PROMPT)
            hooks.wait_shown("pull request?", timeout_s=60)
            time.sleep(1)  # Stop may come after the last line
        began_s = hooks.received_s[0]
        lines = [
            json.dumps({"t": round(at_s - began_s, 3), "hook": payload})
            for at_s, payload in zip(hooks.received_s, hooks.payloads, strict=True)
        ]
        recorded = "\n".join(lines).replace(str(user.home), "/home/user")
        recorded = recorded.replace(str(user.folder), "/home/user")
        recorded = re.sub(r"/projects/[^/]+/", "/projects/-home-user-project/", recorded)
        TARGET.write_text(recorded + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
