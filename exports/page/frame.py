"""What the self-contained pages share: templates, inlined styles and scripts, and a policy that allows no others."""

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from exports.page.text import shown


def environment() -> Environment:
    """A Jinja environment that escapes everything, with the filters `shown` (for what partners typed) and `count`."""
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["shown"] = lambda text: Markup(shown(text))  # noqa: S704  shown() escapes
    made.filters["count"] = "{:,}".format
    return made


def policy(*, styles: Sequence[str], script: str) -> str:
    """The content security policy of a page: it allows only these styles and this script, by their hashes."""
    known = " ".join(f"'{_hash(name)}'" for name in styles)
    return f"default-src 'none'; style-src {known}; script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"


@cache
def inlined(name: str) -> str:
    """The text of a style or script."""
    return (_TEMPLATES / name).read_text(encoding="utf-8")


# ---------------------------------------------------------------------------------------------------------------------

_TEMPLATES = Path(__file__).parent / "templates"


@cache
def _hash(name: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(inlined(name).encode()).digest()).decode()
