"""The OAuth token pair of each OA: read, refreshed under a lock, never lost by our own doing.

A refresh token works once; whoever loses the answer of one refresh has to ask a person for consent
again. So: one refresher over all processes, a mark before the call, and a pair replaced only by a
complete new pair. Zalo answers HTTP 200 to failed refreshes too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import orjson
import structlog

from bot.errors import SettingsError, ZaloAmbiguous, ZaloError, ZaloToken
from bot.settings import Settings
from bot.store import Store
from bot.token_rows import TokenRow, hash_token

_AHEAD = timedelta(hours=6)
"""Refresh when less than this is left of the access token's 25 hours."""
_PAUSE = timedelta(minutes=10)
"""Between two tries to refresh a pair whose access token still lives."""
_LIFETIME_S = 90_000.0
"""Documented lifetime of an access token, 25 hours."""
_PATH = "/v4/oa/access_token"
_log = structlog.get_logger()


class TokenKeeper:
    """Gives senders a live access token. `http` has the OAuth host's base address and a timeout."""

    def __init__(
        self, store: Store, http: httpx.Client, settings: Settings, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._http = http
        self._settings = settings
        self._now = now

    async def access_token(self, oa_id: str, *, refused: str | None = None) -> str:
        """A live access token of this OA; `refused` is one that Zalo has just rejected.

        Raises ZaloToken when the pair is dead and a person has to consent again, ZaloAmbiguous
        when the refresh got no readable answer, SettingsError when there is no pair at all.
        """
        return await asyncio.to_thread(self._access_token, oa_id, refused)

    def _access_token(self, oa_id: str, refused: str | None) -> str:
        row = self._store.read_tokens(oa_id)
        if row is not None and not self._is_stale(row, refused):
            return row.access_token
        with self._store.lock_tokens(oa_id, hold_s=self._settings.zalo_timeout_s * 6) as lock:
            row = lock.row
            if row is None:
                row = self._first_pair(oa_id)
                lock.save(row.access_token, row.refresh_token, row.expires_at, self._now())
            # Another process may have refreshed while this one waited for the lock.
            if not self._is_stale(row, refused):
                return row.access_token
            burned = row.used_hash == hash_token(row.refresh_token)
            lives = refused is None and row.expires_at > self._now()
            if lives and self._has_just_failed(row):
                return row.access_token
            lock.mark_started(row.refresh_token, self._now())
            try:
                access, refresh, lifetime_s = self._refresh(row.refresh_token)
            except ZaloError as exc:
                if isinstance(exc, ZaloToken):
                    _log.error("tokens.consent_needed", oa=oa_id, possibly_burned=burned)
                if lives:
                    # Refreshing ahead of time may fail; the token at hand is used while it lasts.
                    return row.access_token
                raise
            expires_at = self._now() + timedelta(seconds=lifetime_s)
            lock.save(access, refresh, expires_at, self._now())
            _log.info("tokens.refreshed", oa=oa_id)
            return access

    def _is_stale(self, row: TokenRow, refused: str | None) -> bool:
        if refused is not None:
            return row.access_token == refused
        return row.expires_at - self._now() < _AHEAD

    def _has_just_failed(self, row: TokenRow) -> bool:
        """True if the mark of a refresh that never ended is fresh; nobody else holds the lock."""
        started_at = row.refresh_started_at
        return started_at is not None and self._now() - started_at < _PAUSE

    def _first_pair(self, oa_id: str) -> TokenRow:
        settings = self._settings
        # The pair in the environment belongs to one OA, the first that is named.
        is_meant = oa_id == next(iter(settings.zalo_oa_ids.replace(",", " ").split()), oa_id)
        if not is_meant or not settings.zalo_access_token or not settings.zalo_refresh_token:
            raise SettingsError(
                f"No Zalo tokens for OA {oa_id}: set ZALO_ACCESS_TOKEN and ZALO_REFRESH_TOKEN once"
            )
        now = self._now()
        return TokenRow(
            oa_id=oa_id,
            access_token=settings.zalo_access_token,
            refresh_token=settings.zalo_refresh_token,
            # How old a pasted pair is, nobody knows: refresh it soon, but use it first.
            expires_at=now + _AHEAD + timedelta(minutes=5),
            refreshed_at=now,
            refresh_started_at=None,
            used_hash=None,
            previous_access_token=None,
            previous_refresh_token=None,
        )

    def _refresh(self, refresh_token: str) -> tuple[str, str, float]:
        form = {
            "refresh_token": refresh_token,
            "app_id": self._settings.zalo_app_id,
            "grant_type": "refresh_token",
        }
        try:
            response = self._http.post(
                _PATH, data=form, headers={"secret_key": self._settings.zalo_app_secret}
            )
        except httpx.HTTPError as exc:
            raise ZaloAmbiguous(f"refresh got no answer: {type(exc).__name__}") from exc
        return parse_pair(response)


def parse_pair(response: httpx.Response) -> tuple[str, str, float]:
    """(access token, refresh token, lifetime in s) of an OAuth answer.

    Success only with both tokens. Raises ZaloToken when Zalo says no, ZaloAmbiguous when it is not
    certain what Zalo did.
    """
    try:
        body = orjson.loads(response.content)
    except orjson.JSONDecodeError as exc:
        raise ZaloAmbiguous(f"refresh answer unreadable, HTTP {response.status_code}") from exc
    if not isinstance(body, dict) or not body:
        raise ZaloAmbiguous(f"refresh answer unreadable, HTTP {response.status_code}")
    access, refresh = body.get("access_token"), body.get("refresh_token")
    if isinstance(access, str) and access and isinstance(refresh, str) and refresh:
        try:
            lifetime_s = float(body["expires_in"])
        except (KeyError, TypeError, ValueError):
            lifetime_s = _LIFETIME_S
        if not 60 <= lifetime_s <= 365 * 86_400:
            # Not even a strange lifetime may cost the pair, or make it be refreshed all the time.
            lifetime_s = _LIFETIME_S
        return access, refresh, lifetime_s
    if "error" in body or "error_name" in body:
        code = body.get("error")
        raise ZaloToken(
            f"refresh refused: {body.get('error_name')}",
            code=code if isinstance(code, int) else None,
        )
    raise ZaloAmbiguous("refresh answer lacks a token")
