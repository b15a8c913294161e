"""Starts every part of the daemon in order and stops them in reverse; the only module that knows them all."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from logging.handlers import RotatingFileHandler
from typing import Any

import anyio
from anyio.abc import TaskGroup, TaskStatus

from claude_narrator.daemon.agenda import InForce
from claude_narrator.daemon.amount import AmountGate
from claude_narrator.daemon.choices import Choices
from claude_narrator.daemon.control_actions import Controls
from claude_narrator.daemon.engine_policy import policy_of
from claude_narrator.daemon.engine_records import engine_records
from claude_narrator.daemon.errors import exit_code_of
from claude_narrator.daemon.frames import FrameStream
from claude_narrator.daemon.gateway_address import gateway_address
from claude_narrator.daemon.http_gateway import HttpGateway
from claude_narrator.daemon.introductions import Introductions
from claude_narrator.daemon.microphone import MICROPHONE, Microphone
from claude_narrator.daemon.music import Music, find_players
from claude_narrator.daemon.mute_file import KeptMute
from claude_narrator.daemon.narrator import Narrator
from claude_narrator.daemon.paths import HOME_VARIABLE, Paths, find_paths
from claude_narrator.daemon.pipeline import Pipeline
from claude_narrator.daemon.player import Player, PlayerEvent
from claude_narrator.daemon.preload import expect, preload
from claude_narrator.daemon.protocol import Mcp
from claude_narrator.daemon.requests import Requests
from claude_narrator.daemon.server import AlreadyRunning, RunLock, Server, SocketFile, listen
from claude_narrator.daemon.session_floor import SessionFloor
from claude_narrator.daemon.settings import Settings, write_default
from claude_narrator.daemon.sinks import open_sink
from claude_narrator.daemon.speech_queue import SpeechQueue
from claude_narrator.daemon.timelines import Timelines
from claude_narrator.daemon.troubles import Troubles
from claude_narrator.daemon.turns import Turns
from claude_narrator.models.download import model_folder
from claude_narrator.models.language_file import read_all, use_own_files
from claude_narrator.models.pool import EnginePool
from claude_narrator.models.types import Language

LOG_BYTES, LOG_FILES = 1 << 20, 3
REACHABLE_CHECK_S = 5.0

_log = logging.getLogger("claude_narrator.daemon.app")  # `python -m` names this module otherwise


def main() -> int:
    """Run the daemon until SIGTERM; 0 also when another one runs already."""
    paths = find_paths()
    return exit_code_of(lambda: _run(paths), paths.log)


def _run(paths: Paths) -> int:
    if not os.environ.get(HOME_VARIABLE):  # one that was named and has gone is not to come back
        paths.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        lock = RunLock(paths.lock)
    except AlreadyRunning:
        return 0
    write_default(paths.settings_file)
    use_own_files(paths.languages)
    choices = Choices(paths.settings_file, paths.dictionary)
    _open_log(paths, choices.settings)
    try:
        anyio.run(serve, paths, choices, backend="asyncio")
    finally:
        lock.release()
    return 0


async def serve(
    paths: Paths, choices: Choices, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
) -> None:
    """Start, report ready, and serve until SIGTERM, SIGINT or a shutdown request."""
    started_s = time.monotonic()
    async with AsyncExitStack() as stack:
        listener = await stack.enter_async_context(await listen(paths.socket))
        socket_file = SocketFile(paths.socket)
        stack.callback(socket_file.remove)
        timelines = Timelines()
        pool = await stack.enter_async_context(_pool(paths, choices.settings))
        narrator = _narrator(paths, choices, pool, timelines, stack)
        tasks = await stack.enter_async_context(anyio.create_task_group())

        def refresh() -> None:
            pool.refresh(engine_records(paths, choices.settings), policy_of(choices.settings))
            if choices.settings.models.preload is True:
                expect(pool, choices.settings.speech)

        requests = Requests(narrator, timelines, started_s, refresh)
        server = Server(requests.answer, _mcp_door(narrator), tasks.cancel_scope.cancel)
        tasks.start_soon(_stop_on_signal, tasks.cancel_scope)
        tasks.start_soon(_stop_when_unreachable, socket_file, tasks.cancel_scope)
        tasks.start_soon(server.serve, listener)
        tasks.start_soon(narrator.pipeline.run)
        tasks.start_soon(narrator.run)
        tasks.start_soon(_microphone(narrator).watch)
        tasks.start_soon(_music(narrator).watch)
        await _open_gateway(paths, narrator, tasks)
        _log.info("ready after %.0f ms, pid %d", (time.monotonic() - started_s) * 1000, os.getpid())
        task_status.started()
        preload(pool, choices.settings)
        tasks.start_soon(anyio.to_thread.run_sync, read_all)
    _log.info("stopped")


def _pool(paths: Paths, settings: Settings) -> EnginePool:
    folder_of = partial(model_folder, models_root=paths.models)
    records, policy = engine_records(paths, settings), policy_of(settings)
    return EnginePool(records, folder_of, settings.models.threads, policy=policy)


def _narrator(
    paths: Paths, choices: Choices, pool: EnginePool, timelines: Timelines, stack: AsyncExitStack
) -> Narrator:
    loop = asyncio.get_running_loop()
    queue = SpeechQueue()

    def on_event(event: PlayerEvent) -> None:
        loop.call_soon_threadsafe(pipeline.on_player_event, event)

    player = Player(open_sink(choices.settings.audio), on_event)
    player.start()
    stack.callback(player.close)
    troubles = Troubles(lambda *notice: narrator.say_notice(*notice))

    def on_prompt(session: str) -> None:
        if not narrator.why_unheard(session):
            expect(pool, choices.speech_for(session))

    sessions = SessionFloor(choices, lambda session: pipeline.take_back(session), on_prompt)
    in_force = InForce(choices.speech_for, choices.glossary_for, choices.pronunciation_for)
    introductions = Introductions(sessions, choices.folder_of)
    pipeline = Pipeline(queue, pool, player, in_force, timelines, troubles, introductions)
    turns = Turns(Language(choices.settings.speech.source_language), choices.text_for)
    mute, amount = KeptMute(paths.mute), AmountGate(lambda session: choices.speech_for(session).amount)
    parts = turns, queue, pipeline, pool, player, troubles
    narrator = Narrator(choices, *parts, gates=(amount, mute, sessions), sessions=sessions)
    narrator.controls = Controls(narrator, mute)
    return narrator


def _microphone(narrator: Narrator) -> Microphone:
    def is_wanted() -> bool:
        return narrator.choices.settings.audio.microphone == "pause" and not narrator.pipeline.idle

    def hold(in_use: bool) -> None:
        (narrator.player.pause if in_use else narrator.player.resume)(MICROPHONE)

    return Microphone(is_wanted, hold)


def _music(narrator: Narrator) -> Music:
    def speaks() -> bool:
        state = narrator.player.state
        return bool(state.playing) and not state.paused

    return Music(lambda: narrator.choices.settings.audio.music, speaks, find_players())


async def _open_gateway(paths: Paths, narrator: Narrator, tasks: TaskGroup) -> None:
    """Open the http door; a taken port is a problem that `voice status` shows, not a reason to stop."""
    address = gateway_address(paths)
    try:
        listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=address.port)
    except OSError as error:
        narrator.troubles.problems["gateway"] = (
            f"port {address.port} of the http gateway is taken: run voice-install again"
        )
        _log.error("the http gateway cannot listen on port %d: %s", address.port, error)
        return
    tasks.start_soon(listener.serve, HttpGateway(address, narrator.on_hook).handle)


def _mcp_door(narrator: Narrator) -> Callable[[FrameStream, Mcp], Any]:
    async def serve_mcp(frames: FrameStream, hello: Mcp) -> None:
        from claude_narrator.mcp_server.server import (
            serve_session,
        )  # 0.4 s of imports; not before the first session

        await serve_session(frames, hello, narrator)

    return serve_mcp


async def _stop_on_signal(scope: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for number in signals:
            _log.info("stopping on %s", signal.Signals(number).name)
            scope.cancel()
            return


async def _stop_when_unreachable(socket_file: SocketFile, scope: anyio.CancelScope) -> None:
    """End a daemon whose socket somebody removed or replaced: nobody could ever ask it to stop."""
    while socket_file.is_ours():  # noqa: ASYNC110 - nobody tells of a file that is removed
        await anyio.sleep(REACHABLE_CHECK_S)
    _log.error("stopping: the socket is gone")
    scope.cancel()


def _open_log(paths: Paths, settings: Settings) -> None:
    paths.log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handler = RotatingFileHandler(paths.log, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8")
    paths.log.chmod(0o600)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("claude_narrator").setLevel(settings.log.level.upper())


if __name__ == "__main__":
    sys.exit(main())
