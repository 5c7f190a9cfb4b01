"""What each long-running process is made of: opens the outside systems and runs until stopped.

The only place where clients, store and loops are put together; everything gets its parts from here.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime

import httpx
import structlog
import uvicorn

from bot.content import ContentFolder
from bot.errors import SettingsError
from bot.loops import IDLE_MS, serve
from bot.mailbox import Mailbox, Stats, connect
from bot.nlu_client import NluClient
from bot.offices import LOCAL_TIME
from bot.publish import keep_published, pages_folder
from bot.sender import OUTBOX_RETRY, Sender
from bot.settings import Settings
from bot.store import Store
from bot.tokens import TokenKeeper
from bot.worker import INBOX_RETRY, Worker
from bot.zalo_client import ZaloClient


def today() -> date:
    """The date in Viet Nam."""
    return datetime.now(LOCAL_TIME).date()


def open_content(settings: Settings) -> ContentFolder:
    """The content folder. Raises SettingsError when there is none."""
    if not settings.content_dir.is_dir():
        raise SettingsError(f"{settings.content_dir} does not exist; set CONTENT_DIR")
    return ContentFolder(settings.content_dir, today=today)


def secret_key(settings: Settings) -> bytes:
    """The installation's key; made and kept under VAR_DIR at the first start."""
    if settings.secret_key:
        return settings.secret_key.encode()
    path = settings.var_dir / "secret_key"
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii").strip().encode()


def open_store(settings: Settings) -> Store:
    """The database of this installation."""
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    return Store.open(settings.database, key=secret_key(settings))


@asynccontextmanager
async def open_nlu(settings: Settings) -> AsyncIterator[NluClient]:
    """A client of the Rasa server in force."""
    async with httpx.AsyncClient(base_url=settings.nlu, timeout=settings.nlu_timeout_s) as http:
        yield NluClient(http)


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set, so that work in hand is finished first."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    return stop


async def run_worker(settings: Settings) -> None:
    """Worker and sender loops in one process, until a signal."""
    stop = stop_on_signals()
    key, store, folder = secret_key(settings), open_store(settings), open_content(settings)
    folder.current()
    redis = connect(settings.redis, max_connections=settings.worker_tasks * 4 + 8)
    inbox = Mailbox(redis, "inbox", retry=INBOX_RETRY, idle_ms=IDLE_MS)
    outbox = Mailbox(redis, "outbox", retry=OUTBOX_RETRY, idle_ms=IDLE_MS)
    oauth = httpx.Client(base_url=settings.zalo_oauth_url, timeout=settings.zalo_timeout_s)
    api = httpx.AsyncClient(base_url=settings.zalo_api_url, timeout=settings.zalo_timeout_s)
    tokens = TokenKeeper(store, oauth, settings, lambda: datetime.now(UTC))
    sender = Sender(
        outbox=outbox, zalo=ZaloClient(api), tokens=tokens, store=store, settings=settings, key=key
    )
    async with open_nlu(settings) as nlu, api:
        worker = Worker(
            inbox=inbox, outbox=outbox, redis=redis, nlu=nlu, folder=folder, store=store, key=key
        )
        structlog.get_logger().info("worker.started", tasks=settings.worker_tasks)
        _mark_started(settings)
        tasks = settings.worker_tasks
        async with asyncio.TaskGroup() as group:
            pages = pages_folder(settings)
            group.create_task(
                keep_published(folder, settings.content_dir, pages, stop, today=today)
            )
            group.create_task(serve(inbox, worker.handle, worker.give_up, tasks=tasks, stop=stop))
            group.create_task(serve(outbox, sender.handle, sender.give_up, tasks=tasks, stop=stop))
    oauth.close()
    await redis.aclose()
    store.close()


def _mark_started(settings: Settings) -> None:
    """Tells the supervisor, which has no port to ask, that the worker is at work."""
    mark = settings.var_dir / "run" / "worker.pid"
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(f"{os.getpid()}\n", encoding="ascii")


def run_admin(settings: Settings) -> None:
    """The officers' pages, until a signal."""
    # Not at the top: the worker has no need of the web framework.
    from bot.admin.app import create_app

    folder = open_content(settings)
    redis = connect(settings.redis)
    inbox = Mailbox(redis, "inbox", retry=INBOX_RETRY, idle_ms=IDLE_MS)
    outbox = Mailbox(redis, "outbox", retry=OUTBOX_RETRY, idle_ms=IDLE_MS)

    async def stats() -> dict[str, Stats]:
        return {"inbox": await inbox.stats(), "outbox": await outbox.stats()}

    app = create_app(
        settings,
        open_store(settings),
        lambda: folder.current().guides,
        offices=lambda: tuple(folder.current().offices.values()),
        problems=lambda: folder.current().problems,
        stats=stats,
    )
    uvicorn.run(app, host=settings.host, port=settings.admin_port, log_level="warning")
