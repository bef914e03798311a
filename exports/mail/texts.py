"""Renders the subject, text and HTML of a mail from templates: the team's, in the home, override the built-in ones.

Templates know `account`, `day`, `people` (how many the report lists), `attachments` (names), `changes` and `tiers` (a
sentence each, or empty) and `sender`. What partners typed is escaped in HTML, and is one line everywhere else.
"""

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import (
    ChoiceLoader,
    FileSystemLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    select_autoescape,
)
from jinja2.sandbox import SandboxedEnvironment

from exports.home.files import names_in
from schemas.contacts import LANGUAGES
from schemas.errors import WrongUsage
from schemas.names import INVISIBLE

BUILT_IN = Path(__file__).with_name("templates")
PARTS = ("subject.{}.txt.j2", "mail.{}.txt.j2", "mail.{}.html.j2")


class Text(NamedTuple):
    """The texts of a mail; text and HTML have the same content."""

    subject: str
    text: str
    html: str


class Texts:
    """The templates in a team's folder, if there are any, and the built-in ones."""

    def __init__(self, folder: Path) -> None:
        loader = ChoiceLoader([FileSystemLoader(folder), FileSystemLoader(BUILT_IN)])
        self._folder = folder
        self._environment = SandboxedEnvironment(  # people share templates without reading the code in them
            loader=loader,
            autoescape=select_autoescape(enabled_extensions=["html.j2"], disabled_extensions=["txt.j2"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,  # or each mail would check its templates for changes
        )

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that have templates."""
        own = (match[1] for name in names_in(self._folder) if (match := _OWN.fullmatch(name)))
        return tuple(dict.fromkeys([*LANGUAGES, *sorted(own)]))

    def mail(self, language: str, facts: Mapping[str, Any]) -> Text:
        """Render a mail. Raises WrongUsage, naming file and line, if a template is broken."""
        subject, text, html = (self._rendered(part.format(language), facts) for part in PARTS)
        return Text(one_line(subject), text.strip() + "\n", html)

    def sentence(self, kind: str, language: str, facts: Mapping[str, Any]) -> str:
        """Render the sentence `changes` or `tiers`; in English if the language has no template for it."""
        name = f"{kind}.{language}.txt.j2"
        if name not in self._names:
            name = f"{kind}.{LANGUAGES[0]}.txt.j2"
        return one_line(self._rendered(name, facts))

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self._environment.list_templates())

    def _rendered(self, name: str, facts: Mapping[str, Any]) -> str:
        try:
            return self._environment.get_template(name).render(facts)
        except TemplateNotFound as missing:
            raise WrongUsage(
                f"There is no template {missing.name} in {self._folder}. Add it, or name another language"
            ) from None
        except TemplateSyntaxError as wrong:
            broken = f"{wrong.filename or self._folder / name}, line {wrong.lineno}: {wrong.message}"
        except UnicodeDecodeError:
            broken = f"{self._folder / name}, line 1: it is not UTF-8"
        except Exception as wrong:  # noqa: BLE001  a team's template may raise anything
            broken = f"{_where(wrong, self._folder / name)}: {wrong}"
        raise WrongUsage(f"A template is broken: {broken}. Correct or remove it; no mail was made")


def one_line(text: str) -> str:
    """The text as one line, without control and invisible characters."""
    return " ".join(_UNSEEN.sub("", _CONTROL.sub(" ", text)).split())


# ---------------------------------------------------------------------------------------------------------------------

_OWN = re.compile(r"mail\.([^.]+)\.txt\.j2")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_UNSEEN = re.compile(f"[{INVISIBLE}]+")


def _where(wrong: BaseException, template: Path) -> str:
    """File and line of the innermost template in the traceback."""
    where, step = f"{template}, line 1", wrong.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename.endswith(".j2"):
            where = f"{step.tb_frame.f_code.co_filename}, line {step.tb_lineno}"
        step = step.tb_next
    return where
