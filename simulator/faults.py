"""The fault plan: which of the next calls fail, how, and whether their work is done all the same.

The killers are the faults whose work *is* done: a message delivered although the answer says
error, a token pair rotated although the answer is lost.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

from fastapi import Response
from fastapi.responses import HTMLResponse, JSONResponse

from simulator.answers import DroppedResponse, ZaloResponse

Call = Literal[
    "any", "oauth", "message", "conversation", "listrecentchat", "getoa", "quota", "upload", "user",
    "tag",
]  # fmt: skip
Answer = Literal[
    "code", "http_500", "http_502", "html", "empty", "truncated", "timeout", "slow", "drop",
    "string_error", "no_refresh_token",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One line of the plan; used `times` times, then forgotten."""

    call: Call = "any"
    answer: Answer = "code"
    code: int = -200
    """For the answer `code`."""
    is_done: bool = False
    """True: the work is done first, only the answer is wrong."""
    times: int = 1
    skip: int = 0
    """Let so many matching calls pass untouched before."""
    delay_s: float = 15.0
    """Real seconds, for `timeout` (then nothing) and `slow` (then the true answer)."""
    user_id: str = ""
    """Only calls about this citizen; empty: all."""


def read_fault(value: Mapping[str, Any]) -> Fault:
    """A fault from control JSON: `{call, fault, answer?, code?, times?, …}`.

    `fault` is an answer, or `deliver_then_error` / `commit_then_drop`, which do the work first.
    Raises ValueError.
    """
    given = dict(value)
    kind = given.pop("fault", given.get("answer", "code"))
    if kind == "deliver_then_error":
        given = {"answer": "code", **given, "is_done": True}
    elif kind == "commit_then_drop":
        given = {**given, "answer": "drop", "is_done": True}
    else:
        given["answer"] = kind
    unknown = set(given) - {f.name for f in fields(Fault)}
    if unknown:
        raise ValueError(f"unknown key {sorted(unknown)[0]!r}")
    fault = Fault(**given)
    if fault.answer not in get_args(Answer):
        raise ValueError(f"fault must be one of {', '.join(get_args(Answer))}")
    if fault.call not in get_args(Call):
        raise ValueError(f"call must be one of {', '.join(get_args(Call))}")
    return fault


class FaultPlan:
    """Faults in order; the first that matches a call is used."""

    def __init__(self) -> None:
        self._plan: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._plan.append(fault)

    def clear(self) -> None:
        self._plan.clear()

    def show(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self._plan]

    def take(self, call: Call, user_id: str = "") -> Fault | None:
        """The fault for this call, counted as used; None: the call goes well."""
        for place, fault in enumerate(self._plan):
            if fault.call not in ("any", call) or (fault.user_id and fault.user_id != user_id):
                continue
            if fault.skip:
                self._plan[place] = replace(fault, skip=fault.skip - 1)
                return None
            if fault.times > 1:
                self._plan[place] = replace(fault, times=fault.times - 1)
            else:
                del self._plan[place]
            return fault
        return None


async def answer_with(
    fault: Fault | None,
    work: Callable[[], Response],
    error: Callable[[int], Response],
) -> Response:
    """The answer of `work`, or what the fault makes of it. `error` words a code for this API."""
    if fault is None:
        return work()
    done = work() if fault.is_done or fault.answer in ("slow", "string_error") else None
    match fault.answer:
        case "code":
            return error(fault.code)
        case "http_500":
            return JSONResponse({"message": "Internal Server Error"}, status_code=500)
        case "http_502":
            return HTMLResponse("<html><body>502 Bad Gateway</body></html>", status_code=502)
        case "html":
            return HTMLResponse("<html><body>Hệ thống đang bảo trì</body></html>")
        case "empty":
            return Response(b"", media_type="application/json")
        case "truncated":
            whole = (done or error(fault.code)).body
            return Response(bytes(whole)[: len(whole) // 2], media_type="application/json")
        case "slow":
            await asyncio.sleep(fault.delay_s)
            return done or work()
        case "timeout":
            await asyncio.sleep(fault.delay_s)
            return DroppedResponse()
        case "drop":
            return DroppedResponse()
        case "no_refresh_token":
            body = json.loads(bytes((done or work()).body))
            return ZaloResponse({k: v for k, v in body.items() if k != "refresh_token"})
        case "string_error":
            whole = (done or work()).body
            return Response(
                bytes(whole).replace(b'"error":0', b'"error":"0"'), media_type="application/json"
            )
