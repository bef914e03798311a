"""Renders the desk's pages: one frame around each, partners' texts escaped, nothing loaded from other sites.

The data of a page comes from the module of its route.
"""

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import FileResponse, HTMLResponse, Response

from desk.door import message
from exports.page.sections import decision, severity
from exports.page.text import shown
from schemas.words import moment, plural

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGES = (
    ("/", "Morning"),
    ("/partners", "Partners"),
    ("/runs", "Runs"),
    ("/overview", "Overview"),
    ("/health", "Health"),
)


def page(template: str, status: int = 200, **shows: Any) -> Response:
    """Render `templates/<template>.html.j2` as a response; `shows` are its variables."""
    return HTMLResponse(fragment(template, **shows), status)


def fragment(template: str, **shows: Any) -> str:
    """Render a template as text."""
    return _environment().get_template(f"{template}.html.j2").render(**shows)


def asset(name: str) -> Response:
    """A stylesheet, script or image of the desk."""
    path = _ASSETS.get(name)
    return FileResponse(path) if path else message(404, "There is no such file.")


def download(name: str, data: bytes, kind: str) -> Response:
    """A response that the browser saves as a file of this name."""
    return Response(data, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{quote(name)}"'})


# ---------------------------------------------------------------------------------------------------------------------

_HERE = Path(__file__).parent
_SHARED = _HERE.parent / "exports" / "page" / "templates"  # shared with review.html and the overview page
_ASSETS = {path.name: path for path in (_HERE / "static").iterdir()}
_ASSETS |= {name: _SHARED / name for name in ("page.css", "overview.css", "overview.js")}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = lambda text: Markup(shown(text))  # noqa: S704  shown() escapes
    environment.filters["severity"] = lambda level: Markup(severity(level))  # noqa: S704  a word of our own
    environment.filters["decision"] = lambda state: Markup(decision(state))  # noqa: S704  a word of our own
    environment.filters["count"] = "{:,}".format
    environment.filters["day"] = moment
    environment.globals.update(plural=plural, pages=PAGES)
    return environment
