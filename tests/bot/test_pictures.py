"""Pictures of steps: read from the folder, judged, put into the message of their step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ask import to_json
from bot.checks import MAX_DESCRIPTION, check_content
from bot.content import Content, ContentFolder, load_content
from bot.errors import ContentError
from bot.guides import MAX_PICTURE_BYTES, Guide, Picture
from bot.messages import (
    MAX_CHARS,
    MAX_MESSAGES,
    Button,
    Message,
    MessagePicture,
    Reply,
    message_to_json,
    parse_message,
)
from bot.pictures import measure_picture, parse_picture
from bot.render import Choice, render_errors, render_guide, split_around, voice_of
from bot.talk import Decision, Outcome, Talk
from tests.bot.builders import (
    TODAY,
    make_guide,
    make_guides,
    make_office,
    make_step,
    shipped_content,
    write_content,
)

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
JPEG = b"\xff\xd8\xff\xe0" + bytes(40)
DRAWING = measure_picture(Picture(file="so_do.png", description="sơ đồ chỗ áp thẻ"), PNG)
CHOICES = [Choice(title=f"Việc số {n}", payload=f"g1:viec_{n}") for n in range(1, 4)]


def with_picture(picture: Picture | None = DRAWING, **changes: object) -> Guide:
    steps = (make_step(), make_step("ap", "Áp thẻ", picture=picture), make_step("xong", "Xong"))
    return make_guide(**{"steps": steps, **changes})


def folder(tmp_path: Path, guide: Guide, **files: bytes) -> Path:
    guides = make_guides()
    root = write_content(tmp_path, replace(guides, guides={**guides.guides, guide.intent: guide}))
    for name, content in files.items():
        (root / "guides" / guide.intent / f"{name}.png").write_bytes(content)
    return root


def messages_of(guide: Guide) -> list[str]:
    """What is wrong with a guide only because of its pictures."""

    def found(guide: Guide) -> list[str]:
        guides = make_guides()
        guides = replace(guides, guides={**guides.guides, guide.intent: guide})
        return [p.message for p in check_content(guides, (make_office(),), TODAY)]

    without = found(replace(guide, steps=tuple(replace(s, picture=None) for s in guide.steps)))
    return [message for message in found(guide) if message not in without]


def problems_of(content: Content) -> list[str]:
    """What is wrong with the guide that has the pictures."""
    return [p.message for p in content.problems if p.path == "guides/mat_khau/guide.md"]


def render(guide: Guide, choices: list[Choice] = CHOICES, variant: str | None = None) -> Reply:
    return render_guide(voice_of(make_guides(), make_office(), TODAY), guide, variant, choices)


def test_line_names_the_file_and_says_what_it_shows() -> None:
    picture = parse_picture("![sơ đồ  chỗ áp thẻ](so-do_1.PNG)")
    assert (picture.file, picture.description) == ("so-do_1.PNG", "sơ đồ chỗ áp thẻ")
    assert not picture.is_sendable


@pytest.mark.parametrize(
    "line",
    ["![a](b.png", "![a] (b.png)", "![a](../b.png)", "![a](x/b.png)", "![a](.b.png)", "![a]()",
     "![a](http://x.vn/b.png)", "![a](b.png) và chữ", "![a](hình.png)", "![a](b\\c.png)"],
)  # fmt: skip
def test_line_of_another_form_or_folder_is_refused(line: str) -> None:
    with pytest.raises(ContentError, match="hình cần dạng"):
        parse_picture(line)


@pytest.mark.parametrize(
    ("content", "kind"),
    [(PNG, "image/png"), (JPEG, "image/jpeg"), (b"GIF89a", ""), (b"<svg/>", ""), (b"", "")],
)
def test_kind_of_a_picture_is_told_by_its_bytes_not_by_its_name(content: bytes, kind: str) -> None:
    picture = measure_picture(Picture(file="a.png", description="x"), content)
    assert (picture.media_type, picture.size) == (kind, len(content))
    assert picture.sha256 == sha256(content).hexdigest()
    assert picture.is_sendable is bool(kind)


def test_picture_beside_the_guide_is_read_with_it(tmp_path: Path) -> None:
    content = load_content(folder(tmp_path, with_picture(), so_do=PNG), TODAY)
    assert problems_of(content) == []
    steps = content.guides.guides["mat_khau"].steps
    assert [s.picture for s in steps] == [None, DRAWING, None]
    assert steps[1].lines == ("Bấm **Mở**.",), "its line is no line of the step"


def test_guide_stays_in_use_without_a_picture_that_is_missing(tmp_path: Path) -> None:
    content = load_content(folder(tmp_path, with_picture()), TODAY)
    (problem,) = problems_of(content)
    assert "bước ap: hình so_do.png: không có tệp" in problem
    reply = render(content.guides.guides["mat_khau"])
    assert [m.picture for m in reply.messages] == [None]


def test_changed_picture_is_noticed(tmp_path: Path) -> None:
    root = folder(tmp_path, with_picture(), so_do=PNG)
    current = ContentFolder(root, today=lambda: TODAY, look_every_s=0).current
    assert current().guides.guides["mat_khau"].steps[1].picture == DRAWING
    (root / "guides" / "mat_khau" / "so_do.png").write_bytes(JPEG + b"longer")
    changed = current().guides.guides["mat_khau"].steps[1].picture
    assert changed is not None
    assert changed.media_type == "image/jpeg"


def second_line(text: str) -> str:
    line = "![sơ đồ chỗ áp thẻ](so_do.png)"
    return text.replace(line, f"{line}\n\n{line}")


def among_errors(text: str) -> str:
    return text.replace("![", "### Hay gặp\n\n- x: y\n\n![")


@pytest.mark.parametrize("change", [second_line, among_errors])
def test_step_has_one_picture_before_its_errors(
    tmp_path: Path, change: Callable[[str], str]
) -> None:
    root = folder(tmp_path, with_picture(), so_do=PNG)
    path = root / "guides" / "mat_khau" / "guide.md"
    path.write_text(change(path.read_text("utf-8")), encoding="utf-8")
    (problem,) = problems_of(load_content(root, TODAY))
    assert "mỗi bước nhiều nhất một hình" in problem


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"size": 0, "sha256": "", "media_type": ""}, "không có tệp"),
        ({"media_type": ""}, "phải là ảnh PNG hoặc JPG"),
        ({"size": MAX_PICTURE_BYTES + 1}, "nặng quá 1 MB"),
        ({"description": ""}, "chưa có lời mô tả"),
        ({"description": "x" * (MAX_DESCRIPTION + 1)}, "lời mô tả dài quá"),
        ({"description": "gọi 0912 345 678"}, "phải là dữ kiện"),
        ({"description": "{{ khong_co }}"}, "dữ kiện khong_co chưa có"),
    ],
)
def test_picture_rules(changes: dict[str, object], message: str) -> None:
    found = messages_of(with_picture(replace(DRAWING, **changes)))  # type: ignore[arg-type]
    assert len(found) == 1
    assert message in found[0]


def test_picture_of_exactly_the_largest_size_is_fine() -> None:
    assert messages_of(with_picture(replace(DRAWING, size=MAX_PICTURE_BYTES))) == []


def test_each_case_may_have_a_picture_but_only_one() -> None:
    phones = make_guides().guides["cai_app"]
    first, second, common = (replace(s, picture=DRAWING) for s in phones.steps)
    plain = replace(common, picture=None)
    assert messages_of(replace(phones, steps=(first, second, plain))) == []
    assert "nhiều hơn một hình" in messages_of(replace(phones, steps=(first, second, common)))[0]


def test_picture_without_room_is_reported() -> None:
    long = make_step("dai", "Đọc", lines=("x" * 1_500,))
    last = make_step("ap", "Áp thẻ", lines=("x" * 1_000,), picture=DRAWING)
    assert messages_of(with_picture(steps=(long, last))) == []
    (found,) = messages_of(with_picture(steps=(long, replace(long, id="nua"), last)))
    assert "không còn chỗ cho hình" in found


def test_picture_is_above_its_step_and_buttons_are_elsewhere() -> None:
    reply = render(with_picture())
    before, shown, after = reply.messages
    assert shown.picture == MessagePicture(
        path="guides/mat_khau/so_do.png", sha256=DRAWING.sha256, description="sơ đồ chỗ áp thẻ"
    )
    assert shown.text.startswith("Bước 2 trong 3: Áp thẻ")
    assert (before.picture, after.picture) == (None, None)
    assert [len(m.buttons) for m in reply.messages] == [0, 0, 3]


def test_picture_changes_no_word_of_a_guide() -> None:
    assert render(with_picture()).text == render(with_picture(None)).text


def test_guide_that_asks_for_the_case_and_common_errors_show_no_picture() -> None:
    phones = make_guides().guides["cai_app"]
    phones = replace(phones, steps=tuple(replace(s, picture=DRAWING) for s in phones.steps))
    assert all(m.picture is None for m in render(phones).messages)
    errors = render_errors(voice_of(make_guides(), make_office(), TODAY), phones, "iphone", [])
    assert all(m.picture is None for m in errors.messages)


SIZES = st.lists(st.integers(1, 1_900), min_size=1, max_size=8)


@given(SIZES, st.data(), st.integers(0, 4))
@settings(max_examples=100)
def test_guide_with_a_picture_fits_whenever_it_fits_without(
    sizes: list[int], data: st.DataObject, choices: int
) -> None:
    place = data.draw(st.integers(0, len(sizes) - 1))
    steps = tuple(
        make_step(f"s{n}", f"Bước tên {n}", lines=("x" * size,)) for n, size in enumerate(sizes)
    )
    shown = tuple(replace(s, picture=DRAWING) if n == place else s for n, s in enumerate(steps))
    offered = [Choice(title=f"Việc {n}", payload=f"g1:v{n}") for n in range(choices)]
    try:
        plain = render(make_guide(steps=steps), offered)
    except ContentError:
        return
    reply = render(make_guide(steps=shown), offered)
    assert reply.text == plain.text
    assert len(reply.messages) <= MAX_MESSAGES
    assert all(0 < len(m.text) <= MAX_CHARS for m in reply.messages)
    assert reply.messages[-1].buttons == plain.messages[-1].buttons
    for message in reply.messages:
        assert message.picture is None or (
            f"Bước tên {place}" in message.text and not message.buttons
        )
    assert sum(m.picture is not None for m in reply.messages) <= 1


@given(st.lists(st.integers(1, 1_200), min_size=2, max_size=9), st.data(), st.booleans())
@settings(max_examples=100)
def test_picture_is_left_out_only_where_there_is_no_room(
    sizes: list[int], data: st.DataObject, is_last_taken: bool
) -> None:
    place = data.draw(st.integers(0, len(sizes) - 1))
    blocks = [chr(97 + n) * size for n, size in enumerate(sizes)]
    groups = split_around(blocks, place, is_last_taken=is_last_taken)
    if groups is None:
        is_last = place == len(blocks) - 1 and is_last_taken
        assert is_last or sum(sizes) > MAX_CHARS * (MAX_MESSAGES / 2)
        return
    assert "\n\n".join(text for text, _ in groups) == "\n\n".join(blocks)
    assert [blocks[place] in text for text, _ in groups] == [here for _, here in groups]
    assert not (is_last_taken and groups[-1][1])


PICTURE = MessagePicture(path="guides/x/a.png", sha256="ab", description="sơ đồ")


def test_message_with_a_picture_survives_the_outbox() -> None:
    button = Button(title="Xem", type="query", payload="g1:x")
    for message in (Message(text="a", picture=PICTURE), Message(text="a", buttons=(button,))):
        assert parse_message(message_to_json(message)) == message


def test_letter_from_before_there_were_pictures_is_still_read() -> None:
    assert parse_message({"text": "a", "buttons": []}) == Message(text="a")


def test_picture_is_said_in_brackets_where_it_would_stand() -> None:
    message = Message(text="Bước 2: Áp thẻ", picture=PICTURE)
    assert message.in_words == Message(text="[Hình: sơ đồ]\n\nBước 2: Áp thẻ")
    assert Message(text="a").in_words == Message(text="a")


def test_asking_as_json_tells_of_the_picture() -> None:
    decision = Decision(
        outcome=Outcome.ANSWERED, reply=Reply(messages=(Message(text="a", picture=PICTURE),)),
        talk=Talk(),
    )  # fmt: skip
    (message,) = to_json(decision)["messages"]
    assert message["picture"] == {
        "path": "guides/x/a.png", "sha256": "ab", "description": "sơ đồ",
    }  # fmt: skip


@pytest.mark.parametrize("case", ["android", "iphone"])
def test_shipped_guide_shows_where_the_card_is_held(case: str) -> None:
    content = shipped_content()
    office = next(iter(content.offices.values()))
    guide = content.guides.guides["vneid_loi_nfc"]
    reply = render_guide(voice_of(content.guides, office, TODAY), guide, case, CHOICES)
    (shown,) = (m for m in reply.messages if m.picture)
    assert "Áp mặt có chip" in shown.text
    (picture,) = (s.picture for s in guide.steps_for(case) if s.picture)
    assert picture.is_sendable
    assert picture.size < 60_000
