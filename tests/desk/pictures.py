"""Takes the screenshots of README: `make demo`, then `python -m tests.desk.pictures .demo/home`."""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from exports.home.layout import Home
from tests.desk.conftest import CHROMIUM, QUIET
from tests.desk.sites import open_desk

IMAGES = Path(__file__).parents[2] / "docs" / "images"
ACCOUNT = "Müller & Söhne"  # most machines have fonts for its people's names


def main() -> None:
    """Take one of Morning and one of a partner's page."""
    home = Home(Path(sys.argv[1]))
    with open_desk(home) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(address)
        page.get_by_label("Your name").first.fill("Ines")
        page.locator("#queue").get_by_role("link", name=ACCOUNT).click()
        page.get_by_role("heading", name=ACCOUNT).wait_for()
        page.keyboard.press("Escape")
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=IMAGES / "morning.png")
        page.get_by_role("link", name="partner's page").click()
        page.get_by_role("status").wait_for()
        page.screenshot(path=IMAGES / "partner.png")
        browser.close()


if __name__ == "__main__":
    main()
