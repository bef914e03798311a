"""The review page in a real browser: worked by keyboard, without JavaScript, on paper, and by axe."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from exports.page.render import render
from flows.review import compare
from tests.desk.desks import AFTER, FILES, Office, morning, open_office
from tests.flows.review.folders import keep_run
from tests.flows.review.reviews import SCRIPT, night


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An open office."""
    with open_office(morning(tmp_path / "home")) as office:
        yield office


@pytest.fixture
def desk(browser: Browser, office: Office) -> Iterator[Page]:
    """The served page."""
    with _opened(browser, office) as page:
        yield page


@contextmanager
def _opened(browser: Browser, office: Office) -> Iterator[Page]:
    """The served page, with nothing on its console at the end but what the test has asked for."""
    with browser.new_context() as context:
        page = context.new_page()
        complaints = _complaints(page)
        page.goto(office.url)
        yield page
        assert [complaint for complaint in complaints if "status of 409" not in complaint] == []  # a refusal is told


@pytest.fixture
def file(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The page as it lies in the run folder."""
    (tmp_path / "review.html").write_bytes(render(night()))
    with browser.new_context() as context:
        page = context.new_page()
        complaints = _complaints(page)
        page.goto((tmp_path / "review.html").as_uri())
        yield page
        assert complaints == []


def _complaints(page: Page) -> list[str]:
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


def test_a_loss_is_approved_by_keyboard_with_a_reason(desk: Page, office: Office) -> None:
    """The token is gone from the address; next, approve, why: and the decision is written."""
    assert desk.url == office.address + "/"
    _press(desk, "na")
    expect(desk.locator("#ask")).to_be_visible()
    desk.keyboard.type("retired")
    _press(desk, ["Tab", "Enter"])
    expect(desk.locator("#live")).to_have_text("Contoso GmbH: approved. 6 decisions missing.")
    (line,) = office.choices
    assert (line["what"], line["account_id"], line["by"], line["reason"]) == ("approve", "1295686", "Ada", "retired")
    assert line["sha256"] == office.account("Contoso GmbH")["sha256"]
    expect(desk.locator("#account-1 .decision")).to_have_text("✓ approved")


def test_a_gain_is_approved_held_and_undone_by_keyboard(desk: Page, office: Office) -> None:
    """A gain needs no reason; deciding again replaces; undo takes it back."""
    _press(desk, "nna")
    expect(desk.locator("#account-2 .decision")).to_have_text("✓ approved")
    _press(desk, "h")
    desk.keyboard.type("wait for the partner")
    _press(desk, ["Tab", "Enter"])
    expect(desk.locator("#account-2 .decision")).to_have_text("‖ on hold")
    _press(desk, "u")
    expect(desk.locator("#account-2 .decision")).to_have_text("○ to decide")
    assert [choice["what"] for choice in office.choices] == ["approve", "hold", "undo"]


def test_a_decision_is_made_with_the_mouse(desk: Page, office: Office) -> None:
    """Rejecting asks for a reason; cancelling decides nothing."""
    article = desk.get_by_role("article", name="Northwind")
    article.get_by_role("button", name="Reject").click()
    desk.locator("#ask").get_by_role("button", name="Cancel").click()
    assert office.choices == []
    article.get_by_role("button", name="Reject").click()
    desk.get_by_label("Reason").fill("not our partner")
    desk.locator("#ask").get_by_role("button", name="Reject").click()
    expect(article.locator(".decision")).to_have_text("✕ rejected")
    assert [(choice["what"], choice["reason"]) for choice in office.choices] == [("reject", "not our partner")]


def test_a_first_report_in_the_table_is_decided_like_any_other(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its row is an account too."""
    monkeypatch.setattr(compare, "LISTED", 1)  # people of new accounts are then counted, not listed
    with open_office(morning(tmp_path)) as office, _opened(browser, office) as desk:
        _press(desk, "pp")
        assert _current(desk) == "Big First"
        _press(desk, "a")
        expect(desk.locator("tr.item .decision").first).to_have_text("✓ approved")
        assert [choice["account_id"] for choice in office.choices] == ["1301000"]


def test_what_another_reviewer_decided_is_seen_and_not_overwritten(desk: Page, office: Office) -> None:
    """The page shows the other decision and says so."""
    desk.route("**/decisions?*", lambda route: route.fulfill(status=204))  # this page has not heard of it yet
    expect(desk.locator("#account-2 .decision")).to_have_text("○ to decide")
    office.decide_elsewhere("شركة الأفق", "hold")
    with desk.expect_response("**/decisions") as answer:
        _press(desk, "nna")
    assert answer.value.status == 409
    expect(desk.locator("#notice")).to_contain_text("Somebody else has decided meanwhile")
    expect(desk.locator("#account-2 .decision")).to_have_text("‖ on hold")
    assert office.choices == []


def test_two_reviewers_at_once_see_one_another(browser: Browser, office: Office, desk: Page) -> None:
    """Each decision is seen in the other's page within seconds; neither is overwritten."""
    with browser.new_context() as context:
        other = context.new_page()
        context.add_cookies(list(desk.context.cookies()))
        other.goto(office.address)
        _press(desk, "nna")
        expect(desk.locator("#account-2 .decision")).to_have_text("✓ approved")
        expect(other.locator("#account-2 .decision")).to_have_text("✓ approved", timeout=10_000)
        expect(other.locator("#waiting")).to_have_text("6 decisions")
        _press(other, "nnu")
        expect(other.locator("#account-2 .decision")).to_have_text("○ to decide")
        expect(desk.locator("#account-2 .decision")).to_have_text("○ to decide", timeout=10_000)
    assert [choice["what"] for choice in office.choices] == ["approve", "undo"]


def test_a_nightly_run_that_comes_meanwhile_makes_the_page_read_only(desk: Page, office: Office) -> None:
    """It says so, its buttons and keys decide nothing, and it leads to the newer run, where they do."""
    _press(desk, "nn")
    expect(desk.get_by_role("alert")).to_have_count(0)
    newer = keep_run(office.home, AFTER, number=3, files=FILES)["run"]
    alert = desk.get_by_role("alert").filter(has_text="A newer run has finished")
    expect(alert).to_be_visible(timeout=20_000)
    expect(desk.locator("#account-2").get_by_role("button", name="Approve")).to_be_disabled()
    _press(desk, "nna")
    expect(desk.locator("#live")).to_have_text("Nothing is decided here any more: a newer run has finished")
    desk.reload()
    expect(alert).to_be_visible()
    expect(desk.locator("#account-2").get_by_role("button", name="Approve")).to_be_disabled()
    alert.get_by_role("link", name="Open the newer run").click()
    expect(desk).to_have_url(f"{office.address}/runs/{newer}/")
    expect(alert).to_have_count(0)
    _press(desk, "nna")
    expect(desk.locator("#account-2 .decision")).to_have_text("✓ approved")
    assert [choice["run"] for choice in office.choices] == [newer]


def test_keys_move_between_accounts_and_changes(file: Page) -> None:
    """n and p by account, j and k by change, into the next account and back."""
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


def test_the_filter_leaves_what_fits(file: Page) -> None:
    """By text, by kind, by alarm; how many are left is told; Esc leaves the field."""
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


def test_the_search_finds_unchanged_and_held_accounts_and_forgives_accents(file: Page) -> None:
    """Whoever looks for a partner finds it, whatever became of it."""
    for wanted, found in (("UNCHANGED PARTNER", "tr.findable"), ("humongous", "article.findable")):
        file.locator("#search").fill(wanted)
        expect(file.locator(".item:visible")).to_have_count(0)
        expect(file.locator(f"{found}:visible")).to_have_count(1)
        expect(file.locator("#none-found")).to_be_hidden()
        expect(file.locator("#found")).to_have_text("0 of 7 accounts, 1 that need no decision")
    file.locator("#search").fill("schafer")
    expect(file.locator(".item:visible")).to_have_count(1)


def test_undecided_only_hides_the_decided(desk: Page, office: Office) -> None:
    """So that a long list becomes shorter by itself."""
    _press(desk, "nna")
    expect(desk.locator("#account-2 .decision")).to_have_text("✓ approved")
    desk.get_by_label("Undecided only").check()
    expect(desk.locator(".item:visible")).to_have_count(6)


def test_help_tells_the_keys_and_single_keys_can_be_turned_off(desk: Page, office: Office) -> None:
    """Who speaks to the browser or has other shortcuts must not decide by accident."""
    _press(desk, "?")
    expect(desk.get_by_role("dialog", name="Keys")).to_be_visible()
    desk.get_by_label("Single keys work").uncheck()
    _press(desk, ["Escape"])
    _press(desk, "nna")
    expect(desk.locator("[aria-current]")).to_have_count(0)
    assert office.choices == []


def test_without_javascript_everything_is_there(browser: Browser, tmp_path: Path) -> None:
    """Every change, and no control that would not work."""
    (tmp_path / "review.html").write_bytes(render(night()))
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto((tmp_path / "review.html").as_uri())
        expect(page.locator(".changes tbody tr")).to_have_count(11)
        expect(page.get_by_text("anna@contoso.example")).to_be_visible()
        expect(page.locator("#bar, dialog, button, input, select").locator("visible=true")).to_have_count(0)


def test_paper_has_everything_also_when_filtered(file: Page) -> None:
    """What the filter hides on the screen is printed all the same."""
    file.locator("#search").fill("Tom Brown")
    expect(file.locator(".item:visible")).to_have_count(1)
    file.emulate_media(media="print")
    expect(file.locator(".changes tbody tr:visible")).to_have_count(11)
    expect(file.locator("#bar")).to_be_hidden()


def test_nothing_scrolls_sideways_on_a_telephone(file: Page) -> None:
    """Also with names and cells of hundreds of letters."""
    file.set_viewport_size({"width": 360, "height": 700})
    assert file.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(desk: Page, scheme: str) -> None:
    """Names, contrast, landmarks and tables, with an account chosen and with the dialogs open."""
    desk.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  one of the two that there are
    for keys in ("n", "a", ["Escape", "?"]):
        _press(desk, keys)
        found = Axe().run(desk).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")] == []
