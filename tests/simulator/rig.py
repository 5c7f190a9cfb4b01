"""The simulator as tests see it: a client for both of its sides, and the webhook it posts to."""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from simulator.settings import Settings

CITIZEN = "2460000000000000033"


@dataclass(kw_only=True)
class Hook:
    """The webhook that listens to the simulator; answers `status`, or raises `fault`."""

    requests: list[httpx.Request] = field(default_factory=list)
    status: int = 200
    fault: Exception | None = None
    delay_s: float = 0.0

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if self.fault is not None:
            raise self.fault
        return httpx.Response(self.status)

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(request.content) for request in self.requests]


@dataclass(kw_only=True)
class Rig:
    """One simulator, a client for it, and the webhook it posts to."""

    client: httpx.AsyncClient
    hook: Hook
    app: FastAPI
    settings: Settings

    async def post(self, path: str, **body: Any) -> Any:
        answer = await self.client.post(f"/__fake{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def state(self) -> Any:
        return (await self.client.get("/__fake/state")).json()

    async def settle(self) -> None:
        assert (await self.post("/settle"))["is_settled"]

    async def citizen_says(self, text: str, citizen: str = CITIZEN) -> str:
        sent = await self.post(f"/users/{citizen}/send", text=text)
        return str(sent["message_id"])

    async def token(self) -> str:
        return str((await self.client.get("/__fake/tokens")).json()["access_token"])

    async def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"access_token": await self.token(), **options.pop("headers", {})}
        return await self.client.request(method, path, headers=headers, **options)

    async def oa_sends(self, message: Any, *, path: str = "/v3.0/oa/message/cs", to: str = CITIZEN):
        body = {"recipient": {"user_id": to}, "message": message}
        return (await self.call("POST", path, json=body)).json()


class ServerThread:
    """A FastAPI app on a free port of this machine."""

    def __init__(self, app: FastAPI) -> None:
        config = uvicorn.Config(
            app, port=0, loop="asyncio", log_level="error", ws="none", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.run)

    def start(self) -> str:
        """The address, once it answers."""
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.01)
            assert self._thread.is_alive()
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()
