"""The review page in a real browser: keyboard, no JavaScript, print, axe."""

from collections.abc import Iterable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from exports.page.render import render
from tests.flows.review.reviews import SCRIPT, night


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of the page, as in a run folder."""
    path = tmp_path_factory.mktemp("run") / "review.html"
    path.write_bytes(render(night()))
    return path.as_uri()


@pytest.fixture
def file(browser: Browser, address: str) -> Iterator[Page]:
    """The page opened from its file."""
    with browser.new_context() as context:
        page = context.new_page()
        errors = _errors_of(page)
        page.goto(address)
        yield page
        assert errors == []


def _errors_of(page: Page) -> list[str]:
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text))
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("dialog", lambda dialog: found.append(f"dialog {dialog.message}"))
    return found


def _press(page: Page, keys: Iterable[str]) -> None:
    for key in keys:
        page.keyboard.press(key)


def _current(page: Page) -> str:
    return page.locator("[aria-current]").locator("h3, th").first.inner_text().removeprefix("▸ ")


def test_keys_move_between_accounts_and_changes(file: Page) -> None:
    """n and p by account, j and k by change, across accounts."""
    _press(file, "n")
    assert _current(file) == "Contoso GmbH"
    _press(file, "jjjjj")
    assert "Jörg Weiß" in file.locator("tr:focus").inner_text()
    _press(file, "j")
    assert _current(file) == "شركة الأفق"
    _press(file, "k")
    assert "Jörg Weiß" in file.locator("tr:focus").inner_text()
    _press(file, "nn")
    assert _current(file) == SCRIPT
    _press(file, "p")
    assert _current(file) == "شركة الأفق"
    file.reload()
    assert _current(file) == "شركة الأفق"


def test_the_filter(file: Page) -> None:
    """By text, kind and alarm; the number of matches is shown; Escape leaves the field."""
    shown = file.locator(".item:visible")
    expect(file.locator("#found")).to_have_text("7 of 7 accounts")
    _press(file, "/")
    file.keyboard.type("TOM BROWN")
    expect(shown).to_have_count(1)
    expect(file.locator("#account-1 tbody tr:visible")).to_have_count(1)
    file.locator("#search").fill("nobody has this name")
    expect(file.locator("#none-found")).to_be_visible()
    file.get_by_role("button", name="Show all accounts").click()
    expect(shown).to_have_count(7)
    file.get_by_role("combobox", name="Change").select_option("gained")
    expect(shown).to_have_count(3)
    expect(file.locator("#account-1 tbody tr:visible")).to_have_count(1)
    file.get_by_role("combobox", name="Change").select_option("")
    file.get_by_role("combobox", name="Alarm").select_option("lost")
    expect(shown).to_have_count(1)


def test_the_search_covers_unchanged_and_held_accounts(file: Page) -> None:
    """Ignoring accents."""
    for wanted, found in (("UNCHANGED PARTNER", "tr.findable"), ("humongous", "article.findable")):
        file.locator("#search").fill(wanted)
        expect(file.locator(".item:visible")).to_have_count(0)
        expect(file.locator(f"{found}:visible")).to_have_count(1)
        expect(file.locator("#none-found")).to_be_hidden()
        expect(file.locator("#found")).to_have_text("0 of 7 accounts, 1 that need no decision")
    file.locator("#search").fill("schafer")
    expect(file.locator(".item:visible")).to_have_count(1)


def test_help_lists_the_keys_and_single_keys_can_be_turned_off(file: Page) -> None:
    """They conflict with speech input and other shortcuts."""
    _press(file, "?")
    expect(file.get_by_role("dialog", name="Keys")).to_be_visible()
    file.get_by_label("Use single keys").uncheck()
    _press(file, ["Escape"])
    _press(file, "nn")
    expect(file.locator("[aria-current]")).to_have_count(0)


def test_everything_is_there_without_javascript(browser: Browser, address: str) -> None:
    """And no control that would not work."""
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address)
        expect(page.locator(".changes tbody tr")).to_have_count(11)
        expect(page.get_by_text("anna@contoso.example")).to_be_visible()
        expect(page.locator("#bar, dialog, button, input, select").locator("visible=true")).to_have_count(0)


def test_print_ignores_the_filter(file: Page) -> None:
    """Everything is printed."""
    file.locator("#search").fill("Tom Brown")
    expect(file.locator(".item:visible")).to_have_count(1)
    file.emulate_media(media="print")
    expect(file.locator(".changes tbody tr:visible")).to_have_count(11)
    expect(file.locator("#bar")).to_be_hidden()
    assert "@bottom-right { content: counter(page)" in file.locator("style").inner_text()


def test_nothing_scrolls_sideways_on_a_phone(file: Page) -> None:
    """Even with names and cells of hundreds of letters."""
    file.set_viewport_size({"width": 360, "height": 700})
    assert file.evaluate("document.documentElement.scrollWidth") == 360


def test_axe_finds_nothing_serious(file: Page) -> None:
    """With an account selected and with the help open, in light and dark."""
    for keys in ("n", "?"):
        _press(file, keys)
        for scheme in ("light", "dark"):
            file.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  one of the two
            found = Axe().run(file).response["violations"]
            grave = [one for one in found if one["impact"] in ("serious", "critical")]
            assert [(one["id"], one["nodes"][0]["html"]) for one in grave] == [], scheme
