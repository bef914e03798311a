"""The reviewer's and the specialist's work on the desk in a real browser: keyboard, two at once, axe."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from exports.home import ledger
from exports.home.layout import Home
from flows.review.decide import decide
from flows.review.release import release
from tests.desk.conftest import PATIENCE
from tests.desk.desks import CONTOSO, PSE, SALES, morning
from tests.desk.sites import open_desk
from tests.flows.review.folders import NOW, keep_run, release_all
from tests.people import person

GONE_ON = """() => document.querySelector('[aria-current=true]').dataset.decision === 'missing'
    || !document.querySelector('#queue [data-decision=missing]')"""
KEYS = 60  # a reviewer may need for 35 of 212 accounts, not counting the text of reasons


@pytest.fixture
def page(browser: Browser, home: Home) -> Iterator[Page]:
    """Morning, before a name was entered."""
    with _open_page(browser, home) as page:
        yield page


@pytest.fixture(scope="module")
def shared_page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page shared by the tests that change nothing."""
    with _open_page(browser, morning(tmp_path_factory.mktemp("shown") / "home")) as page:
        yield page


@contextmanager
def _open_page(browser: Browser, home: Home) -> Iterator[Page]:
    """The desk; at the end, the console has only refusals."""
    with open_desk(home) as address, browser.new_context() as context:
        page, complaints = context.new_page(), list[str]()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        yield page
        assert [complaint for complaint in complaints if "status of 40" not in complaint] == []


def test_a_name_is_required_and_a_reason_where_needed(page: Page, home: Home) -> None:
    """The name is not prefilled; Escape cancels, blanks are no reason, Enter sends."""
    expect(page.get_by_role("textbox", name="Your name")).to_have_value("")
    page.keyboard.press("a")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Somebody loses a course")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("a")
    dialog.get_by_role("textbox", name="Your name").fill("Ines")
    dialog.get_by_label("Reason").fill("license expired")
    page.keyboard.press("Enter")
    expect(page.locator("#progress")).to_have_text("1 of 7 decided")
    last = ledger.read(home)[-1]
    assert (last["what"], last["account"], last["by"], last["reason"]) == (
        *("approve", "Contoso GmbH", "Ines", "license expired"),
    )
    page.reload()
    expect(page.get_by_role("textbox", name="Your name")).to_have_value("Ines")
    assert page.locator("#reasons option").evaluate_all("found => found.map(one => one.value)") == ["license expired"]


def test_keys_move_through_the_queue(page: Page) -> None:
    """j and k; the current account is marked, and its name is the heading."""
    first = _current(page)
    second = _next(page)
    assert page.locator("#account-name").inner_text() == second
    page.reload()
    expect(page.locator("#account-name")).to_have_text(second)
    page.keyboard.press("k")
    expect(page.locator("#account-name")).to_have_text(first)
    page.get_by_label("Single keys").uncheck()
    page.locator("#main").focus()
    page.keyboard.press("j")
    page.get_by_label("Single keys").check()
    _next(page)
    assert page.locator("#account-name").inner_text() == second, "a key counted that was none"


def test_caps_lock_and_key_repeat_decide_one_account(page: Page, home: Home) -> None:
    """Caps Lock turns `a` into `A`, which is still one account."""
    _enter_name(page)
    _next(page)
    before = len(ledger.read(home))
    page.evaluate(
        "() => { for (const repeat of [false, true, true]) document.querySelector('#main').dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'A', code: 'KeyA', shiftKey: false, repeat, bubbles: true})); }"
    )
    expect(page.locator("#progress")).to_have_text("1 of 7 decided")
    assert [line["what"] for line in ledger.read(home)[before:]] == ["approve"]


def test_undo_takes_back_the_last_decision(page: Page) -> None:
    """Only of this page."""
    _enter_name(page)
    page.keyboard.press("z")
    expect(page.locator("#toasts")).to_contain_text("You have nothing to undo")
    account = _next(page)
    page.keyboard.press("a")
    expect(page.locator("#progress")).to_have_text("1 of 7 decided")
    page.keyboard.press("z")
    expect(page.locator("#progress")).to_have_text("0 of 7 decided")
    expect(page.locator("#account-name")).to_have_text(account)


def test_a_decision_by_someone_else_appears(page: Page, home: Home) -> None:
    """Within two seconds, with author and reason."""
    page.clock.install()
    page.reload()
    decide(home, "hold", accounts=["Contoso GmbH"], by="Bo", reason="ask <them>", now=NOW)
    page.clock.run_for(2000)
    expect(page.locator("#state")).to_contain_text("on hold by Bo")
    expect(page.locator("#state")).to_contain_text("ask <them>")
    expect(page.locator("#toasts")).to_contain_text("Contoso GmbH: put on hold by Bo")
    expect(page.locator("#progress")).to_have_text("1 of 7 decided")


def test_a_newer_night_makes_the_page_read_only(page: Page, home: Home) -> None:
    """An alert has a link; buttons are disabled."""
    _enter_name(page)
    keep_run(home, {CONTOSO: [person("Anna", "anna@contoso.example")]}, number=3)
    expect(page.get_by_role("alert")).to_contain_text("A newer run has finished")
    expect(page.get_by_role("button", name="Approve", exact=True)).to_be_disabled()
    before = home.ledger.read_bytes()
    page.keyboard.press("a")
    _wait_for_keys(page)
    assert home.ledger.read_bytes() == before
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Open the newer run").click()
    expect(page.get_by_role("alert")).to_be_empty()


def test_a_release_by_someone_else_waits_for_a_pending_decision(page: Page, home: Home) -> None:
    """A pending decision completes and can be undone; a key pressed during the reload is dropped, because it was meant
    for the old page."""
    _enter_name(page)
    account = _next(page)
    decide(home, "approve", accounts=["Northwind"], by="Bo", now=NOW)
    expect(page.locator("#toasts")).to_contain_text("Northwind: approved by Bo")
    held = list[Route]()
    page.route("**/decisions", lambda route: held.append(route))
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => document.querySelector('#main').dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'a', bubbles: true})))"
    )
    with page.expect_request("**/decisions"):
        page.keyboard.press("a")
    release(home, by="Bo", now=NOW)
    for _ in range(2):  # it learns that what is ready has changed, and goes on asking
        with page.expect_response(lambda answer: "/decisions?" in answer.url and answer.status == 200):
            pass
    expect(page.locator("#toasts")).not_to_contain_text("reloaded")
    held[0].continue_()
    page.unroute("**/decisions")
    expect(page.locator("#toasts")).to_contain_text("so the page was reloaded")
    expect(page.locator("#toasts")).to_contain_text("was dropped")
    decided = [(line["what"], line["account"]) for line in ledger.read(home) if line["by"] == "Ines"]
    assert decided == [("approve", account)]
    page.wait_for_timeout(1000)  # for so long after it loaded itself it takes no key
    page.keyboard.press("z")
    expect(page.locator("#toasts")).to_contain_text(f"{account}: undone")


def test_a_double_click_decides_one_account(page: Page, home: Home) -> None:
    """Not the next one too."""
    _enter_name(page)
    _next(page)
    before = len(ledger.read(home))
    page.get_by_role("button", name="Approve", exact=True).dblclick(delay=60)
    expect(page.locator("#progress")).to_have_text("1 of 7 decided")
    _wait_for_keys(page)
    assert len(ledger.read(home)) == before + 1


def test_a_morning_of_35_accounts_takes_few_keys(browser: Browser, tmp_path: Path) -> None:
    """212 accounts, 35 changed: 18 gained the same course, 2 lost one. Groups and auto-advance save keys."""
    home = Home(tmp_path / "home")
    before = {
        f"{1000 + number} Firm {number}": [person("P", f"p@f{number}.example", courses=PSE)] for number in range(212)
    }
    keep_run(home, before, number=1)
    release_all(home)
    changed = dict(before)
    for number, label in enumerate(list(before)[:35]):
        courses = f"{PSE}|{SALES}" if number < 18 else "" if number < 20 else PSE
        detail = {"Phone": f"+49 30 {number}"} if number < 28 else {"Mailing City": f"City {number}"}
        changed[label] = [person("P", f"p@f{number}.example", courses=courses, **(detail if number >= 20 else {}))]
    keep_run(home, changed, number=2)
    with _open_page(browser, home) as page:
        _enter_name(page)
        pressed = 0
        while "35 of 35" not in page.locator("#progress").inner_text():
            progress = page.locator("#progress").inner_text()
            group = page.get_by_role("button", name="Approve group").count()
            page.keyboard.press("Shift+A" if group else "a")
            pressed += 1
            dialog = page.locator("dialog[open]")
            page.wait_for_function(
                "seen => document.querySelector('dialog[open]')"
                " || document.querySelector('#progress').textContent !== seen",
                arg=progress,
            )
            if dialog.count():
                if page.locator("#ask[open]").count():
                    page.get_by_label("Reason").fill("expired")
                page.keyboard.press("Enter")
                pressed += 1
            expect(page.locator("#progress")).not_to_have_text(progress)
            page.wait_for_function(GONE_ON)
        page.keyboard.press("Shift+R")
        expect(page.locator("#list")).to_contain_text("Somebody loses a course: 2")
        page.keyboard.press("Enter")
        expect(page.locator("#toasts")).to_contain_text("35 reports released.")
        assert pressed + 2 <= KEYS


@pytest.mark.parametrize(
    "address",
    ["/", "/partners", "/partners?q=contoso", "/partners/1295686", "/runs", "/overview", "/health", "/nowhere"],
)
def test_every_page_passes_axe(shared_page: Page, address: str) -> None:
    """In light and dark; none is wider than a phone."""
    shared_page.set_viewport_size({"width": 1280, "height": 720})
    shared_page.goto(_origin(shared_page) + address)
    for scheme in ("light", "dark"):
        shared_page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  one of the two
        found = Axe().run(shared_page).response
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == [], scheme
    shared_page.set_viewport_size({"width": 390, "height": 800})
    assert shared_page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_partner_is_found_from_any_page(page: Page) -> None:
    """The slash focuses the search box; text from a mail finds the partner."""
    page.locator("#main").focus()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Find a partner")).to_be_focused()
    page.keyboard.type("Anna <anna@contoso.example>")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Contoso GmbH").click()
    expect(page.get_by_role("heading", name="Contoso GmbH")).to_be_visible()
    expect(page.get_by_role("table", name="People").get_by_role("row")).to_have_count(5)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    assert Path(download.value.path()).read_bytes().startswith(b"\xef\xbb\xbfFull Name")


def test_a_draft_to_a_new_address_needs_confirmation(page: Page) -> None:
    """The dialog names it; the draft is downloaded."""
    page.goto(_origin(page) + "/partners/1295686")
    page.get_by_role("textbox", name="To").fill("boss@elsewhere.example")
    page.get_by_role("textbox", name="Your name").first.fill("Ines")
    page.get_by_role("button", name="Draft mail").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Draft to boss@elsewhere.example").click()
    assert b"To: boss@elsewhere.example" in Path(download.value.path()).read_bytes()


def test_the_pages_are_readable_without_javascript(browser: Browser, home: Home) -> None:
    """The queue's links show each account; deciding needs the script."""
    with open_desk(home) as address, browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address)
        expect(page.get_by_role("heading", name="Contoso GmbH")).to_be_visible()
        page.get_by_role("link", name="Northwind").click()
        expect(page.get_by_role("heading", name="Northwind")).to_be_visible()


def _enter_name(page: Page) -> None:
    page.get_by_role("textbox", name="Your name").first.fill("Ines")
    page.keyboard.press("Tab")
    page.locator("#main").focus()


def _origin(page: Page) -> str:
    return str(page.evaluate("location.origin"))


def _next(page: Page) -> str:
    """Go to the next account and return its name."""
    before = _current(page)
    page.keyboard.press("j")
    expect(page.locator("[aria-current=true] .who")).not_to_have_text(before)
    return _current(page)


def _wait_for_keys(page: Page) -> None:
    """Wait until the page has done what all keys and clicks before asked for: one more opens a dialog."""
    page.locator("#main").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def _current(page: Page) -> str:
    return page.locator("[aria-current=true] .who").inner_text()
