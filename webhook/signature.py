"""The signature of a Zalo webhook body.

X-ZEvent-Signature = sha256(app id + raw body + timestamp of the body + OA Secret Key) as hex, plain
SHA-256 and not HMAC, over the bytes as received (Zalo's webhook page, MacUtils of the Java SDK).
"""

from __future__ import annotations

import hashlib
from hmac import compare_digest


def parse_mac(header: bytes) -> bytes:
    """Lower-case hex of the header: "mac=<hex>" or bare "<hex>", blanks allowed; b"" if empty."""
    mac = header.strip().lower()
    if mac.startswith(b"mac"):
        mac = mac[3:].lstrip().removeprefix(b"=").lstrip()
    return mac


class SignatureCheck:
    """Checks bodies against one app id and one secret. An empty secret matches nothing."""

    def __init__(self, app_id: str, secret: str) -> None:
        self._start = hashlib.sha256(app_id.encode())
        self._secret = secret.encode()
        self._is_set = bool(app_id and secret)

    def matches(self, raw: bytes, timestamp: str, header: bytes) -> bool:
        """True when `header` signs `raw`. The comparison takes constant time."""
        if not self._is_set:
            # With an empty secret anybody could compute the signature.
            return False
        digest = self._start.copy()
        digest.update(raw)
        digest.update(timestamp.encode() + self._secret)
        return compare_digest(digest.hexdigest().encode(), parse_mac(header))
