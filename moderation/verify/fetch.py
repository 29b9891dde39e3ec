"""Reading over HTTP: bounded in time and size, and never led to another host.

Whoever has another way to the same bytes (a mirror on disk, a test) passes a :data:`Fetch` of his
own.
"""

from __future__ import annotations

import http.client
import io
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition
from typing import IO, Any, Final, TypeVar
from urllib.parse import urlsplit

from .findings import CannotCheck

T = TypeVar("T")
R = TypeVar("R")

#: Seconds that a server may be silent, and how often a passing failure is tried again.
TIMEOUT: Final = 30.0
TRIES: Final = 3

#: Bytes of an answer that are read before it is its turn. Entries are a few hundred bytes each.
FREE: Final = 1_000_000

#: Seconds that we wait for an answer altogether, however long it is, and the bytes for which there
#: is one second more: who sends a byte at a time, never silent for long, would hold us for ever.
PATIENCE: Final = 120.0
SLOWEST: Final = 5_000

_BUFFER: Final = 65_536
_USER_AGENT: Final = "insurance-reviews-verify/1"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered: the status, and the body as a stream that the reader closes."""

    status: int
    body: IO[bytes]

    @classmethod
    def of(cls, data: bytes, status: int = 200) -> Answer:
        """An answer that is in memory already."""
        return cls(status, io.BytesIO(data))


#: Gives the answer for an absolute URL. Raises :class:`CannotCheck` when there is none.
Fetch = Callable[[str], Answer]


class _SameHost(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: Any
    ) -> Any:
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if (old.hostname, old.port) != (new.hostname, new.port) or (
            old.scheme == "https" and new.scheme != "https"
        ):
            fp.close()
            raise CannotCheck(f"{req.full_url} leads to another host, {newurl}", "redirect")
        fp.read = bytes  # Its body says nothing, and would be read however long it is.
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    """HTTP and HTTPS only: a redirect to a file must find nobody who opens it."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _SameHost(),
    ):
        opener.add_handler(handler)
    return opener


_OPENER: Final = _opener()


def fetch_http(url: str) -> Answer:
    """GET ``url``. Statuses are the caller's to judge; raises :class:`CannotCheck` without one."""
    request = urllib.request.Request(url, headers={"User-Agent": _USER_AGENT})
    for attempt in range(1, TRIES + 1):
        try:
            answer = _OPENER.open(request, timeout=TIMEOUT)
            return Answer(answer.status, answer)
        except urllib.error.HTTPError as error:
            return Answer(error.code, error)
        except ValueError as error:
            raise CannotCheck(f"{url}: {error}", "address") from error
        except (OSError, http.client.HTTPException) as error:
            if attempt == TRIES:
                reason = getattr(error, "reason", None) or error
                raise CannotCheck(f"{url}: {reason}") from error
            time.sleep(0.2 * attempt)
    raise AssertionError("the last attempt returns or raises")


class Turn:
    """Lets answers that are fetched ahead be read to their end one after the other, so that large
    ones do not pile up in memory."""

    def __init__(self) -> None:
        self._change = Condition()
        self._now: float = -1

    def come(self, number: float) -> None:
        """It is the turn of ``number``, and of all before it."""
        with self._change:
            self._now = number
            self._change.notify_all()

    def wait(self, number: int) -> None:
        with self._change:
            self._change.wait_for(lambda: self._now >= number)


def read(
    answer: Answer, url: str, limit: int, wait: Callable[[], None] = lambda: None
) -> bytes | None:
    """The body of a 200, up to one byte more than ``limit``; ``None`` when there is no such thing
    (404, 410). ``wait`` is called before more than :data:`FREE` bytes are read. Raises
    :class:`CannotCheck` for any other status and for a broken connection."""
    with answer.body as body:
        if answer.status in (404, 410):
            return None
        check_status(answer, url)
        steady = _Steady(body, url)
        with _reading(url):
            data = b"".join(steady.pieces(min(FREE, limit + 1)))
            if len(data) == FREE <= limit:
                wait()
                rest = io.BufferedReader(steady, _BUFFER).read(limit + 1 - FREE)
                data = b"".join((data, rest))
                del rest
            return data


def read_lines(answer: Answer, url: str, limit: int) -> Iterator[bytes]:
    """The lines of a 200, each with its newline; one longer than ``limit`` bytes comes in parts."""
    with answer.body as body:
        check_status(answer, url)
        steady = io.BufferedReader(_Steady(body, url), _BUFFER)
        while True:
            with _reading(url):
                if not (line := steady.readline(limit)):
                    return
            yield line


def check_status(answer: Answer, url: str) -> None:
    """Raise :class:`CannotCheck` unless the status is 200."""
    if answer.status != 200:
        raise CannotCheck(f"{url} answered with HTTP status {answer.status}", "http-status")


@contextmanager
def _reading(url: str) -> Iterator[None]:
    try:
        yield
    except (OSError, http.client.HTTPException) as error:
        raise CannotCheck(f"{url}: {str(error) or type(error).__name__}") from error


class _Steady(io.RawIOBase):
    """A body that comes to its end, and in time. Only the waiting for it is counted: it may have to
    wait for us, too."""

    def __init__(self, body: IO[bytes], url: str) -> None:
        self._read: Callable[[int], bytes] = getattr(body, "read1", body.read)
        #: ``HTTPResponse`` does not say so when it ends before its Content-Length.
        self._length: int | None = getattr(body, "length", None)
        self._url = url
        self._got = 0
        self._waited = 0.0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        wanted = len(buffer)
        if self._length is not None:
            wanted = min(wanted, self._length - self._got)
        if not wanted:
            return 0
        asked = time.monotonic()
        data = self._read(wanted)
        self._waited += time.monotonic() - asked
        self._got += len(data)
        if self._waited > PATIENCE + self._got / SLOWEST:
            raise CannotCheck(f"{self._url} answers a few bytes at a time", "too-slow")
        if not data and self._length is not None:
            missing = self._length - self._got
            raise ConnectionError(f"the connection broke {missing} bytes before the end")
        buffer[: len(data)] = data
        return len(data)

    def pieces(self, most: int) -> Iterator[bytes]:
        """The next ``most`` bytes, and none beyond."""
        while most and (piece := self.read(min(most, _BUFFER))):
            most -= len(piece)
            yield piece


def ahead(
    work: Callable[[T], R], items: Iterable[T], workers: int, stop: Callable[[], None]
) -> Iterator[R]:
    """``map(work, items)``, the next few under way already; the order stays, memory is bounded.
    ``stop`` lets those end that wait, when nobody wants any more."""
    if workers <= 1:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[R]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
            stop()
