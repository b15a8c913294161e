"""A process that plays on a sound device as it is told, one JSON object a line; runs as a script."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from typing import Any

from claude_narrator.daemon.player import Player, PlayerEvent
from claude_narrator.daemon.settings import Audio
from claude_narrator.daemon.sinks import open_sink
from tests.sounds import RATE, chunk, noise


def tell(kind: str, **fields: Any) -> None:
    """Print one line about what happened, with the time."""
    print(json.dumps({"kind": kind, "now_s": time.monotonic(), **fields}), flush=True)


def say(player: Player, sentence_id: str, seed: int, frames: int, generation: int = 0) -> None:
    """Put a sentence of noise into the player, in chunks of a tenth of a second."""
    sound = noise(frames, seed)
    for at in range(0, frames, RATE // 10):
        player.put(generation, sentence_id, chunk(sound[at : at + RATE // 10]))
    player.end_sentence(generation, sentence_id)


def report(event: PlayerEvent) -> None:
    """Print an event of the player."""
    tell(type(event).__name__, **dataclasses.asdict(event))


def main() -> None:
    """Obey until `close`."""
    player = Player(open_sink(Audio(device=sys.argv[1])), report)
    player.start()
    for line in sys.stdin:
        command = json.loads(line)
        name = command.pop("do")
        if name == "state":
            tell("state", **dataclasses.asdict(player.state))
        elif name == "say":
            say(player, **command)
        else:
            getattr(player, name)(**command)
            tell(name)
        if name == "close":
            return


if __name__ == "__main__":
    main()
