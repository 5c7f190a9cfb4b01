"""Forms about accounts: set-up of the first admin, login, own password, list of officers."""

from __future__ import annotations

import re
import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.accounts import NewPerson, Person, Role, Session
from bot.admin.auth import (
    ATTEMPT_LIMIT,
    ATTEMPT_WINDOW,
    COOKIE,
    MIN_PASSWORD_CHARS,
    PASSWORD_PAGE,
    check_password,
    end_session,
    find_session,
    hash_password,
    is_password_of,
    local_path,
    needs,
    start_session,
)
from bot.admin.site import render_page, site_of
from bot.store import hash_token

router = APIRouter()

Text = Annotated[str, Form(max_length=400)]
Officer = Annotated[Session, Depends(needs(Role.OFFICER))]
Admin = Annotated[Session, Depends(needs(Role.ADMIN))]

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{2,31}")
_TOO_MANY = (
    f"Đã thử sai {ATTEMPT_LIMIT} lần. Hãy đợi 15 phút rồi thử lại. "
    "Quên mật khẩu thì nhờ người quản trị đặt lại."
)
_WRONG = "Tên đăng nhập hoặc mật khẩu chưa đúng. Hãy xem lại phím Caps Lock và bộ gõ tiếng Việt."
# Without letters and digits that look alike on paper.
_TEMPORARY = "abcdefghkmnpqrstuvwxyz23456789"


def _check_names(name: str, login: str) -> str | None:
    """What is wrong with a new person's names, in Vietnamese."""
    if not name or len(name) > 100:
        return "Hãy điền họ tên."
    if not _LOGIN.fullmatch(login):
        return "Tên đăng nhập dài 3–32 ký tự, chỉ gồm chữ thường không dấu, số, dấu chấm, gạch nối."
    return None


def _make_temporary_password() -> str:
    groups = ("".join(secrets.choice(_TEMPORARY) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def _show_setup(
    request: Request, code: str, *, problem: str = "", name: str = "", login: str = ""
) -> Response:
    site = site_of(request)
    is_valid = bool(code) and site.store.has_setup_link(hash_token(code), now=site.clock())
    return render_page(
        request, "setup.html", status_code=422 if problem else 200 if is_valid else 410,
        is_valid=is_valid, code=code, problem=problem, name=name, login=login,
        min_chars=MIN_PASSWORD_CHARS,
    )  # fmt: skip


@router.get("/khoi-tao")
def show_setup(request: Request, ma: str = "") -> Response:
    """The form behind the one-time link; 410 when the link is used, old or unknown."""
    return _show_setup(request, ma)


@router.post("/khoi-tao")
def set_up(
    request: Request,
    ma: Text = "",
    name: Text = "",
    login: Text = "",
    password: Text = "",
    again: Text = "",
) -> Response:
    """Makes the first admin and logs in."""
    site = site_of(request)
    name, login = " ".join(name.split()), login.strip().lower()
    if not site.store.has_setup_link(hash_token(ma), now=site.clock()):
        return _show_setup(request, ma)
    problem = _check_names(name, login) or check_password(password, again, login)
    if problem:
        return _show_setup(request, ma, problem=problem, name=name, login=login)
    new = NewPerson(login=login, name=name, password_hash=hash_password(password), role=Role.ADMIN)
    person = site.store.add_first_person(hash_token(ma), new, now=site.clock())
    if person is None:
        return _show_setup(request, ma)
    response = RedirectResponse("/", 303)
    start_session(request, response, person)
    return response


@router.get("/dang-nhap")
def show_login(request: Request, tiep: str = "/") -> Response:
    """The login form; the home page for somebody who is logged in."""
    if find_session(request) is not None:
        return RedirectResponse("/", 303)
    return render_page(request, "login.html", next=local_path(tiep), login="", problem="")


@router.post("/dang-nhap")
def log_in(request: Request, login: Text = "", password: Text = "", tiep: Text = "/") -> Response:
    """A session and a redirect, or the form with the reason: 401 wrong, 429 too many tries."""
    site = site_of(request)
    login, goal = login.strip().lower(), local_path(tiep)
    address = request.client.host if request.client else "?"
    subjects = [hash_token(f"login:{login}"), hash_token(f"address:{address}")]
    problem, status_code = _WRONG, 401
    if not site.store.take_attempt(
        subjects, now=site.clock(), window=ATTEMPT_WINDOW, limit=ATTEMPT_LIMIT
    ):
        problem, status_code = _TOO_MANY, 429
    else:
        person = site.store.find_person(login)
        if is_password_of(person, password) and person is not None:
            site.store.clear_attempts(subjects)
            response = RedirectResponse(goal, 303)
            start_session(request, response, person)
            return response
    return render_page(
        request, "login.html", status_code=status_code, next=goal, login=login, problem=problem
    )


@router.post("/dang-xuat")
def log_out(request: Request, session: Officer) -> Response:
    """Ends the session."""
    end_session(request)
    response = RedirectResponse("/dang-nhap", 303)
    response.delete_cookie(COOKIE, path="/")
    return response


@router.get(PASSWORD_PAGE)
def show_password(request: Request, session: Officer, xong: str = "") -> Response:
    """The form for one's own password."""
    return render_page(
        request, "password.html", problem="", is_done=bool(xong), min_chars=MIN_PASSWORD_CHARS
    )


@router.post(PASSWORD_PAGE)
def change_password(
    request: Request, session: Officer, current: Text = "", password: Text = "", again: Text = ""
) -> Response:
    """Replaces one's own password and ends one's other sessions."""
    site, person = site_of(request), session.person
    subjects = [hash_token(f"password:{person.id}")]
    if not site.store.take_attempt(
        subjects, now=site.clock(), window=ATTEMPT_WINDOW, limit=ATTEMPT_LIMIT
    ):
        problem: str | None = _TOO_MANY
    elif not is_password_of(person, current):
        problem = "Mật khẩu đang dùng chưa đúng."
    else:
        site.store.clear_attempts(subjects)
        problem = check_password(password, again, person.login)
        if problem is None and password == current:
            problem = "Mật khẩu mới phải khác mật khẩu đang dùng."
    if problem:
        return render_page(
            request, "password.html", status_code=422, problem=problem, is_done=False,
            min_chars=MIN_PASSWORD_CHARS,
        )  # fmt: skip
    site.store.set_password(
        person.id, hash_password(password), must_change=False, keep_session=session.token_hash
    )
    return RedirectResponse(f"{PASSWORD_PAGE}?xong=1", 303)


def _show_people(
    request: Request,
    *,
    problem: str = "",
    name: str = "",
    login: str = "",
    given: tuple[Person, str] | None = None,
) -> Response:
    return render_page(
        request, "people.html", status_code=422 if problem else 200,
        people=site_of(request).store.list_people(), roles=list(Role), problem=problem,
        name=name, login=login, given=given,
    )  # fmt: skip


@router.get("/can-bo")
def show_people(request: Request, session: Admin) -> Response:
    """Everybody who has an account."""
    return _show_people(request)


@router.post("/can-bo")
def add_person(
    request: Request, session: Admin, name: Text = "", login: Text = "", role: Text = ""
) -> Response:
    """Adds an officer and shows, once, the temporary password."""
    site = site_of(request)
    name, login = " ".join(name.split()), login.strip().lower()
    problem = _check_names(name, login)
    if problem is None and role not in list(Role):
        problem = "Hãy chọn quyền."
    if problem:
        return _show_people(request, problem=problem, name=name, login=login)
    password = _make_temporary_password()
    new = NewPerson(
        login=login, name=name, password_hash=hash_password(password), role=Role(role),
        must_change_password=True,
    )  # fmt: skip
    person = site.store.add_person(new, now=site.clock())
    if person is None:
        return _show_people(
            request, problem="Tên đăng nhập này đã có người dùng.", name=name, login=login
        )
    return _show_people(request, given=(person, password))


@router.post("/can-bo/{login}/{action}")
def change_person(request: Request, session: Admin, login: str, action: str) -> Response:
    """`mat-khau` gives a new temporary password, `khoa` closes the account, `mo` opens it."""
    site = site_of(request)
    person = site.store.find_person(login)
    if person is None or action not in ("mat-khau", "khoa", "mo"):
        raise HTTPException(404)
    if person.id == session.person.id:
        return _show_people(request, problem="Không tự khóa hay đặt lại tài khoản của mình ở đây.")
    if action == "mat-khau":
        password = _make_temporary_password()
        site.store.set_password(person.id, hash_password(password), must_change=True)
        return _show_people(request, given=(person, password))
    if action == "khoa":
        site.store.disable_person(person.id, now=site.clock())
    else:
        site.store.enable_person(person.id)
    return RedirectResponse("/can-bo", 303)
