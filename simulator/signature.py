"""The header X-ZEvent-Signature: SHA-256 over app id + raw body + the body's timestamp + OA secret.

Plain SHA-256 of the texts put together without separators, not an HMAC.
"""

from __future__ import annotations

import hashlib
import json

from simulator.profile import SignatureStyle

HEADER = "X-ZEvent-Signature"


def event_mac(app_id: str, body: bytes, timestamp: str, oa_secret: str) -> str:
    """Lower-case hexadecimal digest of one event, 64 characters."""
    return hashlib.sha256(
        app_id.encode() + body + timestamp.encode() + oa_secret.encode()
    ).hexdigest()


def read_timestamp(body: bytes) -> str:
    """The body's `timestamp` as text, also when it is a number; empty when there is none."""
    try:
        value = json.loads(body)
    except ValueError:
        return ""
    if not isinstance(value, dict):
        return ""
    timestamp = value.get("timestamp", "")
    return str(timestamp) if isinstance(timestamp, (str, int)) else ""


def signature_header(
    style: SignatureStyle, app_id: str, body: bytes, oa_secret: str
) -> dict[str, str]:
    """The header to send with `body`, empty for the style `none`."""
    if style == "none":
        return {}
    secret = f"{oa_secret}-not" if style == "wrong_secret" else oa_secret
    mac = event_mac(app_id, body, read_timestamp(body), secret)
    match style:
        case "bare":
            return {HEADER: mac}
        case "upper":
            return {HEADER: f"mac={mac.upper()}"}
        case _:
            return {HEADER: f"mac={mac}"}
