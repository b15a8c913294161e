"""Fetch a file over HTTP; a broken connection goes on at the byte where it broke (RFC 9110, section 14)."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

from claude_narrator.models.partial_file import CHUNK, PartialFile
from claude_narrator.models.sources import HostUnreachable, SourceFailed, is_address

TIMEOUT_S = 20.0
MAX_BREAKS = 4
"""Connections in a row that may bring less than WORTHWHILE_BYTES before the source is given up."""
WORTHWHILE_BYTES = 1 << 20
PAUSE_S = 0.5
"""Before the second try; each further one waits twice as long."""

_Broken = (OSError, http.client.HTTPException)


def fetch_address(url: str, into: PartialFile) -> Iterator[int]:
    """Append the rest of the file at `url`; yield the bytes that are there, after every block.

    :raises HostUnreachable: nothing arrived because no connection came about.
    :raises SourceFailed: refused, gone, of another size, or broken again and again.
    :raises DiskFull: no room.
    """
    if not is_address(url):
        raise SourceFailed("not an http or https address")
    started, breaks = into.done, 0
    while into.done < into.size:
        before, reason = into.done, "the connection ended early"
        try:
            yield from _fetch_rest(url, into)
        except urllib.error.HTTPError as error:
            reason = _judge(error, into)
        except urllib.error.URLError as error:
            reason = _in_words(error.reason)
            if into.done == started:
                raise HostUnreachable(reason) from None
        except _Broken as error:
            reason = _in_words(error)
        if into.done == into.size:
            return
        breaks = 0 if into.done - before >= WORTHWHILE_BYTES else breaks + 1
        if breaks >= MAX_BREAKS:
            raise SourceFailed(f"{reason}, {into.done} of {into.size} bytes arrived")
        time.sleep(PAUSE_S * 2 ** max(breaks - 1, 0))


def _fetch_rest(url: str, into: PartialFile) -> Iterator[int]:
    headers = {"User-Agent": "claude-narrator", "Accept-Encoding": "identity"}
    if into.done:
        headers["Range"] = f"bytes={into.done}-"
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
        _place(answer, into)
        while block := answer.read(CHUNK):
            into.write(block)
            yield into.done


def _place(answer: http.client.HTTPResponse, into: PartialFile) -> None:
    if answer.status == 206 and not _starts_at(answer, into.done):
        raise SourceFailed(f"answered with another range, {answer.headers.get('Content-Range')}")
    if answer.status == 200:
        into.rewind()
    if answer.length is not None and into.done + answer.length != into.size:
        raise SourceFailed(f"has {into.done + answer.length} bytes, not {into.size}")


def _starts_at(answer: http.client.HTTPResponse, offset: int) -> bool:
    return str(answer.headers.get("Content-Range", "")).startswith(f"bytes {offset}-")


def _judge(error: urllib.error.HTTPError, into: PartialFile) -> str:
    """Return the reason when a further try may help: too large an offset, a busy server."""
    reason = f"HTTP {error.code} {error.reason}"
    with error:
        if error.code == 416 and into.done:
            into.rewind()
        elif error.code not in (429, 500, 502, 503, 504):
            raise SourceFailed(reason) from None
    return reason


def _in_words(error: BaseException | str) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).rstrip(".")
