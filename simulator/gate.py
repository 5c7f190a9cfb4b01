"""What every call of the OA API has to pass before its work is done: token, proof, rate."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from simulator.sending import Refusal
from simulator.tables import LIMITS
from simulator.world import World


@dataclass(slots=True)
class _Minute:
    number: int = 0
    calls: int = 0


class Gate:
    """Checks every call has to pass: token, proof, rate."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._minute = _Minute()

    def pass_token(self, token: str, proof: str) -> None:
        """Raises Refusal -216 (missing, unknown, dead), -220 (expired) or -242 (proof)."""
        world, pair = self._world, self._world.pair
        if pair is None or token != pair.access_token:
            if token and world.is_dead(token):
                world.counters.dead_access_token_uses += 1
            raise Refusal(-216)
        if world.clock.now_ms() - pair.issued_ms >= LIMITS.access_token_lifetime_s * 1000:
            raise Refusal(-220)
        if world.profile.needs_proof:
            secret = world.settings.app_secret.encode()
            expected = hmac.new(secret, token.encode(), hashlib.sha256).hexdigest()
            if not hmac.compare_digest(proof.encode(), expected.encode()):
                raise Refusal(-242)

    def count(self) -> None:
        """Count one call in the minute of the simulated clock. Raises Refusal -32."""
        number = self._world.clock.now_ms() // 60_000
        if number != self._minute.number:
            self._minute = _Minute(number)
        self._minute.calls += 1
        if self._minute.calls > self._world.profile.app_per_minute:
            raise Refusal(-32)
        if self._minute.calls > self._world.profile.oa_per_minute:
            raise Refusal(-32, "Your OA reached limit call api")

    def headers(self) -> dict[str, str]:
        limit = self._world.profile.app_per_minute
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remain": str(max(0, limit - self._minute.calls)),
        }
