"""Who is asking: passwords, sessions, roles, the one-time set-up link, refusal of foreign forms.

Only hashes of random tokens reach the database. The forms themselves are in `people`.
"""

from __future__ import annotations

import secrets
import threading
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from starlette.requests import Request
from starlette.responses import Response

from bot.accounts import Person, Role, Session
from bot.admin.site import site_of
from bot.store import Store, hash_token

COOKIE = "phien"
SESSION_AGE = timedelta(hours=12)
SESSION_IDLE = timedelta(hours=2)
SETUP_LINK_AGE = timedelta(hours=24)
ATTEMPT_WINDOW = timedelta(minutes=15)
ATTEMPT_LIMIT = 5
MIN_PASSWORD_CHARS = 10
MAX_PASSWORD_CHARS = 200
PASSWORD_PAGE = "/doi-mat-khau"

_hasher = PasswordHasher()
# One hash takes 64 MiB and a tenth of a second of all cores: more at once only harms the bot.
_hashing = threading.BoundedSemaphore(2)


class NotSignedIn(Exception):
    """The page needs a login; `path` is where to go on afterwards."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class NotAllowed(Exception):
    """The person's role does not cover the page."""


class PasswordDue(Exception):
    """The person has to choose a password of their own first."""


def _as_typed(password: str) -> bytes:
    # Telephones and laptops compose Vietnamese letters differently.
    return unicodedata.normalize("NFC", password).encode()


def hash_password(password: str) -> str:
    """An argon2id hash. Blocks for about 0.1 s: never call it on the event loop."""
    with _hashing:
        return _hasher.hash(_as_typed(password))


@lru_cache(maxsize=1)
def _hash_of_nobody() -> str:
    return hash_password(secrets.token_urlsafe())


def prepare_hash_of_nobody() -> None:
    """Makes the hash that unknown logins are compared with, so that the first is not slower."""
    _hash_of_nobody()


def is_password_of(person: Person | None, password: str) -> bool:
    """Whether the password is this person's. Takes as long for nobody, or a disabled person."""
    is_open = person is not None and person.disabled_at is None
    stored = person.password_hash if person is not None and is_open else _hash_of_nobody()
    if len(password) > MAX_PASSWORD_CHARS:
        password = ""
    try:
        with _hashing:
            _hasher.verify(stored, _as_typed(password))
    except (VerificationError, InvalidHashError):
        return False
    return is_open


def check_password(password: str, again: str, login: str) -> str | None:
    """What is wrong with a new password, in Vietnamese; None if it can be used."""
    if password != again:
        return "Hai lần gõ mật khẩu chưa giống nhau. Hãy gõ lại cả hai ô."
    if len(password) < MIN_PASSWORD_CHARS:
        return f"Mật khẩu cần ít nhất {MIN_PASSWORD_CHARS} ký tự. Hãy ghép vài từ dễ nhớ lại."
    if len(password) > MAX_PASSWORD_CHARS:
        return f"Mật khẩu dài quá {MAX_PASSWORD_CHARS} ký tự."
    if len(set(password)) < 4:
        return "Mật khẩu lặp lại quá ít chữ. Hãy dùng nhiều chữ và số khác nhau."
    if login and login.lower() in password.lower():
        return "Mật khẩu không được chứa tên đăng nhập."
    return None


def make_setup_link(store: Store, base_url: str, now: datetime) -> str | None:
    """A link by which the first admin is made, once, within 24 hours; it ends older links.

    None when a person exists already.
    """
    token = secrets.token_urlsafe(32)
    if not store.add_setup_link(hash_token(token), expires_at=now + SETUP_LINK_AGE):
        return None
    return f"{base_url.rstrip('/')}/khoi-tao?ma={token}"


def start_session(request: Request, response: Response, person: Person) -> None:
    """Stores a fresh session, ends the one that the browser had, and sets the cookie."""
    site = site_of(request)
    end_session(request)
    token = secrets.token_urlsafe(32)
    now = site.clock()
    site.store.add_session(
        hash_token(token),
        person.id,
        now=now,
        expires_at=now + SESSION_AGE,
        user_agent=request.headers.get("user-agent", ""),
    )
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(SESSION_AGE.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def end_session(request: Request) -> None:
    """Ends the session that the browser's cookie names, if any."""
    if token := request.cookies.get(COOKIE):
        site_of(request).store.end_session(hash_token(token))


def find_session(request: Request) -> Session | None:
    """The session in force for this request."""
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    site = site_of(request)
    return site.store.find_session(hash_token(token), now=site.clock(), idle=SESSION_IDLE)


def needs(role: Role) -> Callable[[Request], Session]:
    """A route dependency: the session of a person whose role includes `role`.

    Raises NotSignedIn, PasswordDue or NotAllowed, which `app` turns into pages.
    """

    def check(request: Request) -> Session:
        session = find_session(request)
        if session is None:
            query = f"?{request.url.query}" if request.url.query else ""
            raise NotSignedIn(request.url.path + query if request.method == "GET" else "/")
        if session.person.must_change_password and request.url.path != PASSWORD_PAGE:
            raise PasswordDue
        if not session.person.role.includes(role):
            raise NotAllowed
        request.state.session = session
        return session

    return check


def is_foreign(method: str, headers: Mapping[str, str]) -> bool:
    """Whether another site's page made this request that may change something.

    Sec-Fetch-Site where the browser sends it (HTTPS, localhost), else Origin against Host. A
    request with neither comes from no browser, so it carries nobody's cookie by accident.
    """
    if method in ("GET", "HEAD", "OPTIONS"):
        return False
    fetch_site = headers.get("sec-fetch-site")
    if fetch_site is not None:
        return fetch_site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


def local_path(path: str) -> str:
    """`path` if it is a page of this site, else the home page: a login must not lead elsewhere."""
    is_local = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if is_local and path.isprintable() else "/"
