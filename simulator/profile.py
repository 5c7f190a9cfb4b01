"""The switches of the simulated OA: where sources disagree about Zalo, both readings can be tried.

Everything here may change while the simulator runs, by `POST /__fake/profile`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args, get_origin, get_type_hints

SignatureStyle = Literal["mac", "bare", "upper", "wrong_secret", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One combination of switches; the defaults are the readings best supported by sources."""

    oa_kind: Literal["business", "gov"] = "business"
    """gov: -235 on the v3 message call, v2 works. business: -240 on v2."""
    buttons: Literal["shape_a", "shape_b", "both", "none"] = "shape_a"
    """Which form of buttons a consultation message may have; any other gets -233."""
    signature: SignatureStyle = "mac"
    body_style: Literal["compact", "spaces", "escaped_unicode", "escaped_slashes"] = "compact"
    timestamp_kind: Literal["text", "number"] = "text"
    duplicates: int = 0
    """Extra copies of every event, each 50 ms after the one before."""
    retry: bool = True
    """The console's "Webhook Retry" switch."""
    retry_on: Literal["any", "connect"] = "any"
    """any: also after a slow or non-200 answer. connect: the official wording."""
    events_off: tuple[str, ...] = ()
    """Names of events whose console switch is off: they are not sent at all."""
    syntax_filter: bool = False
    """"Lọc cú pháp": only texts starting with # are sent to the webhook."""
    echo: bool = True
    receipts: Literal["all", "received", "none"] = "all"
    expires_in_kind: Literal["text", "number"] = "text"
    numeric_oauth_errors: bool = True
    """False: OAuth errors come without the key `error`, as some clients have seen."""
    needs_proof: bool = False
    """The console option by which every call needs the header appsecret_proof."""
    getoa_id_key: Literal["oa_id", "oaid"] = "oa_id"
    reply_quota_numbers: bool = True
    newest_first: bool = True
    """Order of messages in the conversation call."""
    app_per_minute: int = 4000
    oa_per_minute: int = 2000
    uploads_per_month: int = 5000
    """Of each kind; one more gets -211 (the code is inferred)."""
    package_messages: int = 500
    """Messages outside the 48 hours that the package pays for; later ones are charged."""


def change_profile(profile: Profile, changes: Mapping[str, Any]) -> Profile:
    """`profile` with `changes`. Raises ValueError naming the first wrong name or value."""
    kinds = get_type_hints(Profile)
    checked: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in kinds:
            known = ", ".join(f.name for f in fields(Profile))
            raise ValueError(f"no switch {name!r}; there are: {known}")
        checked[name] = _checked(name, kinds[name], value)
    return replace(profile, **checked)


def _checked(name: str, kind: Any, value: Any) -> Any:
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise ValueError(f"{name} must be one of {', '.join(get_args(kind))}")
    elif get_origin(kind) is tuple:
        if not isinstance(value, (list, tuple)) or not all(isinstance(v, str) for v in value):
            raise ValueError(f"{name} must be a list of text")
        return tuple(value)
    elif type(value) is not kind or (kind is int and value < 0):
        raise ValueError(f"{name} must be {kind.__name__}")
    return value


def show_profile(profile: Profile) -> dict[str, Any]:
    """Plain JSON values of all switches."""
    return {**asdict(profile), "events_off": list(profile.events_off)}
