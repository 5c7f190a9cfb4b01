"""Asks Rasa what an utterance wants: `POST /model/parse` → Classification.

Rasa's own FallbackClassifier reports its threshold as confidence, so it is not in the pipeline:
deciding is left to `answer`.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence

import httpx

from bot.errors import NluBadResponse, NluUnavailable
from bot.talk import Classification

_HAMLET = "hamlet"
_MAX_CHARS = 2_000
"""Longest utterance sent; Zalo lets no longer one through."""


class NluClient:
    """One Rasa server. `http` has its base address and timeout set."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def parse(self, text: str) -> Classification:
        """The classification of `text`, which must already be redacted.

        Raises NluUnavailable (no connection, timeout, 5xx, no model: one retry was made) or
        NluBadResponse (an answer that is no classification).
        """
        try:
            return await self._ask(text)
        except NluUnavailable:
            return await self._ask(text)

    async def parse_all(self, texts: Sequence[str]) -> list[Classification]:
        """The classifications of several texts, in their order. Raises as `parse` does."""
        return list(await asyncio.gather(*(self.parse(text) for text in texts)))

    async def _ask(self, text: str) -> Classification:
        try:
            response = await self._http.post("/model/parse", json={"text": text[:_MAX_CHARS]})
        except httpx.HTTPError as exc:
            raise NluUnavailable(f"Rasa did not answer: {type(exc).__name__}") from exc
        if response.status_code != 200:
            # 409: no model is loaded; 500: the parser failed.
            raise NluUnavailable(f"Rasa answered {response.status_code}")
        return parse_classification(response)


def parse_classification(response: httpx.Response) -> Classification:
    """The ranking in Rasa's answer. Raises NluBadResponse if there is none."""
    try:
        data = response.json()
        ranking = tuple(
            (str(entry["name"]), float(entry["confidence"])) for entry in data["intent_ranking"]
        )
        model = str(data.get("model_id") or "")
        named = [(str(e["entity"]), str(e["value"])) for e in data.get("entities") or ()]
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise NluBadResponse("Rasa's answer holds no intent ranking") from exc
    if not ranking:
        raise NluBadResponse("Rasa's intent ranking is empty")
    if not all(math.isfinite(confidence) for _, confidence in ranking):
        # Not a number is neither below nor above any threshold.
        raise NluBadResponse("Rasa's intent ranking holds a confidence that is no number")
    hamlets = [value for kind, value in named if kind == _HAMLET]
    return Classification(
        ranking=ranking,
        model=model,
        entities=tuple(dict.fromkeys(value for kind, value in named if kind != _HAMLET)),
        hamlet=hamlets[-1] if hamlets else "",
    )
