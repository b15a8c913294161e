"""The end of a process that is not our child, told by the kernel: nothing is polled.

What is watched is the process that had the id when the watch began. Linux: pidfd_open(2), a descriptor that
becomes readable; macOS: kqueue(2) with EVFILT_PROC and NOTE_EXIT. Neither can take another process of the
same number for it.
"""

from __future__ import annotations

import os
import select
import sys

import anyio


class ProcessExit:
    """A watch on one process; `close` ends it."""

    def __init__(self, pid: int) -> None:
        """Begin to watch.

        :raises ProcessLookupError: there is no such process.
        :raises PermissionError: it is another user's.
        :raises OSError: the system cannot tell, as Linux before 5.3.
        :raises OverflowError: no process can have this id.
        """
        os.kill(pid, 0)
        if sys.platform == "darwin":
            self._queue = select.kqueue()
            self._fd = self._queue.fileno()
            flags = select.KQ_EV_ADD | select.KQ_EV_ONESHOT
            event = select.kevent(pid, select.KQ_FILTER_PROC, flags, select.KQ_NOTE_EXIT)
            self._queue.control([event], 0)
        else:
            self._fd = os.pidfd_open(pid)

    async def wait(self) -> None:
        """Return when the process has ended."""
        await anyio.wait_readable(self._fd)

    def close(self) -> None:
        """Give the descriptor back."""
        if sys.platform == "darwin":
            self._queue.close()
        else:
            os.close(self._fd)
