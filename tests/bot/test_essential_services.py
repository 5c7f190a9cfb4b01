"""The essential services: a list to pick from by number; with a guide or the way to the portal."""

from __future__ import annotations

from dataclasses import replace

from bot.answer import decide
from bot.checks import check_content
from bot.guides import GuideSet, Service
from bot.messages import MAX_CHARS, MAX_MESSAGES
from bot.talk import Decision, Outcome, Talk
from tests.bot.builders import OPEN, make_guides, make_office, said, shipped_content

WITH_GUIDE = Service(name="Lấy lại mật khẩu", intent="mat_khau")
WITH_CODE = Service(name="Đăng ký khai tử", code="1.000656")
WITHOUT = Service(name="Gia hạn thẻ thư viện")
GUIDES = replace(make_guides(), services=(WITH_GUIDE, WITH_CODE, WITHOUT))


def ask(text: str, talk: Talk = Talk(), guides: GuideSet = GUIDES) -> Decision:  # noqa: B008
    return decide(said(text), None, guides=guides, office=make_office(), talk=talk, now=OPEN)


def text_of(decision: Decision) -> str:
    assert decision.reply is not None
    return decision.reply.text


def test_list_is_found_by_words_and_numbers_lead_on() -> None:
    shown = ask("Danh sách dịch vụ công")
    assert "1. Lấy lại mật khẩu" in text_of(shown)
    assert ask("1", shown.talk).intent == "mat_khau"
    assert "1.000656" not in text_of(shown)


def test_service_without_a_guide_leads_to_the_portal_by_code_or_name() -> None:
    shown = ask("m1:thiet_yeu")
    by_code, by_name = ask("2", shown.talk), ask("3", shown.talk)
    assert by_code.outcome is Outcome.ANSWERED
    guides = replace(
        GUIDES,
        replies={
            **GUIDES.replies,
            "essential_service": replace(
                GUIDES.replies["essential_service"], text="{{ label }}: gõ {{ tu_tim }}"
            ),
        },
    )
    assert "gõ mã 1.000656" in text_of(ask("2", shown.talk, guides))
    assert "gõ “Gia hạn thẻ thư viện”" in text_of(ask("3", shown.talk, guides))
    assert by_name.outcome is Outcome.ANSWERED


def test_button_of_a_service_that_is_gone_shows_the_list() -> None:
    assert "Lấy lại mật khẩu" in text_of(ask("s1:khong_con"))


def test_shipped_list_fits_its_messages_and_every_number_is_answered() -> None:
    content = shipped_content()
    office = next(iter(content.offices.values()))
    talk = Talk()
    shown = decide(
        said("m1:thiet_yeu"), None, guides=content.guides, office=office, talk=talk, now=OPEN
    )
    assert shown.reply is not None
    assert len(shown.reply.messages) <= MAX_MESSAGES
    assert all(len(message.text) <= MAX_CHARS for message in shown.reply.messages)
    for number in range(1, len(content.guides.services) + 1):
        answer = decide(
            said(str(number)), None, guides=content.guides, office=office, talk=shown.talk,
            now=OPEN,
        )  # fmt: skip
        assert answer.outcome in (Outcome.ANSWERED, Outcome.SAFETY), number


def test_unknown_intent_and_equal_names_are_reported() -> None:
    services = (Service(name="Đăng ký", intent="khong_co"), Service(name="đăng ký"))
    found = [
        p.message
        for p in check_content(replace(GUIDES, services=services), (make_office(),), OPEN.date())
        if p.path == "essential_services.yaml"
    ]
    assert len(found) == 2
