"""Secrets on every way in, and none comes out: to a translator, a voice, the log, the status or a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import anyio
import pytest

from claude_narrator.daemon.choices import Choices
from claude_narrator.daemon.client import Client, Refused
from claude_narrator.daemon.protocol import Control, Hook, Say, Status, Translate, Wait
from claude_narrator.daemon.settings import write_default
from claude_narrator.daemon.text_translation import Wanted, translate_text
from claude_narrator.daemon.troubles import Troubles
from claude_narrator.daemon.turns import Speak, Turns
from claude_narrator.models.types import Language, Seconds
from tests.daemon.test_pipeline import FakeEngine, Line, running
from tests.daemon.text.secret_corpus import Sample
from tests.daemon.timed_payloads import Claude
from tests.running_daemon import RunningDaemon

TEMPLATES = (
    "The key is AKIA{UD16}.",
    "Use ghp_{an36} for it.",
    "It is `sk-proj-{u64}`.",
    "Try postgres://app:{an14}@db.internal/shop now.",
    "Send `Authorization: Bearer eyJ{an40}.{an60}.{an43}`.",
    "-----BEGIN PRIVATE KEY-----\n{b64}\n{b64}\n-----END PRIVATE KEY-----\n",
)
ENGLISH = Language("en")


def _filled(seed: int, *kinds: int) -> tuple[str, list[str]]:
    """Return a reply with secrets of these kinds, or of all, and the secrets."""
    chosen = [TEMPLATES[kind] for kind in kinds] or TEMPLATES
    filled = [Sample(template).filled(seed) for template in chosen]
    return "\n\n".join(text for text, _ in filled), [piece for _, pieces in filled for piece in pieces]


def _leaks(pieces: list[str], *texts: object) -> list[str]:
    squeezed = re.sub(r"[\W_]", "", " ".join(map(str, texts))).lower()
    return [piece for piece in pieces if re.sub(r"[\W_]", "", piece).lower()[:12] in squeezed]


def _event(name: str, **fields: Any) -> Hook:
    common = {"session_id": "s", "cwd": "/", "transcript_path": "", "prompt_id": "p", "turn_id": "t"}
    return Hook({"hook_event_name": name, **common, **fields})


def _show(client: Client, text: str, message: str) -> None:
    """Display `text` in pieces that cut every secret."""
    pieces = [text[at : at + 11] for at in range(0, len(text), 11)]
    for index, delta in enumerate(pieces):
        final = index == len(pieces) - 1
        client.send(_event("MessageDisplay", message_id=message, index=index, final=final, delta=delta))


def test_the_log_the_status_and_every_file_of_a_daemon_that_tells_all_hold_no_secret() -> None:
    shown, hidden = _filled(1, 0, 5)
    said, also_hidden = _filled(2, 2)
    stopped, hidden_in_stop = _filled(3, 1)
    notified, hidden_in_notice = _filled(4, 0)
    asked, hidden_in_question = _filled(5, 3)
    pieces = [*hidden, *also_hidden, *hidden_in_stop, *hidden_in_notice, *hidden_in_question]
    changes: dict[str, object] = {"log__spoken_text": True, "log__level": "debug", "speech__rate": 3.0}
    with RunningDaemon(**changes) as daemon:
        with daemon.client() as client:
            _show(client, shown, "m")
            client.send(_event("Stop", stop_hook_active=False, last_assistant_message=stopped))
            client.send(_event("Notification", message=notified, notification_type="idle_prompt"))
            tool = {"tool_name": "Bash", "tool_use_id": "x", "tool_input": {"command": f"echo {asked}"}}
            client.send(_event("PermissionRequest", **tool))
            with pytest.raises(Refused) as refused:
                client.call(Translate(said, "ja"))
            client.call(Say(said))
            statuses = []
            while True:
                statuses.append(client.call(Status()))
                if client.call(Wait(timeout_s=0.1))["idle"]:
                    break
                client.call(Control("skip"))
            statuses.append(client.call(Status()))
        assert "The key is a secret." in str(statuses)
        assert _leaks(pieces, statuses, refused.value.problem, daemon.log()) == []
        files = (path for path in daemon.home.rglob("*") if path.is_file() and path.suffix != ".wav")
        assert [path.name for path in files if _leaks(pieces, path.read_bytes())] == []


@pytest.mark.anyio
async def test_the_translator_its_hints_the_voice_and_the_timelines_get_no_secret() -> None:
    text, pieces = _filled(5)
    translator, voice, claude = FakeEngine("t"), FakeEngine("v"), Claude()
    line = Line(voice, translators=(translator,), to="zh")
    turns = Turns(ENGLISH)
    async with running(line):
        for index, at in enumerate(range(0, len(text), 9)):
            payload = claude.shows("p", "m", index, text[at : at + 9], final=at + 9 >= len(text))
            for action in turns.feed(payload, Seconds(0.0)):
                if isinstance(action, Speak):
                    assert line.queue.put(action.utterance) == ()
        line.pipeline.wake()
        await line.hear_all()
    assert "The key is a secret." in translator.translated
    assert len(translator.translated) >= len(TEMPLATES)
    timelines = line.timelines.to_json(with_text=True)
    assert _leaks(pieces, translator.translated, translator.hinted, voice.synthesized, timelines) == []


@pytest.mark.anyio
@pytest.mark.parametrize("to", ["ja", "en"])
async def test_a_text_that_is_to_be_translated_is_redacted_first(tmp_path: Path, to: str) -> None:
    text, pieces = _filled(6)
    translator = FakeEngine("t")
    write_default(tmp_path / "config.toml")
    pool = Line(FakeEngine("v"), translators=(translator,)).pool
    wanted, troubles = Wanted(text, to, is_checked=False), Troubles(lambda *notice: None)
    with anyio.fail_after(10):
        translated = await translate_text(wanted, Choices(tmp_path / "config.toml"), pool, troubles)
    assert "key is a secret." in str(translated).replace("ね", "")
    assert _leaks(pieces, translated, translator.translated, translator.hinted) == []
