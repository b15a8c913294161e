"""What the installer would change: the text of a file in, its new text and a list of changes out. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from claude_narrator.install import json_text
from claude_narrator.install.plugin_files import MARKETPLACE, PLUGIN_ID
from claude_narrator.install.wiring import PLUGIN_RULE, RULE, SERVER, Wiring, is_our_server, is_ours
from claude_narrator.models.errors import BadInput

_NEW_FILE = "{}\n"
_CLI_ENTRIES = (("enabledPlugins", PLUGIN_ID), ("extraKnownMarketplaces", MARKETPLACE))
"""What Claude Code itself writes when it is told to install the plugin."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The text a file shall have, and each change in words; none when it has it already."""

    text: str
    changes: tuple[str, ...] = ()


def wire_settings(data: bytes, where: str, wiring: Wiring) -> Plan:
    """Plan our hooks and our permission rule into a `settings.json`; empty `data` means a new file.

    :raises BadInput: it is broken, or holds something else where hooks and rules belong.
    """
    text, document = _parse(data, where)
    _check_settings(document, where)
    changes = []
    for event, group in wiring.hooks().items():
        found = _our_hooks(document, event)
        if [_shape(document["hooks"][event][path[2]], path[4]) for path in found] == [_shape(group, 0)]:
            continue
        text = _add_hook(_remove_hooks(text, found), event, group)
        changes.append(f"{'replace' if found else 'add'} the hook {event}")
    for event in _foreign_to(wiring, document):
        text = _prune(_remove_hooks(text, _our_hooks(document, event)), ("hooks", event), {})
        changes.append(f"remove the hook {event}")
    allowed = _allow(text, document, RULE)
    return Plan(allowed.text, (*changes, *allowed.changes))


def wire_plugin_settings(data: bytes, where: str) -> Plan:
    """Plan what the plugin cannot bring itself into a `settings.json`: its permission rule.

    :raises BadInput: it is broken, or holds something else where rules belong.
    """
    text, document = _parse(data, where)
    _check_settings(document, where)
    return _allow(text, document, PLUGIN_RULE)


def unwire_settings(data: bytes, where: str, original: Any) -> Plan:
    """Plan our entries out of a `settings.json`; what the parsed `original` held, also empty, stays.

    Without an original, the rule is ours only where hooks of ours are.

    :raises BadInput: it is broken.
    """
    text, document = _parse(data, where)
    changes: list[str] = []
    for event in _events(document):
        if found := _our_hooks(document, event):
            text = _prune(_remove_hooks(text, found), ("hooks", event), original)
            changes.append(f"remove the hook {event}")
    if original is None and not changes:
        return Plan(text)
    plan = _disallow(text, RULE, original)
    return Plan(plan.text, (*changes, *plan.changes))


def unwire_plugin_settings(data: bytes, where: str, original: Any) -> Plan:
    """Plan the plugin out of a `settings.json`: the rule, and what Claude Code itself has not removed.

    Objects that Claude Code leaves empty go too, unless the parsed `original` held them.

    :raises BadInput: it is broken.
    """
    text, document = _parse(data, where)
    changes = []
    for path in _CLI_ENTRIES:
        if _has(document, path):
            text = json_text.remove(text, path)
            changes.append(f"remove {path[1]} from {path[0]}")
        if _at(document, path[:1]) == {} or _has(document, path):
            text = _prune(text, path[:1], original)
    plan = _disallow(text, PLUGIN_RULE, original)
    return Plan(plan.text, (*changes, *plan.changes))


def _allow(text: str, document: Any, rule: str) -> Plan:
    if rule in document.get("permissions", {}).get("allow", []):
        return Plan(text)
    return Plan(json_text.add(text, ("permissions", "allow", 0), rule), (f"allow {rule}",))


def _disallow(text: str, rule: str, original: Any) -> Plan:
    rules = _at(json.loads(text.removeprefix("\ufeff")), ("permissions", "allow"))
    was_there = rule in (_at(original, ("permissions", "allow")) or [])
    if not isinstance(rules, list) or rule not in rules or was_there:
        return Plan(text)
    text = json_text.remove(text, ("permissions", "allow", rules.index(rule)))
    return Plan(_prune(text, ("permissions", "allow"), original), (f"no longer allow {rule}",))


def wire_account(data: bytes, where: str, wiring: Wiring) -> Plan:
    """Plan our MCP server into a `.claude.json`; empty `data` means a new file.

    :raises BadInput: it is broken, or has another server of the name.
    """
    text, document = _parse(data, where)
    _check_kind(document, ("mcpServers",), dict, where)
    path, wanted = ("mcpServers", SERVER), wiring.server()
    server = _at(document, path)
    if server == wanted:
        return Plan(text)
    if not _has(document, path):
        return Plan(json_text.add(text, path, wanted), (f"add the MCP server {SERVER}",))
    if not is_our_server(server):
        raise BadInput(
            f"{where} has another MCP server called {SERVER}",
            f"Rename or remove it (claude mcp remove -s user {SERVER}); nothing was changed.",
        )
    text = json_text.add(json_text.remove(text, path), path, wanted)
    return Plan(text, (f"replace the MCP server {SERVER}",))


def unwire_account(data: bytes, where: str, original: Any) -> Plan:
    """Plan our MCP server out of a `.claude.json`.

    :raises BadInput: it is broken.
    """
    text, document = _parse(data, where)
    if not is_our_server(_at(document, ("mcpServers", SERVER))):
        return Plan(text)
    text = _prune(json_text.remove(text, ("mcpServers", SERVER)), ("mcpServers",), original)
    return Plan(text, (f"remove the MCP server {SERVER}",))


def _parse(data: bytes, where: str) -> tuple[str, Any]:
    text, document = json_text.parse(data, where) if data else (_NEW_FILE, {})
    if not isinstance(document, dict):
        raise BadInput(f"{where} holds no JSON object", "Repair or remove it; nothing was changed.")
    return text, document


def _check_settings(document: Any, where: str) -> None:
    _check_kind(document, ("hooks",), dict, where)
    for event in document.get("hooks", {}):
        _check_kind(document, ("hooks", event), list, where)
    _check_kind(document, ("permissions",), dict, where)
    _check_kind(document, ("permissions", "allow"), list, where)


def _check_kind(document: Any, path: json_text.Path, kind: type, where: str) -> None:
    found = _at(document, path)
    if _has(document, path) and not isinstance(found, kind):
        name, expected = ".".join(map(str, path)), "an object" if kind is dict else "a list"
        raise BadInput(f"{where}: {name} is not {expected}", "Repair it; nothing was changed.")


def _events(document: Any) -> list[str]:
    hooks = document.get("hooks")
    return [event for event in hooks if isinstance(hooks[event], list)] if isinstance(hooks, dict) else []


def _foreign_to(wiring: Wiring, document: Any) -> list[str]:
    """Return the events that an older version of this installer used and this one does not."""
    wanted = wiring.hooks()
    return [event for event in _events(document) if event not in wanted and _our_hooks(document, event)]


def _our_hooks(document: Any, event: str) -> list[tuple[str, str, int, str, int]]:
    """Return the paths of our handlers for an event."""
    groups = _at(document, ("hooks", event))
    return [
        ("hooks", event, g, "hooks", h)
        for g, group in enumerate(groups if isinstance(groups, list) else [])
        if isinstance(group, dict) and isinstance(group.get("hooks"), list)
        for h, handler in enumerate(group["hooks"])
        if is_ours(handler)
    ]


def _shape(group: dict[str, Any], index: int) -> tuple[Any, Any]:
    return group.get("matcher"), group["hooks"][index]


def _add_hook(text: str, event: str, group: dict[str, Any]) -> str:
    return json_text.add(text, ("hooks", event, 0), group)


def _remove_hooks(text: str, found: list[tuple[str, str, int, str, int]]) -> str:
    for path in reversed(found):
        text = json_text.remove(text, path)
        handlers = json_text.find(text, path[:4])
        if handlers and not json_text.slots(text, handlers.value):
            text = json_text.remove(text, path[:3])
    return text


def _prune(text: str, path: json_text.Path, original: Any) -> str:
    """Remove the container at `path` and those around it, as far as they are empty and not in `original`."""
    slot = json_text.find(text, path)
    if not path or slot is None or json_text.slots(text, slot.value) or _has(original, path):
        return text
    return _prune(json_text.remove(text, path), path[:-1], original)


def _has(document: Any, path: json_text.Path) -> bool:
    parent = _at(document, path[:-1])
    return isinstance(parent, dict) and path[-1] in parent


def _at(document: Any, path: json_text.Path) -> Any:
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document
