"""A tiny bot on the other side of the wire: answers each text, as simply as can be."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI, Request, Response

LONG_REPLY = """Cài ứng dụng VNeID (1/2)

Bước 1. Mở kho ứng dụng
- Bấm vào biểu tượng “CH Play” (hình tam giác nhiều màu).
- Bấm vào ô tìm kiếm ở phía trên.

Bước 2. Tìm VNeID
- Gõ chữ vneid rồi bấm hình kính lúp.
- Chọn ứng dụng của Bộ Công an. Không chọn ứng dụng khác.

Bước 3. Cài đặt
- Bấm “Cài đặt” rồi chờ đến khi hiện chữ “Mở”.
- Không mất tiền.

Cần giúp: gọi 1900.0368 hoặc 0912 345 678. Xem thêm tại dichvucong.gov.vn hoặc
https://vneid.gov.vn/huong-dan?a=1&b=2.
Số căn cước 012345678901 không phải số điện thoại. Khẩn cấp gọi 113.
<b>không phải thẻ</b> <img src=x onerror=alert(1)>"""

BUTTONS = [
    {"title": "Máy Samsung, OPPO, Xiaomi…", "type": "oa.query.show", "payload": "máy android"},
    {"title": "Máy iPhone", "type": "oa.query.hide", "payload": "g:vneid_cai/iphone"},
    {"title": "Mở Cổng dịch vụ công", "type": "oa.open.url",
     "payload": {"url": "https://dichvucong.example/"}},
    {"title": "Gọi bộ phận một cửa", "type": "oa.open.phone",
     "payload": {"phone_code": "84000000004"}},
]  # fmt: skip


class EchoBot:
    """Notes what it hears; `is_down` makes the webhook answer 503."""

    def __init__(self) -> None:
        self.simulator_url = ""
        self.heard: list[dict[str, Any]] = []
        self.is_down = False
        self._http: httpx.AsyncClient
        self._tasks: set[asyncio.Task[None]] = set()

    async def _answer(self, citizen_id: str, text: str) -> None:
        tokens_url = f"{self.simulator_url}/__fake/tokens"
        token = (await self._http.get(tokens_url)).json()["access_token"]
        message: dict[str, Any] = {"text": f"Bạn vừa viết: {text}"}
        if "VNeID" in text:
            message = {"text": LONG_REPLY}
            template = {"type": "template", "payload": {"buttons": BUTTONS}}
            message["attachment"] = template
        await self._http.post(
            f"{self.simulator_url}/v3.0/oa/message/cs",
            headers={"access_token": token},
            json={"recipient": {"user_id": citizen_id}, "message": message},
        )

    def app(self) -> FastAPI:
        """The webhook at `/hook`."""

        @asynccontextmanager
        async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
            async with httpx.AsyncClient(trust_env=False) as self._http:
                yield

        app = FastAPI(lifespan=lifespan)

        @app.post("/hook")
        async def hook(request: Request) -> Response:
            if self.is_down:
                return Response(status_code=503)
            event = json.loads(await request.body())
            self.heard.append(event)
            if event.get("event_name") == "user_send_text":
                work = self._answer(event["sender"]["id"], event["message"]["text"])
                task = asyncio.create_task(work)
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            return Response(status_code=200)

        return app
