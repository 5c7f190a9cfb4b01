"""`run`: starts every process of the bot on one machine, watches them, and ends them together.

Each child has its own process group (so Ctrl-C reaches only this process, which then ends the
others in order), ends when this process dies, logs to `VAR_DIR/log/` and is started again when it
ends by itself.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import httpx

from bot.admin.auth import make_setup_link
from bot.errors import SettingsError
from bot.processes import open_content, open_store, secret_key
from bot.redis_server import RedisServer, end_with_parent, start_redis
from bot.settings import Settings

_RESTART_WAITS_S = (1, 2, 5, 10, 30)
_START_TIMEOUT_S = 120.0
_STOP_TIMEOUT_S = 12.0


@dataclass(slots=True)
class _Child:
    """One process: how to start it and how to see that it works."""

    name: str
    command: Sequence[str]
    is_ready: Callable[[], bool]
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    start_again_at: float = field(default=0.0)


def say(line: str) -> None:
    """One line of progress for the person who started this."""
    print(line, flush=True)


@contextmanager
def progress(text: str) -> Iterator[None]:
    """Says what takes time, and how long it took."""
    started = time.monotonic()
    print(f"{text} … ", end="", flush=True)
    yield
    print(f"{time.monotonic() - started:.1f} s", flush=True)


def train_model(settings: Settings) -> None:
    """Trains the model if content or NLU files have changed; its own progress goes to stderr.

    Raises SettingsError if there is no NLU environment or training fails.
    """
    command = [
        str(_nlu_python(settings)), "-m", "nlu.train", "--content", str(settings.content_dir),
        "--out", str(settings.var_dir / "models"), "--work", str(settings.var_dir / "nlu"),
    ]  # fmt: skip
    result = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    if result.returncode != 0:
        raise SettingsError("The model could not be trained: see the lines above")


def _nlu_python(settings: Settings) -> Path:
    """Python of the NLU environment. Raises SettingsError when it was never set up."""
    if not settings.nlu_python.exists():
        raise SettingsError(f"{settings.nlu_python} does not exist; `./dev run` sets it up")
    return settings.nlu_python.absolute()


def nlu_command(settings: Settings, port: int) -> list[str]:
    """Command that serves the current model on `port`."""
    models = str(settings.var_dir / "models")
    return [str(_nlu_python(settings)), "-m", "nlu.serve", "--models", models, "--port", str(port)]


def nlu_answers(url: str) -> bool:
    """True if Rasa at `url` classifies."""
    try:
        answer = httpx.post(f"{url}/model/parse", json={"text": "xin chào"}, timeout=3)
    except httpx.HTTPError:
        return False
    return answer.status_code == 200


def run(settings: Settings) -> None:
    """Everything, until SIGINT or SIGTERM. Raises SettingsError when it cannot start."""
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    _check_ports(settings)
    secret_key(settings)
    if not settings.nlu_url:
        train_model(settings)
    redis: RedisServer | None = None
    environment = dict(os.environ)
    if not settings.redis_url:
        with progress("Redis"):
            redis = start_redis(settings.var_dir / "redis")
        environment["REDIS_URL"] = redis.url
    if settings.is_simulated:
        environment |= _simulated(settings)
    if not settings.known_oas:
        offices = open_content(settings).current().offices.values()
        environment["ZALO_OA_IDS"] = " ".join(sorted(o.oa_id for o in offices))
    children = _children(settings)
    try:
        with _ending_on_signals():
            for child in children:
                if child.name == "worker" and settings.is_simulated:
                    # It needs the tokens that only the simulator has.
                    environment |= _first_pair(settings)
                _start(child, settings, environment)
                if child.name == "simulator":
                    _wait_until_ready(child, settings)
            for child in children:
                if child.name != "simulator":
                    _wait_until_ready(child, settings)
            _say_addresses(settings)
            while True:
                time.sleep(0.5)
                if redis is not None and redis.process.poll() is not None:
                    say("Redis ended; starting it again")
                    redis = start_redis(settings.var_dir / "redis")
                _look_after(children, settings, environment)
    except KeyboardInterrupt:
        say("\nEnding …")
    finally:
        for child in reversed(children):
            _stop(child)
        if redis is not None:
            redis.stop()


def _simulated(settings: Settings) -> dict[str, str]:
    address = f"http://127.0.0.1:{settings.simulator_port}"
    # The simulator's own defaults: they open nothing but the simulator.
    return {
        "ZALO_APP_ID": settings.zalo_app_id or "4100000000000000011",
        "ZALO_APP_SECRET": settings.zalo_app_secret or "simulated-app-secret",
        "ZALO_OA_SECRET": settings.zalo_oa_secret or "simulated-oa-secret",
        "ZALO_OAUTH_URL": address,
        "ZALO_API_URL": address,
    }


def _first_pair(settings: Settings) -> dict[str, str]:
    """The pair that a person would copy from Zalo's API Explorer."""
    answer = httpx.get(f"http://127.0.0.1:{settings.simulator_port}/__fake/tokens", timeout=5)
    pair = answer.raise_for_status().json()
    return {
        "ZALO_ACCESS_TOKEN": pair["access_token"],
        "ZALO_REFRESH_TOKEN": pair["refresh_token"],
    }


def _children(settings: Settings) -> list[_Child]:
    """In the order in which they are started."""
    python = sys.executable

    def answers(port: int) -> Callable[[], bool]:
        return lambda: _answers(f"http://127.0.0.1:{port}/healthz")

    children = [
        _Child("webhook", [python, "-m", "webhook"], answers(settings.webhook_port)),
        _Child("admin", [python, "-m", "bot", "admin"], answers(settings.admin_port)),
    ]
    if not settings.nlu_url:
        # First, because Rasa takes longest to start.
        command = nlu_command(settings, settings.nlu_port)
        children.insert(0, _Child("nlu", command, lambda: nlu_answers(settings.nlu)))
    if settings.is_simulated:
        command = [
            python, "-m", "simulator", "--port", str(settings.simulator_port),
            "--state-dir", str(settings.var_dir / "simulator"),
            "--webhook-url", f"http://127.0.0.1:{settings.webhook_port}/webhook/zalo",
        ]  # fmt: skip
        children.append(_Child("simulator", command, answers(settings.simulator_port)))
    mark = _worker_mark(settings)
    worker = _Child("worker", [python, "-m", "bot", "worker"], lambda: False)
    worker.is_ready = lambda: _is_marked(mark, worker)
    children.append(worker)
    return children


def _worker_mark(settings: Settings) -> Path:
    return settings.var_dir / "run" / "worker.pid"


def _is_marked(mark: Path, child: _Child) -> bool:
    pid = child.process.pid if child.process else None
    return mark.exists() and mark.read_text(encoding="ascii").strip() == str(pid)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def _check_ports(settings: Settings) -> None:
    ports = {"WEBHOOK_PORT": settings.webhook_port, "ADMIN_PORT": settings.admin_port}
    if not settings.nlu_url:
        ports["NLU_PORT"] = settings.nlu_port
    if settings.is_simulated:
        ports["SIMULATOR_PORT"] = settings.simulator_port
    for variable, port in ports.items():
        with socket.socket() as probe:
            # As servers do: a port that is only in TIME_WAIT after the last run is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.host, port))
            except OSError as exc:
                raise SettingsError(
                    f"Port {port} is taken by another program; stop it, or set {variable}"
                ) from exc


def _start(child: _Child, settings: Settings, environment: Mapping[str, str]) -> None:
    with _log_path(child, settings).open("ab") as log:
        child.process = subprocess.Popen(
            child.command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=end_with_parent(os.getpid()),
        )


def _log_path(child: _Child, settings: Settings) -> Path:
    folder = settings.var_dir / "log"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{child.name}.log"


def _wait_until_ready(child: _Child, settings: Settings) -> None:
    with progress(child.name):
        _wait(child, settings)


def _wait(child: _Child, settings: Settings) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    log = _log_path(child, settings)
    while not child.is_ready():
        if child.process is not None and child.process.poll() is not None:
            last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
            reason = last[0] if last else "no reason given"
            raise SettingsError(f"{child.name} ended at once: {reason} (see {log})")
        if time.monotonic() > deadline:
            raise SettingsError(
                f"{child.name} did not answer in {_START_TIMEOUT_S:.0f} s: see {log}"
            )
        time.sleep(0.1)


def _say_addresses(settings: Settings) -> None:
    host = "127.0.0.1" if settings.host == "0.0.0.0" else settings.host
    admin = f"http://{host}:{settings.admin_port}"
    say("")
    if settings.is_simulated:
        say(f"Chat as a citizen:  http://127.0.0.1:{settings.simulator_port}/")
    say(f"Officers' pages:    {admin}/")
    store = open_store(settings)
    link = make_setup_link(store, admin, datetime.now(UTC))
    store.close()
    if link is not None:
        say(f"First admin (once): {link}")
    say(f"Webhook:            http://{host}:{settings.webhook_port}/webhook/zalo")
    say(f"Logs:               {settings.var_dir / 'log'}/")
    say("Ctrl-C ends everything.")


def _look_after(
    children: Sequence[_Child], settings: Settings, environment: Mapping[str, str]
) -> None:
    """Starts again what has ended by itself, the more slowly the more often it ends."""
    now = time.monotonic()
    for child in children:
        if child.process is not None and child.process.poll() is not None:
            wait_s = _RESTART_WAITS_S[min(child.restarts, len(_RESTART_WAITS_S) - 1)]
            say(f"{child.name} ended (code {child.process.returncode}); again in {wait_s} s")
            child.process, child.start_again_at = None, now + wait_s
            child.restarts += 1
        elif child.process is None and now >= child.start_again_at:
            _start(child, settings, environment)


def _stop(child: _Child) -> None:
    if child.process is None or child.process.poll() is not None:
        return
    child.process.terminate()
    try:
        child.process.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        child.process.kill()
        child.process.wait()


@contextmanager
def _ending_on_signals() -> Iterator[None]:
    def end(_number: int, _frame: FrameType | None) -> None:
        # Once only: a second Ctrl-C must not break off the orderly end.
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, signal.SIG_IGN)
        raise KeyboardInterrupt

    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, end)
    yield
