"""The sender: outbox → Zalo, one message a letter, each citizen's messages in order.

After any attempt whose end is unknown (a timeout, -200, a crash between sending and noting it) the
talk is looked at before anything is sent again: a doubled answer confuses, a lost one is worse.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar, cast

import orjson
import structlog

from bot.attachments import LONG_PAUSE, Attachments
from bot.errors import (
    SettingsError,
    ZaloAmbiguous,
    ZaloBusy,
    ZaloError,
    ZaloMisuse,
    ZaloRefused,
    ZaloToken,
)
from bot.mailbox import Letter, Mailbox, RetryPolicy
from bot.messages import Message, parse_message
from bot.privacy import hash_citizen
from bot.settings import Settings
from bot.store import Store
from bot.tokens import TokenKeeper
from bot.zalo_client import ButtonShape, Endpoint, Route, Sent, ZaloClient

OUTBOX_RETRY = RetryPolicy(max_attempts=12, first_wait_s=2, factor=2, max_wait_s=600)
_BUSY_WAIT_S = 20.0
_CLOCK_TOLERANCE = timedelta(minutes=2)
"""How far Zalo's clock and ours may differ when a talk is searched for a message."""
_PICTURE_REFUSED = {-100, -201, -210, -233}
"""The attachment is too old, or something in a message with a picture is not to Zalo's taste."""
_PICTURE_TRIES = 2
_log = structlog.get_logger()
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parcel:
    oa_id: str
    citizen_id: str
    message: Message


class Sender:
    """Sends what workers put into the outbox. `key` keys the hashes of citizens' ids."""

    def __init__(
        self,
        *,
        outbox: Mailbox,
        zalo: ZaloClient,
        tokens: TokenKeeper,
        store: Store,
        settings: Settings,
        key: bytes,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._outbox = outbox
        self._zalo = zalo
        self._tokens = tokens
        self._store = store
        self._settings = settings
        self._key = key
        self._now = now
        self._routes: dict[str, Route] = {}
        self._attachments = Attachments(
            store, settings.content_dir, timedelta(hours=settings.zalo_upload_max_age_h), now
        )

    async def handle(self, letter: Letter) -> None:
        """Brings one message to its end, or leaves it for later. Raises on the unforeseen."""
        try:
            data = orjson.loads(letter.body)
            parcel = _Parcel(
                oa_id=data["oa_id"],
                citizen_id=data["citizen_id"],
                message=parse_message(data["message"]),
            )
        except (orjson.JSONDecodeError, KeyError, TypeError):
            await self._outbox.bury(letter, "unreadable letter")
            return
        try:
            if letter.attempt > 1 and await self._has_arrived(letter, parcel):
                await self._outbox.done(letter)
                return
            sent = await self._send(parcel)
        except ZaloRefused as exc:
            await self._record(letter, parcel, None, None, exc.code)
            await self._outbox.done(letter)
            _log.info("sender.refused", code=exc.code)
        except ZaloBusy as exc:
            await self._outbox.retry(letter, wait_s=_BUSY_WAIT_S, is_failure=False)
            _log.warning("sender.busy", code=exc.code)
        except ZaloMisuse as exc:
            await self._set_aside(letter, parcel, exc)
        except ZaloAmbiguous as exc:
            _log.warning("sender.ambiguous", code=exc.code, attempt=letter.attempt)
            await self._outbox.retry(letter)
        except (SettingsError, ZaloToken) as exc:
            # Only a person can connect the OA again; until then nothing is given up.
            _log.error("sender.not_connected", reason=str(exc))
            await self._outbox.retry(letter, wait_s=60, is_failure=False)
        else:
            await self._record(letter, parcel, sent.message_id, sent.is_charged, 0)
            await self._outbox.done(letter)
            _log.info("sender.delivered", attempt=letter.attempt, charged=sent.is_charged)

    async def give_up(self, letter: Letter) -> None:
        """Nothing more can be said to the citizen; the dead letter is shown to the admin."""
        _log.error("sender.gave_up", attempts=letter.attempt)

    async def _send(self, parcel: _Parcel) -> Sent:
        """With its picture if there is one and it can be shown, else in words. Raises ZaloError."""
        refusals = 0
        while refusals < _PICTURE_TRIES and (attachment_id := await self._attachment_id(parcel)):
            try:
                return await self._send_once(parcel, parcel.message, attachment_id)
            except ZaloMisuse as exc:
                # A definite refusal, so nothing has arrived. The id may be too old, or lost.
                if exc.code not in _PICTURE_REFUSED:
                    raise
                refusals += 1
                _log.warning("sender.picture_refused", code=exc.code, refusals=refusals)
                await self._attachments.forget(parcel.oa_id, attachment_id)
        sent = await self._send_once(parcel, parcel.message.in_words, "")
        if refusals == _PICTURE_TRIES:
            # Neither the id nor the citizen was the reason: it is pictures that are not taken.
            self._attachments.pause(parcel.oa_id, LONG_PAUSE)
        return sent

    async def _send_once(self, parcel: _Parcel, message: Message, attachment_id: str) -> Sent:
        route = await self._route(parcel.oa_id)
        sent = await self._with_token(
            parcel.oa_id,
            lambda token: self._zalo.send(
                token, parcel.citizen_id, message, route, attachment_id=attachment_id
            ),
        )
        if sent.route != route:
            await self._learn(parcel.oa_id, sent.route)
        return sent

    async def _attachment_id(self, parcel: _Parcel) -> str:
        """What names the message's picture at Zalo; empty: none, or it cannot be shown now."""
        picture = parcel.message.picture
        if picture is None:
            return ""

        async def upload(name: str, content: bytes) -> str:
            return await self._with_token(
                parcel.oa_id,
                # Others wait for the same picture: all parts of the call together have this time.
                lambda token: asyncio.wait_for(
                    self._zalo.upload_image(token, name, content), self._settings.zalo_timeout_s
                ),
            )

        return await self._attachments.attachment_id(parcel.oa_id, picture, upload)

    async def _with_token(self, oa_id: str, call: Callable[[str], Awaitable[_T]]) -> _T:
        """The result of a call to Zalo; a refused token is replaced once. Raises ZaloError."""
        token = await self._tokens.access_token(oa_id)
        try:
            return await call(token)
        except ZaloToken:
            return await call(await self._tokens.access_token(oa_id, refused=token))

    async def _has_arrived(self, letter: Letter, parcel: _Parcel) -> bool:
        """True if an earlier attempt of this letter is already in the talk. Raises ZaloError."""
        if await asyncio.to_thread(self._store.delivered_message_id, letter.id):
            return True
        try:
            talk = await self._with_token(
                parcel.oa_id, lambda token: self._zalo.recent(token, parcel.citizen_id)
            )
        except ZaloMisuse as exc:
            # The OA may not look at talks: a doubled answer is better than a lost one.
            _log.error("sender.cannot_look", code=exc.code)
            return False
        put_at = datetime.fromtimestamp(letter.put_at_ms / 1000, UTC) - _CLOCK_TOLERANCE
        wordings = [m.text.split() for m in (parcel.message, parcel.message.in_words)]
        same = [
            seen.message_id for seen in talk if seen.at >= put_at and seen.text.split() in wordings
        ]
        claimed = await asyncio.to_thread(self._store.claimed_message_ids, same)
        ours = [message_id for message_id in same if message_id not in claimed]
        if not ours:
            return False
        await self._record(letter, parcel, ours[0], None, 0)
        _log.info("sender.had_arrived", attempt=letter.attempt)
        return True

    async def _set_aside(self, letter: Letter, parcel: _Parcel, exc: ZaloError) -> None:
        """Our request or our set-up is wrong: a person has to look, resending cannot help."""
        _log.error("sender.misuse", code=exc.code, reason=str(exc))
        await self._record(letter, parcel, None, None, exc.code)
        await self._outbox.bury(letter, str(exc))

    async def _record(
        self,
        letter: Letter,
        parcel: _Parcel,
        message_id: str | None,
        is_charged: bool | None,
        code: int | None,
    ) -> None:
        await asyncio.to_thread(
            self._store.record_delivery,
            letter.id,
            hash_citizen(parcel.citizen_id, self._key),
            message_id,
            self._now(),
            code,
            is_charged,
        )

    async def _route(self, oa_id: str) -> Route:
        """How this OA is written to: the operator's setting, else what worked before."""
        if oa_id not in self._routes:
            state = await asyncio.to_thread(self._store.read_oa, oa_id)
            wanted = self._settings.zalo_send_endpoint
            is_auto = wanted == "auto"
            endpoint = (state.endpoint or "v3_cs") if is_auto else wanted
            self._routes[oa_id] = Route(
                endpoint=cast(Endpoint, endpoint),
                shape=cast(ButtonShape, state.button_shape or "a"),
                may_switch=is_auto,
            )
        return self._routes[oa_id]

    async def _learn(self, oa_id: str, route: Route) -> None:
        self._routes[oa_id] = route
        await asyncio.to_thread(
            lambda: self._store.save_oa(
                oa_id,
                # What the operator has set was not learnt.
                endpoint=route.endpoint if route.may_switch else None,
                button_shape=route.shape,
            )
        )
        _log.warning("sender.route_changed", endpoint=route.endpoint, shape=route.shape)
