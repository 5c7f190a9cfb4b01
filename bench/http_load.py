"""A small HTTP/1.1 load generator: keep-alive connections, one request at a time on each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one run of the generator saw."""

    requests: int
    errors: int
    """Answers other than 200, and connections that broke."""
    seconds: float
    busy: float
    """Share of the time (0..1) for which the generator itself computed; near 1 it is the limit."""
    latencies_ms: list[float]
    """Sorted."""

    @property
    def requests_per_s(self) -> float:
        return self.requests / self.seconds

    def percentile_ms(self, share: float) -> float:
        """Latency that `share` (0..1) of the requests did not exceed."""
        return self.latencies_ms[
            min(len(self.latencies_ms) - 1, int(len(self.latencies_ms) * share))
        ]


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], latencies: list[float]) -> None:
        self._requests = requests
        self._latencies = latencies
        self._buffer = b""
        self._sent_at = 0.0
        self.errors = 0
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def send_next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, blank, body = self._buffer.partition(b"\r\n\r\n")
        if not blank or len(body) < _read_length(head):
            return
        self._latencies.append(time.perf_counter() - self._sent_at)
        self.errors += not head.startswith(b"HTTP/1.1 200 ")
        self._buffer = b""
        self.send_next()

    def connection_lost(self, exc: Exception | None) -> None:
        self.errors += exc is not None
        if not self.ended.done():
            self.ended.set_result(None)


def _read_length(head: bytes) -> int:
    start = head.lower().index(b"content-length:") + 15
    return int(head[start:].split(b"\r", 1)[0])


async def run_load(port: int, requests: list[bytes], *, connections: int, seconds: float) -> Load:
    """Send `requests` to 127.0.0.1 for at most `seconds`, each request once."""
    loop = asyncio.get_running_loop()
    latencies: list[float] = []
    end = float("inf")

    def next_request() -> Iterator[bytes]:
        for request in requests:
            if time.perf_counter() >= end:
                return
            yield request

    source = next_request()
    opened = [
        (await loop.create_connection(lambda: _Connection(source, latencies), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    start, start_cpu = time.perf_counter(), time.process_time()
    end = start + seconds
    for connection in opened:
        connection.send_next()
    await asyncio.gather(*(connection.ended for connection in opened))
    took = time.perf_counter() - start
    return Load(
        requests=len(latencies),
        errors=sum(connection.errors for connection in opened),
        seconds=took,
        busy=(time.process_time() - start_cpu) / took,
        latencies_ms=sorted(latency * 1000 for latency in latencies),
    )
