"""`{{ fact }}` in texts that officers write: an allow-list far smaller than Jinja2's sandbox.

The sandbox alone happily rendered a 200 MB string from one expression, so only plain text and
plain names pass; everything else is a ContentError when the text is read. Texts in the usual form
are filled here, because compiling a template for each of them took seconds; Jinja2 judges the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.errors import ContentError

_ALLOWED = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name)
_ONLY_NAMES = "chỉ được dùng {{ tên_dữ_kiện }}, không dùng lệnh nào khác"
_environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_NAME = re.compile(r"\{\{ *([a-z][a-z0-9_]*) *\}\}")
_NOT_NAMES = {"true", "false", "none", "not", "and", "or", "in", "is", "if", "else"}
"""Words of Jinja2 that look like names."""


@lru_cache(maxsize=65_536)
def _read(text: str) -> tuple[Template | None, frozenset[str]]:
    """What renders `text` and the names in it; None if `_NAME` finds all there is to fill."""
    names = frozenset(_NAME.findall(text))
    if not names & _NOT_NAMES and not {"{", "\r"} & set(_NAME.sub("", text)):
        return None, names
    if "{%" in text or "{#" in text:
        # Comments and raw blocks leave no node behind that could be refused below.
        raise ContentError("", _ONLY_NAMES)
    try:
        tree = _environment.parse(text)
    except TemplateSyntaxError as exc:
        raise ContentError("", f"dấu {{{{ … }}}} viết chưa đúng: {exc.message}") from exc
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _ALLOWED):
            raise ContentError("", _ONLY_NAMES)
    names = frozenset(node.name for node in tree.find_all(nodes.Name))
    return _environment.from_string(text), names


def names_in(text: str) -> frozenset[str]:
    """Names of facts and office values that `text` uses.

    Raises ContentError (without a path) if it holds anything but plain text and `{{ name }}`.
    """
    return _read(text)[1]


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with every `{{ name }}` replaced.

    Raises ContentError on a name that `values` lacks, or on a text that is not allowed.
    """
    template, names = _read(text)
    missing = names - values.keys()
    if missing:
        raise ContentError("", f"chưa có dữ kiện: {', '.join(sorted(missing))}")
    if template is None:
        filled = _NAME.sub(lambda found: values[found[1]], text) if names else text
        return filled.removesuffix("\n")  # as Jinja2 does
    return template.render({name: values[name] for name in names})
