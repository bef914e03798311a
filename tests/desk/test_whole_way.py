"""The specialist's and the reviewer's work from end to end in a browser, with a sandbox of two days."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from exports.home import ledger, ready
from exports.home.layout import Home
from flows.approvals import approve_and_release
from flows.jobs import run_account, run_nightly
from flows.settings import Settings
from sources.sandbox.server import Sandbox, serving
from tests.desk.conftest import PATIENCE
from tests.desk.sites import open_desk

ACCOUNT = "Contoso GmbH"
FEW = {"users": 150, "accounts": 12}


def _settings(root: Path, day: Sandbox) -> Settings:
    return Settings(root, impartner_url=day.url, impartner_key=day.key, impartner_proof=day.proof)


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings for today's Impartner; yesterday's reports are ready."""
    root = tmp_path_factory.mktemp("home")
    with serving(day=1, **FEW) as yesterday:
        outcome = run_nightly(_settings(root, yesterday), None)
        approve_and_release(Home(root), outcome.run, "Jo", "the first night")
    with serving(day=2, **FEW) as now:
        yield _settings(root, now)


@pytest.fixture(scope="module")
def page(browser: Browser, today: Settings) -> Iterator[Page]:
    """The desk, open in one browser all day."""
    with (
        open_desk(Home(today.home), lambda account: run_account(today, account, None).run) as address,
        browser.new_context() as context,
    ):
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(address)
        assert "token" not in page.url
        page.get_by_label("Your name").first.fill("Ines")
        page.keyboard.press("Tab")
        yield page


def test_a_specialist_answers_a_partner(page: Page, today: Settings) -> None:
    """Finds by sender, pulls, approves, releases, drafts; each step shows and keeps the status."""
    home = Home(today.home)
    person = _address_of_a_person(home)
    page.get_by_role("searchbox", name="Find a partner").fill(f'"Somebody" <{person}>')
    page.keyboard.press("Enter")
    page.get_by_role("link", name=ACCOUNT).click()
    page.wait_for_url("**/partners/*")
    status = page.get_by_role("status")
    expect(status).to_contain_text("Ready since")
    page.get_by_role("button", name="Pull now").click()
    expect(page.get_by_role("heading", name="not approved: what changes")).to_be_visible()
    page.wait_for_load_state()
    expect(status).to_contain_text("for review")
    with page.expect_download() as pulled:
        page.get_by_role("button", name="Download pulled CSV").click()
    assert pulled.value.suggested_filename.startswith("not-approved-certifications-contoso")
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="Approve").click()
    page.wait_for_function("() => document.querySelector('#ask[open]') || document.querySelector('#toasts p')")
    if page.locator("#ask[open]").count():
        page.get_by_label("Reason").fill("as the partner wrote")
        page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("approved.")
    page.get_by_role("button", name="Release").click()
    expect(page.locator("#toasts")).to_contain_text("Released.")
    expect(status).to_contain_text("Ready since")
    person = _address_of_a_person(home)  # the first one may have left
    page.get_by_role("textbox", name="To").fill(person)
    with page.expect_download() as mail:
        page.get_by_role("button", name="Draft mail").click()
    assert f"To: {person}".encode() in Path(mail.value.path()).read_bytes()
    page.reload()
    history = page.get_by_role("table", name="What the partner was given and sent")
    expect(history.get_by_role("row").nth(1)).to_contain_text("Mail drafted")
    expect(history.get_by_role("row").nth(2)).to_contain_text("Ines")


def test_a_reviewer_decides_by_keyboard_and_drafts_what_was_released(page: Page, today: Settings) -> None:
    """The mouse is needed only for the drafts; every changed account is decided and released."""
    home = Home(today.home)
    page.goto(page.url.partition("/partners")[0] + "/")
    run = run_nightly(today, None).run
    expect(page.get_by_role("alert")).to_contain_text("A newer run has finished")
    page.get_by_role("link", name="Open the newer run").click()
    expect(page.locator("body")).to_have_attribute("data-run", run)
    page.wait_for_load_state()  # until it handles keys
    while page.locator("#queue [data-decision=missing]").count():
        progress = page.locator("#progress").inner_text()
        page.keyboard.press("a")
        page.wait_for_function(
            "seen => document.querySelector('#ask[open]') || document.querySelector('#progress').textContent !== seen",
            arg=progress,
        )
        if page.locator("#ask[open]").count():
            page.get_by_label("Reason").fill("checked")
            page.keyboard.press("Enter")
        expect(page.locator("#progress")).not_to_have_text(progress)
    page.keyboard.press("Shift+R")
    expect(page.locator("#list")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="ready to be sent")).to_be_visible()
    page.wait_for_load_state()
    page.get_by_role("button", name="Draft ").click()
    expect(page.get_by_role("heading", name="drafts made")).to_be_visible()
    expect(page.locator("#to-draft")).to_be_hidden()
    assert Axe().run(page).response["violations"] == []
    lines = [line for line in ledger.read(home) if line["run"] == run]
    released = {line["account"] for line in lines if line["what"] == "release" and line["sha256"]}
    drafted = {line["account"] for line in lines if line["what"] == "drafted"}
    assert released
    assert drafted <= released
    assert {line["by"] for line in lines} == {"Ines"}
    assert len(list(home.drafts.glob("*.eml"))) == len(drafted) + 1


def _address_of_a_person(home: Home) -> str:
    """The address of a person of the account, from its report."""
    [row] = [row for row in ready.rows(home) if row["account"] == ACCOUNT]
    return (home.ready / row["file"]).read_text(encoding="utf-8-sig").splitlines()[1].split(",")[1]
