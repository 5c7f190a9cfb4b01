"""`{{ name }}` and nothing else."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ContentError
from bot.templates import fill, names_in

REFUSED = [
    "{{ phi | upper }}",
    "{{ phi|e }}",
    "{{ phi() }}",
    "{{ phi.upper() }}",
    "{{ phi.x }}",
    "{{ phi['x'] }}",
    "{{ phi[0] }}",
    "{{ phi + phi }}",
    "{{ phi * 3 }}",
    "{{ -phi }}",
    "{{ not phi }}",
    "{{ phi ~ phi }}",
    "{{ 'a' }}",
    "{{ 1 }}",
    "{{ true }}",
    "{{ [phi] }}",
    "{{ {'a': phi} }}",
    "{{ phi if phi else phi }}",
    "{{ phi == phi }}",
    "{{ phi is defined }}",
    "{{ 'a' * 200000000 }}",
    "{{ '%200000000d' % 1 }}",
    "{{ ('x' * 20000) * 10000 }}",
    "{{ range(99999999) | list }}",
    "{{ lipsum(9999) }}",
    "{{ phi.__class__.__mro__ }}",
    "{{ cycler.__init__.__globals__ }}",
    "{% for x in phi %}a{% endfor %}",
    "{% for x in range(99999999) %}a{% endfor %}",
    "{% if phi %}a{% endif %}",
    "{% set x = 1 %}",
    "{% set x %}a{% endset %}",
    "{% include 'a' %}",
    "{% import 'a' as b %}",
    "{% extends 'a' %}",
    "{% block a %}{% endblock %}",
    "{% macro a() %}{% endmacro %}",
    "{% filter upper %}a{% endfilter %}",
    "{% raw %}{{ phi }}{% endraw %}",
    "{% raw %}a{% endraw %}",
    "{# lời nhắn cho nhau #}",
    "a {# b",
    "{% ",
    "{{ ",
    "{{ }}",
    "{{ a b }}",
    "{{ phí trễ }}",
]


@pytest.mark.parametrize("text", REFUSED)
def test_anything_but_a_name_is_refused_before_it_is_run(text: str) -> None:
    began = time.monotonic()
    with pytest.raises(ContentError):
        names_in(text)
    with pytest.raises(ContentError):
        fill(text, {"phi": "x"})
    assert time.monotonic() - began < 1


def test_names_are_found_once_each() -> None:
    assert names_in("{{ phi }} và {{phi}}, gọi {{ sdt }}") == {"phi", "sdt"}
    assert names_in("không có gì, 100% } ]] {") == frozenset()


def test_names_are_replaced_and_everything_else_stays() -> None:
    text = "Phí: {{ phi }}.\n<b>“x” & 50%</b>"
    assert fill(text, {"phi": "<12.000 & 1>", "sdt": "1"}) == (
        "Phí: <12.000 & 1>.\n<b>“x” & 50%</b>"
    )


def test_value_that_looks_like_a_template_is_not_run_again() -> None:
    assert fill("{{ phi }}", {"phi": "{{ sdt }}", "sdt": "1"}) == "{{ sdt }}"


def test_missing_names_are_all_named() -> None:
    with pytest.raises(ContentError) as caught:
        fill("{{ b }} {{ a }} {{ phi }}", {"phi": "1"})
    assert caught.value.message.endswith("a, b")


@given(st.text(st.characters(exclude_characters="{}\r\n"), max_size=60))
def test_plain_text_is_never_changed(text: str) -> None:
    assert fill(text, {}) == text


@given(st.text(st.sampled_from("{}%#a |.()'"), max_size=14))
def test_no_text_escapes_as_another_error(text: str) -> None:
    try:
        fill(text, {"a": "1"})
    except ContentError:
        return
