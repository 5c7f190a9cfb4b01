"""Zalo's OAuth v4 for Official Accounts: consent page, code exchange, rotating refresh tokens.

A refresh token works once. The moment a new pair is issued the old refresh token *and* the old
access token are dead, also when the answer with the new pair never arrives.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from simulator.answers import ZaloResponse
from simulator.faults import FaultPlan, answer_with
from simulator.records import TokenPair
from simulator.tables import LIMITS, oauth_error
from simulator.world import World


class OauthRefusal(Exception):
    """The token call answers an error with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """An authorization code that was handed out and not yet used."""

    challenge: str
    issued_ms: int


class Oauth:
    """Codes handed out so far; the token pair itself lives in the world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._grants: dict[str, Grant] = {}

    def permission(self, query: Mapping[str, str]) -> str:
        """Where the browser is sent: the callback with a code, or Zalo's own error page."""
        settings = self._world.settings
        redirect_uri = query.get("redirect_uri", "")
        if query.get("app_id") != settings.app_id:
            return "/v4/oa/permission/error?error_code=-14002"
        is_known = redirect_uri == settings.callback_url or not settings.callback_url
        if not is_known or urlsplit(redirect_uri).scheme not in ("http", "https"):
            return "/v4/oa/permission/error?error_code=-14003"
        code = secrets.token_urlsafe(32)
        self._grants[code] = Grant(
            challenge=query.get("code_challenge", ""), issued_ms=self._world.clock.now_ms()
        )
        answer = {"code": code, "oa_id": settings.oa_id}
        if "state" in query:
            answer["state"] = query["state"]
        separator = "&" if urlsplit(redirect_uri).query else "?"
        return f"{redirect_uri}{separator}{urlencode(answer)}"

    def issue(self, form: Mapping[str, str], secret_key: str) -> TokenPair:
        """The new pair for a code or a refresh token. Raises OauthRefusal, changing nothing but
        that a presented code is used up."""
        settings = self._world.settings
        is_app = form.get("app_id") == settings.app_id
        if not is_app or not hmac.compare_digest(secret_key.encode(), settings.app_secret.encode()):
            raise OauthRefusal(-14002)
        match form.get("grant_type"):
            case "authorization_code":
                self._redeem(form.get("code", ""), form.get("code_verifier", ""))
                self._world.counters.exchanges += 1
            case "refresh_token":
                self._check_refresh(form.get("refresh_token", ""))
                self._world.counters.refreshes += 1
            case _:
                raise OauthRefusal(-118)
        return self._world.issue_pair()

    def _redeem(self, code: str, verifier: str) -> None:
        grant = self._grants.pop(code, None)
        if grant is None:
            raise OauthRefusal(-118)
        age_ms = self._world.clock.now_ms() - grant.issued_ms
        if age_ms > LIMITS.code_lifetime_s * 1000:
            raise OauthRefusal(-118)
        # Without a challenge at the consent page no verifier is asked for.
        if grant.challenge and challenge_of(verifier) != grant.challenge.rstrip("="):
            raise OauthRefusal(-118)

    def _check_refresh(self, token: str) -> None:
        world = self._world
        if world.is_dead(token):
            world.counters.dead_refresh_token_uses += 1
            raise OauthRefusal(-14014)
        if world.pair is None or token != world.pair.refresh_token:
            raise OauthRefusal(-14014)
        age_ms = world.clock.now_ms() - world.pair.issued_ms
        if age_ms > LIMITS.refresh_token_lifetime_s * 1000:
            raise OauthRefusal(-14014)


def challenge_of(verifier: str) -> str:
    """PKCE S256: base64url of the SHA-256 of the verifier, without padding."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def oauth_router(world: World, faults: FaultPlan) -> APIRouter:
    """The two OAuth addresses and Zalo's error page."""
    router = APIRouter()
    oauth = Oauth(world)

    def refuse(code: int) -> Response:
        name, reason = oauth_error(code)
        body: dict[str, Any] = {
            "error_name": name, "error_reason": reason, "error_description": reason,
            "ref_doc": "https://developers.zalo.me/docs/",
        }  # fmt: skip
        if world.profile.numeric_oauth_errors:
            body = {"error": code, **body}
        return ZaloResponse(body)

    @router.get("/v4/oa/permission")
    async def permission(request: Request) -> Response:
        return RedirectResponse(oauth.permission(request.query_params), status_code=302)

    @router.get("/v4/oa/permission/error")
    async def permission_error(error_code: int = 0) -> Response:
        # Zalo shows this page in the person's browser; the app never hears of it.
        return HTMLResponse(f"<html><body>Đã có lỗi xảy ra: error_code={error_code}</body></html>")

    @router.post("/v4/oa/access_token")
    async def access_token(request: Request) -> Response:
        form = _read_form(request.headers.get("content-type", ""), await request.body())
        secret_key = request.headers.get("secret_key", "")

        def work() -> Response:
            try:
                pair = oauth.issue(form, secret_key)
            except OauthRefusal as exc:
                return refuse(exc.code)
            lifetime: int | str = LIMITS.access_token_lifetime_s
            if world.profile.expires_in_kind == "text":
                lifetime = str(lifetime)
            return ZaloResponse({
                "access_token": pair.access_token, "refresh_token": pair.refresh_token,
                "expires_in": lifetime,
            })  # fmt: skip

        return await answer_with(faults.take("oauth"), work, refuse)

    return router


def _read_form(content_type: str, body: bytes) -> dict[str, str]:
    """Fields of a URL-encoded body; anything else reads as an empty form."""
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        return {}
    pairs = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[-1] for name, values in pairs.items()}
