"""Pages of the desk as HTML: one frame around each, every text of a partner escaped, nothing from elsewhere.

What a page shows is worked out by the room that it belongs to; here it becomes HTML.
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
    """One page: `templates/<template>.html.j2` with what it shows, in the frame that all have."""
    return HTMLResponse(fragment(template, **shows), status)


def fragment(template: str, **shows: Any) -> str:
    """A part of a page, as HTML."""
    return _environment().get_template(f"{template}.html.j2").render(**shows)


def asset(name: str) -> Response:
    """A style, script or picture of the desk."""
    path = _ASSETS.get(name)
    return FileResponse(path) if path else message(404, "There is no such file.")


def download(name: str, data: bytes, kind: str) -> Response:
    """Bytes to be kept as a file of this name."""
    return Response(data, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{quote(name)}"'})


# ---------------------------------------------------------------------------------------------------------------------

_HERE = Path(__file__).parent
_SHARED = _HERE.parent / "exports" / "page" / "templates"  # tables as in review.html, the overview as on its own page
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
