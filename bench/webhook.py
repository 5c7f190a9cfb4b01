"""How many signed Zalo events the webhook takes per second, next to a bare FastAPI endpoint.

`python -m bench.webhook`. Both are real uvicorn processes with the same options, pinned to one
core; the load generator and the private Redis are on the other. Rounds alternate, medians count.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import uvicorn
import uvloop
from fastapi import FastAPI
from redis.asyncio import Redis

from bench.http_load import Load, run_load
from bot.mailbox import Mailbox, RetryPolicy, connect
from bot.redis_server import RedisServer, start_redis
from bot.settings import read_settings
from webhook.__main__ import configure_log, make_config
from webhook.app import create_app

APP_ID = "4100000000000000011"
OA_ID = "3880000000000000022"
OA_SECRET = "oa-secret-invented-for-the-benchmark"
CITIZENS = 400
MAX_REQUESTS_PER_S = 16_000
AIM = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line asks for."""

    seconds: float
    rounds: int
    connections: int
    redis_core: str
    """"load": beside the load generator; "server": on the core of the webhook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A running server."""

    port: int
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round against one server."""

    load: Load
    server_us: float
    """Processor time of the server process per request, microseconds: hardly depends on what
    else runs on the machine, which requests per second do."""
    redis_us: float


def make_requests(number: int, name: str) -> list[bytes]:
    """Distinct signed user_send_text events as whole HTTP requests."""
    return [_make_request(i, name) for i in range(number)]


def _make_request(i: int, name: str) -> bytes:
    timestamp = str(1789000000000 + i)
    body = json.dumps(
        {
            "app_id": APP_ID,
            "sender": {"id": str(2460000000000000000 + i % CITIZENS)},
            "user_id_by_app": str(5520000000000000000 + i % CITIZENS),
            "recipient": {"id": OA_ID},
            "event_name": "user_send_text",
            "message": {"text": "Làm giấy khai sinh cần giấy tờ gì ạ?", "msg_id": f"{name}{i:019}"},
            "timestamp": timestamp,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()
    mac = hashlib.sha256(APP_ID.encode() + body + (timestamp + OA_SECRET).encode()).hexdigest()
    head = (
        "POST /webhook/zalo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"X-ZEvent-Signature: mac={mac}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def make_bare_app() -> FastAPI:
    """What FastAPI does when there is nothing to do."""
    app = FastAPI()

    @app.post("/webhook/zalo")
    async def answer():  # type: ignore[no-untyped-def]
        return "ok"

    return app


def serve(kind: str, redis_url: str, var_dir: str, listener: int) -> None:
    """Body of a server process: "webhook" or "bare", on an inherited listening socket."""
    configure_log()
    settings = replace(
        read_settings({"VAR_DIR": var_dir}),
        redis_url=redis_url,
        zalo_app_id=APP_ID,
        zalo_oa_secret=OA_SECRET,
        zalo_app_secret="another-secret",
    )
    app = create_app(settings, known_oas={OA_ID}) if kind == "webhook" else make_bare_app()
    uvicorn.Server(make_config(app, settings)).run(sockets=[socket.socket(fileno=listener)])


@contextmanager
def run_server(kind: str, redis_url: str, core: int, folder: Path) -> Iterator[Target]:
    """A server process pinned to `core`."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1024)
        arguments = ["--serve", kind, redis_url, str(folder), str(listener.fileno())]
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.webhook", *arguments], pass_fds=[listener.fileno()]
        )
        port: int = listener.getsockname()[1]
    os.sched_setaffinity(process.pid, {core})
    try:
        yield Target(port=port, pid=process.pid)
    finally:
        process.terminate()
        process.wait(20)


def read_cpu_s(pid: int) -> float:
    """Processor time that a process has used, user and system, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(
    options: Options, redis: Redis, redis_pid: int, targets: dict[str, Target]
) -> dict[str, list[Round]]:
    """Rounds of the servers in turn, after a warm-up; checks that every event was stored."""
    policy = RetryPolicy(max_attempts=1, first_wait_s=0, factor=1, max_wait_s=0)
    inbox = Mailbox(redis, "inbox", retry=policy)
    rounds: dict[str, list[Round]] = {kind: [] for kind in targets}
    for number in range(-1, options.rounds):
        seconds = options.seconds if number >= 0 else 1.0
        for kind, target in targets.items():
            await redis.flushall()
            requests = make_requests(int(seconds * MAX_REQUESTS_PER_S), f"{number}-")
            before = read_cpu_s(target.pid), read_cpu_s(redis_pid)
            load = await run_load(
                target.port, requests, connections=options.connections, seconds=seconds
            )
            after = read_cpu_s(target.pid), read_cpu_s(redis_pid)
            stored = (await inbox.stats()).waiting
            if load.errors or (kind == "webhook" and stored != load.requests):
                raise SystemExit(f"{kind}: {load.errors} errors, {stored}/{load.requests} stored")
            if number >= 0:
                server_us, redis_us = (
                    (b - a) / load.requests * 1e6 for a, b in zip(before, after, strict=True)
                )
                rounds[kind].append(Round(load=load, server_us=server_us, redis_us=redis_us))
    return rounds


def summarise(rounds: dict[str, list[Round]]) -> dict[str, float]:
    """Medians over the rounds, and the ratios of the medians, webhook : bare.

    `ratio` compares requests per second. `ratio_cpu` compares the server's processor time for one
    request; it hardly moves when other programs disturb the run, but leaves Redis out.
    """
    result: dict[str, float] = {}
    for kind, each in rounds.items():
        figures = {
            "requests_per_s": [r.load.requests_per_s for r in each],
            "p50_ms": [r.load.percentile_ms(0.5) for r in each],
            "p99_ms": [r.load.percentile_ms(0.99) for r in each],
            "generator_busy": [r.load.busy for r in each],
            "server_us": [r.server_us for r in each],
            "redis_us": [r.redis_us for r in each],
        }
        for name, values in figures.items():
            result[f"{kind}_{name}"] = round(statistics.median(values), 2)
    result["ratio"] = round(result["webhook_requests_per_s"] / result["bare_requests_per_s"], 3)
    result["ratio_cpu"] = round(result["bare_server_us"] / result["webhook_server_us"], 3)
    return result


def run(options: Options) -> dict[str, float]:
    """Start everything, measure, stop everything."""
    cores = sorted(os.sched_getaffinity(0))
    server_core, load_core = cores[0], cores[-1]
    os.sched_setaffinity(0, {load_core})
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        server = start_redis(folder / "redis")
        if options.redis_core == "server":
            os.sched_setaffinity(server.process.pid, {server_core})
        try:
            with (
                run_server("webhook", server.url, server_core, folder) as webhook,
                run_server("bare", server.url, server_core, folder) as bare,
            ):
                targets = {"bare": bare, "webhook": webhook}
                return summarise(uvloop.run(_measure_with(options, server, targets)))
        finally:
            server.stop()


async def _measure_with(
    options: Options, server: RedisServer, targets: dict[str, Target]
) -> dict[str, list[Round]]:
    redis = connect(server.url)
    try:
        return await measure(options, redis, server.process.pid, targets)
    finally:
        await redis.aclose()


def print_table(result: dict[str, float]) -> None:
    """The result for people."""
    print(f"{'':10}{'requests/s':>12}{'p50 ms':>10}{'p99 ms':>10}{'CPU µs/request':>16}")
    for kind in ("bare", "webhook"):
        print(
            f"{kind:10}{result[f'{kind}_requests_per_s']:>12,.0f}"
            f"{result[f'{kind}_p50_ms']:>10.2f}{result[f'{kind}_p99_ms']:>10.2f}"
            f"{result[f'{kind}_server_us']:>16.0f}"
        )
    print(f"Redis: {result['webhook_redis_us']:.0f} µs CPU for each event")
    verdict = "reached" if result["ratio"] >= AIM else "missed"
    print(f"webhook : bare FastAPI = {result['ratio']:.0%} (aim {AIM:.0%}: {verdict})")
    print(f"by processor time of the server alone: {result['ratio_cpu']:.0%}")


def main() -> None:
    """Command line."""
    if sys.argv[1:2] == ["--serve"]:
        serve(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]))
        return
    parser = argparse.ArgumentParser(prog="bench.webhook", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--seconds", type=float, default=3.0, help="length of one round")
    parser.add_argument("--rounds", type=int, default=7, help="rounds of each server")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--redis-core", choices=["load", "server"], default="load")
    arguments = parser.parse_args()
    result = run(
        Options(
            seconds=arguments.seconds,
            rounds=arguments.rounds,
            connections=arguments.connections,
            redis_core=arguments.redis_core,
        )
    )
    if arguments.json:
        print(json.dumps(result))
    else:
        print_table(result)


if __name__ == "__main__":
    main()
