"""What axe finds on a page in light and in dark."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

ALL = {"resultTypes": ["violations"]}
COLOURS = ALL | {"runOnly": ["color-contrast", "link-in-text-block"]}  # the rules that depend on the colour scheme


def violations(page: Page) -> list[tuple[str, dict[str, Any]]]:
    """Colour scheme and violation: by all rules in light, by those of colours in dark. The page is dark afterwards."""
    found = []
    page.emulate_media(color_scheme="light")
    found += [("light", one) for one in Axe().run(page, options=ALL).response["violations"]]
    page.emulate_media(color_scheme="dark")
    found += [("dark", one) for one in Axe().run(page, options=COLOURS).response["violations"]]
    return found
