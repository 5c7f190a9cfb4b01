"""Answers on the wire: Zalo's JSON with its content type, its error bodies, a cut connection."""

from __future__ import annotations

from fastapi import Response
from fastapi.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from simulator.sending import JsonObject, Refusal


class ZaloResponse(JSONResponse):
    """JSON as Zalo labels it."""

    media_type = "application/json;charset=utf-8"


class DroppedResponse(Response):
    """Begins an answer and never ends it: the server then closes the connection.

    Only a real socket shows this; an in-memory client stops with an AssertionError.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"200")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


def error_body(refusal: Refusal) -> JsonObject:
    """What an error of the OA API looks like on the wire."""
    return {"error": refusal.code, "message": refusal.text}
