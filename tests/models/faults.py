"""What can go wrong with an engine's process and files, each done to a real one; what came of it, in words.

A fault is a function of a `Bed`. It asserts what must hold of every engine (the sentence is heard, from the
engine itself or from the one behind it; the reason is shown; the next sentence is heard; the engine comes
back) and returns how this engine came through, for the table.
"""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress

import anyio
import pytest

from claude_narrator.models.errors import EngineUnavailable
from tests.models.fault_bed import Bed, NoWorker, Said

Fault = Callable[[Bed], Awaitable[str]]

GOES_ON = "goes on"
STANDS_IN = "other engine"
WAITS = "waited for"
_STOPPED_S, _RUNNING_S = 0.2, 0.1


async def killed_before_the_first_piece(bed: Bed) -> str:
    """SIGKILL after the request, before anything came back."""
    await bed.ready()
    whole = await bed.whole(bed.sentence)
    restarts = bed.state.restarts
    bed.signal(signal.SIGSTOP)
    bed.begin(bed.sentence)
    await bed.asked()
    bed.signal(signal.SIGKILL)
    _is_whole(await bed.finish(), whole)
    assert bed.state.restarts == restarts + 1
    assert bed.reason == ""
    return GOES_ON


async def killed_in_mid_sentence(bed: Bed) -> str:
    """SIGKILL when the beginning sounds."""
    await bed.ready()
    whole = await bed.whole(bed.passage)
    bed.begin(bed.passage)
    await bed.until_first_sound()
    bed.signal(signal.SIGKILL)
    _is_whole(await bed.finish(), whole)
    await _speaks_again(bed)
    return GOES_ON


async def killed_again_and_again(bed: Bed) -> str:
    """SIGKILL whenever there is a process. One sentence may be left out, when its second process dies too."""
    await bed.ready()
    bed.signal(signal.SIGSTOP)
    bed.begin(bed.sentence)
    await bed.asked()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_kill_for_ever, bed)
        said = [await bed.finish(), await bed.hear(bed.sentence), await bed.hear(bed.sentence)]
        tasks.cancel_scope.cancel()
    left_out = [each for each in said if each.outcome != "spoken"]
    assert len(left_out) <= 1
    assert all("twice on one sentence" in each.outcome for each in left_out)
    assert len(bed.notices) > 0
    _was_stood_in_for(bed, said[-1], "died of SIGKILL")
    await _speaks_again(bed)
    return STANDS_IN


async def frozen(bed: Bed) -> str:
    """SIGSTOP before the first piece."""
    await bed.ready()
    bed.signal(signal.SIGSTOP)
    _was_stood_in_for(bed, await bed.hear(bed.sentence), "did not answer in time")
    await _speaks_again(bed)
    return STANDS_IN


async def garbage(bed: Bed) -> str:
    """Bytes on the worker's pipe that are no frame."""
    await bed.ready()
    whole = await bed.whole(bed.passage)
    restarts = bed.state.restarts
    bed.begin(bed.passage)
    await bed.until_first_sound()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(bed.write_garbage)
        _is_whole(await bed.finish(), whole)
    await _speaks_again(bed)
    assert bed.state.restarts == restarts + 1
    return GOES_ON


async def slow(bed: Bed) -> str:
    """The process gets a third of the time."""
    await bed.ready()
    whole = await bed.whole(bed.sentence)
    restarts = bed.state.restarts
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_slow_down, bed)
        _is_whole(await bed.hear(bed.sentence), whole)
        tasks.cancel_scope.cancel()
    assert bed.state.restarts == restarts
    assert bed.reason == ""
    return WAITS


async def short_of_memory(bed: Bed) -> str:
    """No more address space than the loaded engine has."""
    await bed.ready()
    whole = await bed.whole(bed.sentence)
    restarts = bed.state.restarts
    bed.forbid_more_memory()
    said = await bed.hear(bed.passage)
    how = _came_through(bed, said, restarts)
    assert (await bed.hear(bed.sentence)).outcome == "spoken"
    await _speaks_again(bed)
    _is_whole(await bed.hear(bed.sentence), whole)
    return how


async def short_of_memory_while_it_loads(bed: Bed) -> str:
    """A quarter of the address space that it takes to load."""
    await bed.ready()
    with bed.little_memory():
        bed.signal(signal.SIGKILL)
        await bed.until_dead()
        refusal = await _refusal(bed)
        if refusal:
            assert len(refusal.splitlines()) == 1
            assert (await bed.hear(bed.sentence)).outcome == "spoken"
    await _speaks_again(bed)
    return STANDS_IN if refusal else "needs no more"


WHILE_IT_WORKS: dict[str, Fault] = {
    "kill -9 before the first sound": killed_before_the_first_piece,
    "kill -9 in mid-sentence": killed_in_mid_sentence,
    "kill -9 again and again": killed_again_and_again,
    "SIGSTOP": frozen,
    "garbage on the pipe": garbage,
    "slow": slow,
    "out of memory in a sentence": short_of_memory,
    "out of memory while it loads": short_of_memory_while_it_loads,
}


async def _kill_for_ever(bed: Bed) -> None:
    while True:
        with suppress(ProcessLookupError, NoWorker):
            bed.signal(signal.SIGKILL)
        await anyio.sleep(0.002)


async def _slow_down(bed: Bed) -> None:
    try:
        while True:
            bed.signal(signal.SIGSTOP)
            await anyio.sleep(_STOPPED_S)
            bed.signal(signal.SIGCONT)
            await anyio.sleep(_RUNNING_S)
    finally:
        bed.signal(signal.SIGCONT)


async def _refusal(bed: Bed) -> str:
    """Why the engine cannot be loaded; empty when it can."""
    try:
        await bed.pool.load(bed.name)
    except EngineUnavailable as error:
        return str(error)
    return ""


def _is_whole(said: Said, whole: Said) -> None:
    assert said.outcome == "spoken"
    assert said.words == whole.words
    assert said.length_s == pytest.approx(whole.length_s, rel=0.05)


def _was_stood_in_for(bed: Bed, said: Said, why: str) -> None:
    assert said.outcome == "spoken"
    assert said.words
    assert why in bed.reason
    does = "translates" if bed.kind == "translator" else "speaks"
    assert f"stand_in {does} instead" in bed.reason
    assert len(bed.reason.splitlines()) == 1


async def _speaks_again(bed: Bed) -> None:
    """The engine has recovered by itself, and nothing is shown to be wrong with it any more."""
    await bed.ready()
    assert (await bed.hear(bed.sentence)).outcome == "spoken"
    assert bed.reason == ""


def _came_through(bed: Bed, said: Said, restarts: int) -> str:
    """How a sentence ended for which memory did not suffice, or did."""
    if bed.reason:
        _was_stood_in_for(bed, said, "")
        return STANDS_IN
    if said.outcome != "spoken":
        assert "twice on one sentence" in said.outcome
        return "left out, and told"
    broke_off = any("broke off" in problem for problem in bed.problems)
    if broke_off:
        return "rest left out, and told"
    return GOES_ON if bed.state.restarts > restarts else "needs no more"
