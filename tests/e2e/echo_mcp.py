"""An MCP server of the standard library with one tool `speak` that answers what it was told."""

from __future__ import annotations

import json
import sys
from typing import Any

TOOL = {
    "name": "speak",
    "description": "Say a text aloud.",
    "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
}


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON-RPC answer to a request."""
    head = {"jsonrpc": "2.0", "id": request["id"]}
    match request["method"]:
        case "initialize":
            version = request["params"]["protocolVersion"]
            server = {"name": "echo", "version": "1"}
            result = {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": server}
        case "tools/list":
            result = {"tools": [TOOL]}
        case "tools/call":
            text = request["params"]["arguments"]["text"]
            result = {"content": [{"type": "text", "text": f"heard: {text}"}]}
        case other:
            return {**head, "error": {"code": -32601, "message": f"no method {other}"}}
    return {**head, "result": result}


if __name__ == "__main__":
    for line in sys.stdin:
        message = json.loads(line)
        if "id" in message and "method" in message:
            print(json.dumps(answer(message)), flush=True)
