"""MCP inside the daemon: the official SDK once for all sessions, each reached through its stdio bridge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.shared.message import SessionMessage
from pydantic import ValidationError

from claude_narrator.daemon.errors import to_wire
from claude_narrator.daemon.frames import FrameStream
from claude_narrator.daemon.protocol import Mcp
from claude_narrator.daemon.wire import ProtocolError
from claude_narrator.mcp_server.tools import TOOLS, Caller, Narration, Tool, check_arguments

INSTRUCTIONS = "The user listens: replies are narrated as they are written."


async def serve_session(frames: FrameStream, hello: Mcp, narrator: Narration) -> None:
    """Serve MCP on a connection until the bridge closes it."""
    to_server, from_client = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    to_client, from_server = anyio.create_memory_object_stream[SessionMessage](0)
    server = _server(hello, narrator)

    async def receive() -> None:
        async with to_server:
            while (body := await frames.read()) is not None:
                await to_server.send(_parse(body))

    async def send() -> None:
        async with from_server:
            async for message in from_server:
                await frames.write(
                    message.message.model_dump_json(by_alias=True, exclude_unset=True).encode()
                )

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(receive)
        tasks.start_soon(send)
        await server.run(from_client, to_client, server.create_initialization_options())
        tasks.cancel_scope.cancel()


def _parse(body: bytes) -> SessionMessage | Exception:
    try:
        return SessionMessage(types.jsonrpc_message_adapter.validate_json(body, by_name=False))
    except ValidationError as error:
        return error


def _server(hello: Mcp, narrator: Narration) -> Server[dict[str, Any]]:
    async def list_tools(_: Any, __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[describe(tool) for tool in TOOLS])

    async def call_tool(_: Any, call: types.CallToolRequestParams) -> types.CallToolResult:
        try:
            return _text(await _run(call, hello, narrator))
        except Exception as error:  # a bug too is one line for the model, and the session goes on
            wire = to_wire(error)
            return _text(f"{wire['problem']}. {wire['hint']}".strip(), is_error=True)

    return Server(
        "voice",
        version=str(1),
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


async def _run(call: types.CallToolRequestParams, hello: Mcp, narrator: Narration) -> str:
    tool = next((tool for tool in TOOLS if tool.name == call.name), None)
    if tool is None:
        raise ProtocolError(f"there is no tool {call.name!r}")
    arguments = call.arguments or {}
    check_arguments(tool, arguments)
    tool_use_id = str((call.meta or {}).get("claudecode/toolUseId", ""))
    session = narrator.session_of_call(tool_use_id, hello.session)
    folder = narrator.folder_of(session) or (Path(hello.project) if hello.project else None)
    return await tool.run(narrator, Caller(session, folder), arguments)


def describe(tool: Tool) -> types.Tool:
    """Return what the model is told of a tool."""
    schema: dict[str, Any] = {"type": "object", "properties": tool.properties}
    if tool.required:
        schema["required"] = list(tool.required)
    hints = types.ToolAnnotations(read_only_hint=True) if tool.read_only else None
    return types.Tool(name=tool.name, description=tool.description, input_schema=schema, annotations=hints)


def _text(text: str, is_error: bool = False) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=text)], is_error=is_error)
