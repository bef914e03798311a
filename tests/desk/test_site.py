"""The desk of a team: access, what Morning shows and writes, a partner's page and its pull."""

import html
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from desk.drafting import Mail
from exports.home import ledger, ready
from exports.home.layout import Home
from exports.mail.access import Access
from flows.review.decide import decide
from flows.review.release import release
from tests.desk.desks import CONTOSO, SALES
from tests.desk.sites import ORIGIN, USER, open_site
from tests.flows.review.folders import NOW, keep_run, release_all
from tests.mailbox import DRAFTS, PASSWORD, Dovecot
from tests.people import person


@pytest.fixture
def browser(home: Home) -> Iterator[httpx.Client]:
    """Ines's browser."""
    with open_site(home) as client:
        yield client


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([], 403),
        ([(USER, "Ines"), (USER, "Mallory")], 403),
        ([(USER, "")], 403),
        ([("X_Forwarded_User", "Mallory")], 403),
        ([(USER, "Ines"), ("Host", "evil.example")], 421),
        ([(USER, "Ines")], 200),
    ],
)
def test_only_the_proxy_s_user_gets_in(browser: httpx.Client, headers: list[tuple[str, str]], status: int) -> None:
    """Named exactly once, on the desk's own host; every response has the policy."""
    browser.headers.clear()
    response = browser.get("/", headers=headers)
    assert response.status_code == status
    assert "unsafe" not in response.headers["content-security-policy"]
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_another_origin_can_not_write(browser: httpx.Client, home: Home, origin: str) -> None:
    """Nothing reaches the ledger."""
    before = home.ledger.read_bytes()
    response = browser.post("/decisions", json={}, headers={"Origin": origin})
    assert (response.status_code, home.ledger.read_bytes()) == (403, before)
    assert browser.get("/", headers={"Origin": origin}).status_code == 403


@pytest.mark.parametrize("path", ["/partners", "/runs"])
def test_a_redirect_stays_on_the_desk_s_origin(browser: httpx.Client, path: str) -> None:
    """Never to plain http, which the socket itself speaks."""
    assert browser.get(f"{path}/").headers["location"] == f"{ORIGIN}{path}"


def test_morning_shows_the_worst_first(browser: httpx.Client) -> None:
    """With partners' text escaped."""
    page = browser.get("/").text
    assert re.findall(r'aria-current="true">\s*<span class="who"><bdi>([^<]+)', page) == ["Contoso GmbH"]
    assert page.count('<h2 id="account-name">') == 1
    assert "<script>" not in page.replace('<script src="/static/desk.js" defer></script>', "")
    assert "0 of 7 decided" in page


def test_a_decision_is_recorded_once_with_author_and_reason(browser: httpx.Client, home: Home) -> None:
    """The author is the proxy's user, whatever the page says. An account that is named twice is decided once."""
    payload = payload_for(browser, "Contoso GmbH") | {"what": "approve", "by": "Mallory", "reason": "license expired"}
    before = len(ledger.read(home))
    response = browser.post("/decisions", json=payload | {"items": payload["items"] * 2}).json()
    assert response["message"] == "Contoso GmbH: approved."
    assert response["state"]["progress"] == "1 of 7 decided"
    *_, last = lines = ledger.read(home)
    assert len(lines) == before + 1
    assert (last["what"], last["by"], last["reason"]) == ("approve", "Ines", "license expired")
    repeated = browser.post("/decisions", json=payload)
    assert (repeated.status_code, "Somebody else" in repeated.json()["message"]) == (409, True)


@pytest.mark.parametrize(
    ("what", "reason", "status"), [("approve", "", 409), ("hold", " ", 409), ("reject", "", 409), ("hold", "ask", 200)]
)
def test_a_reason_is_required_as_by_the_command(browser: httpx.Client, what: str, reason: str, status: int) -> None:
    """For losses, holds and rejections; blanks are none."""
    payload = payload_for(browser, "Contoso GmbH") | {"what": what, "reason": reason}
    assert browser.post("/decisions", json=payload).status_code == status


def test_a_decision_by_someone_else_is_not_overwritten(browser: httpx.Client, home: Home) -> None:
    """The page polls only what is new, with author and reason."""
    version, run = versions(browser)
    payload = payload_for(browser, "Contoso GmbH") | {"what": "reject", "reason": "no"}
    decide(home, "hold", accounts=["Contoso GmbH"], by="Bo", reason="ask <them>", now=NOW)
    news = browser.get("/decisions", params={"run": run, "seen": version}).json()
    [words] = news["decisions"].values()
    assert (words["decision"], "by <bdi>Bo</bdi>" in words["state"], "ask &lt;them&gt;" in words["state"]) == (
        "held",
        True,
        True,
    )
    assert browser.get("/decisions", params={"run": run, "seen": news["version"]}).status_code == 204
    assert browser.post("/decisions", json=payload).status_code == 409


def test_undo_takes_back_only_this_page_s_decisions(browser: httpx.Client, home: Home) -> None:
    """Not one that someone has replaced."""
    payload = payload_for(browser, "Contoso GmbH") | {"what": "hold", "reason": "ask"}
    [own_item] = browser.post("/decisions", json=payload).json()["items"]
    undo = payload | {"what": "undo", "items": [own_item], "reason": ""}
    assert browser.post("/decisions", json=undo).json()["message"] == "Contoso GmbH: undone."
    [own_item] = browser.post("/decisions", json=payload).json()["items"]
    decide(home, "reject", accounts=["Contoso GmbH"], by="Bo", reason="so", now=NOW)
    assert browser.post("/decisions", json=undo | {"items": [own_item]}).status_code == 409


def test_a_group_is_listed_then_approved_at_once(tmp_path: Path) -> None:
    """The same gain in several accounts; a loss is in no group."""
    home = Home(tmp_path / "home")
    names = ("1 Ada", "2 Bert", "3 Cy")
    keep_run(home, {name: [person("P", "p@x.example")] for name in names}, number=1)
    decide(home, "approve", every=True, by="Jo", now=NOW)

    release(home, now=NOW)
    keep_run(home, {name: [person("P", "p@x.example", courses=SALES)] for name in names}, number=2)
    with open_site(home) as browser:
        page = browser.get("/").text
        [group] = re.findall(r'data-group="([^"]+)"', page)
        version, run = versions(browser)
        listed = browser.get(f"/groups/{group}", params={"run": run}).text
        assert [name for name in ("Ada", "Bert", "Cy") if name in listed] == ["Ada", "Bert", "Cy"]
        assert listed.count('<tr class="gained">') == 3
        [items] = re.findall(r'data-items="([^"]+)"', listed)
        payload = {"run": run, "what": "approve", "items": httpx.Response(200, text=html.unescape(items)).json()}
        response = browser.post("/decisions", json=payload | {"by": "", "reason": "", "version": version}).json()
        assert (response["message"], response["state"]["to_release"]) == ("3 accounts: approved.", 3)


def test_a_rename_is_shown_and_in_no_group(tmp_path: Path) -> None:
    """With the former name; the release lists it."""
    home = Home(tmp_path / "home")
    keep_run(home, {"1 Ada": [person("P", "p@x.example")], "2 Bert": [person("P", "p@x.example")]}, number=1)
    release_all(home)
    same = [person("P", "p@x.example", courses=SALES)]
    keep_run(home, {"1 Ada Ltd": same, "2 Bert": same}, number=2)
    with open_site(home) as browser:
        fragment = browser.get("/").text
        assert ("Formerly <bdi>Ada</bdi>" in fragment, "data-group" in fragment) == (True, False)
        browser.post("/decisions", json=payload_for(browser, "Ada Ltd") | {"what": "approve", "reason": "so"})
        _, run = versions(browser)
        assert "Renamed: 1" in browser.get("/release", params={"run": run}).text


def test_a_release_covers_only_what_was_listed(browser: httpx.Client, home: Home) -> None:
    """Losses first; a later approval needs a new list."""
    version, run = versions(browser)
    browser.post("/decisions", json=payload_for(browser, "Contoso GmbH") | {"what": "approve", "reason": "so"})
    listed = browser.get("/release", params={"run": run}).text
    assert "Somebody loses a course: 1" in listed
    [seen] = re.findall(r'data-seen="([^"]+)"', listed)
    decide(home, "approve", accounts=["Northwind"], by="Bo", now=NOW)
    assert browser.post("/release", json={"run": run, "by": "", "seen": seen}).status_code == 409
    [seen] = re.findall(r'data-seen="([^"]+)"', browser.get("/release", params={"run": run}).text)
    response = browser.post("/release", json={"run": run, "by": "", "seen": seen})
    assert response.json()["message"] == "2 reports released."
    assert {line["by"] for line in ledger.read(home) if line["run"] == run and line["what"] == "release"} == {"Ines"}
    assert browser.get("/decisions", params={"run": run, "seen": version}).json() == {"reload": True}


def test_a_newer_night_makes_an_open_page_read_only(browser: httpx.Client, home: Home) -> None:
    """It is announced, and nothing is decided on the old one."""
    version, run = versions(browser)
    payload = payload_for(browser, "Contoso GmbH") | {"what": "hold", "reason": "ask"}
    keep_run(home, {CONTOSO: [person("Anna", "anna@contoso.example")]}, number=3)
    assert browser.get("/decisions", params={"run": run, "seen": version}).json() == {"newer": True}
    assert browser.get("/decisions", params={"run": run, "seen": "9" * 5000}).json() == {"newer": True}
    for response in (
        browser.post("/decisions", json=payload),
        browser.post("/release", json={"run": run, "by": "", "seen": ""}),
    ):
        assert (response.status_code, "newer run" in response.json()["message"]) == (409, True)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 100_000, b'{"what": "approve"}', b'{"items": 1}', b"\xff"])
def test_an_invalid_decision_is_refused(browser: httpx.Client, home: Home, body: bytes) -> None:
    """Any malformed body."""
    before = home.ledger.read_bytes()
    response = browser.post("/decisions", content=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, home.ledger.read_bytes()) == (400, before)


def test_a_partner_is_found_and_shown(browser: httpx.Client) -> None:
    """By a person's address; the page has its status, and the ready report as a download."""
    hits = browser.get("/partners", params={"q": "Anna <anna@contoso.example>"}).text
    assert "</code> · <bdi>Anna" in hits
    [address] = re.findall(r'href="(/partners/[^"?]+)"', hits)
    page = browser.get(address).text
    assert re.search(r"\d+ changes wait for review", page)
    assert page.count('<th scope="row">') == 4 + 1  # its people, and its release
    assert browser.get(f"{address}/ready.csv").content.startswith(b"\xef\xbb\xbfFull Name,Email")
    assert browser.get(f"{address}/ready.xlsx").content.startswith(b"PK")
    assert browser.get(f"{address}/pulled.csv").status_code == 404
    assert browser.get(f"{address}/manifest.csv").status_code == 404
    assert browser.get("/partners/nobody").status_code == 404


def test_a_pull_is_shared_and_decided_on_the_page(home: Home) -> None:
    """It is called not approved until it is released."""
    may_end, pulled = threading.Event(), list[str]()

    def pull(account: str) -> str:
        pulled.append(account)
        may_end.wait(240)
        people = [person("Anna Schäfer", "anna@contoso.example", courses=SALES)]
        return str(keep_run(home, {CONTOSO: people}, number=4, kind="account")["run"])

    with open_site(home, pull) as browser:
        for _ in range(2):
            assert browser.post("/partners/1295686/pull", json={}).json()["words"].startswith("Pulling since ")
        may_end.set()
        while browser.get("/partners/1295686/pull").json()["is_running"]:
            pass
        assert pulled == ["1295686"]
        page = browser.get("/partners/1295686").text
        assert "As pulled, <strong>not approved</strong>" in page
        own: dict[str, Any] = {name: re.findall(rf'data-{name}="([^"]+)"', page)[-1] for name in ("key", "seen")}
        refused = browser.post("/partners/1295686/decision", json=own | {"what": "approve", "by": "", "reason": ""})
        assert refused.status_code == 409  # people left, and somebody lost a course
        response = browser.post("/partners/1295686/decision", json=own | {"what": "approve", "by": "", "reason": "so"})
        assert response.json()["message"] == "Contoso GmbH: approved."
        page = browser.get("/partners/1295686").text
        own = {name: re.findall(rf'data-{name}="([^"]+)"', page)[-1] for name in ("key", "seen")}
        response = browser.post("/partners/1295686/decision", json=own | {"what": "release", "by": "", "reason": ""})
        assert response.json()["message"] == "Released."
        assert "Ready since" in browser.get("/partners/1295686").text


def test_a_draft_checks_its_recipient(browser: httpx.Client, home: Home) -> None:
    """A known person passes, a new address needs confirmation, another company's is refused by name."""
    here = "/partners/1295686"
    known = browser.post(f"{here}/draft", json={"to": "anna@contoso.example", "by": ""}).json()
    assert known["confirm"] == []
    mail = browser.get(f"{here}/drafts/{known['file']}")
    assert (mail.headers["content-type"], b"To: anna@contoso.example" in mail.content) == ("message/rfc822", True)
    new = browser.post(f"{here}/draft", json={"to": "boss@elsewhere.example", "by": ""}).json()
    assert (new["confirm"], new["file"]) == (["boss@elsewhere.example"], "")
    confirmed = {"to": "boss@elsewhere.example", "by": "", "confirm": ["boss@elsewhere.example"]}
    assert browser.post(f"{here}/draft", json=confirmed).json()["file"].endswith(".eml")
    assert [line["by"] for line in ledger.read(home) if line["what"] == "contact"] == ["Ines"]
    [seen] = re.findall(r'class="mailing" data-seen="([^"]+)"', browser.get(here).text)
    stale = browser.post(f"{here}/draft", json={"to": "anna@contoso.example", "by": "", "seen": f"{seen}0"})
    assert (stale.status_code, "has changed" in stale.json()["message"]) == (409, True)
    repeated = browser.post(f"{here}/draft", json={"to": "anna@contoso.example", "by": "", "seen": seen})
    assert repeated.json()["is_again"]
    other = browser.post(f"{here}/draft", json={"to": "una@unchanged.example", "by": ""})
    assert (other.status_code, "Unchanged Partner" in other.json()["message"]) == (409, True)
    assert browser.get(f"{here}/drafts/..%2Fledger.jsonl").status_code == 404


def test_drafts_go_to_the_mailbox_if_configured(home: Home, mail_server: Dovecot) -> None:
    """On a partner's page and after a release; each is recorded, and no file is made. Without a mailbox it is not
    offered, and a request gets the missing setting."""
    mailbox = Access(mail_server.url, "desk-drafts", PASSWORD)
    here, ana = "/partners/1295686", "anna@contoso.example"
    with open_site(home, mail=Mail("Desk <desk@vendor.example>", lambda: mailbox)) as browser:
        assert "Draft in the mailbox" in browser.get(here).text
        made = browser.post(f"{here}/draft", json={"to": ana, "by": "", "in_mailbox": True}).json()
        assert (made["file"], made["message"][:50]) == ("", "A draft to anna@contoso.example is in the mailbox.")
        repeated = browser.post(f"{here}/draft", json={"to": ana, "by": "", "in_mailbox": True}).json()
        assert repeated["is_again"]
        home.root.joinpath("contacts.csv").write_text(f"account_id,account,to\n1295686,,{ana};tom@contoso.example\n")
        run = ready.rows(home)[-1]["run"]
        assert "mails in the mailbox" in browser.get(f"/drafts?run={run}").text
        page = browser.post("/drafts", json={"run": run, "by": "", "in_mailbox": True}).text
        assert f"to <bdi>{ana}, tom@contoso.example</bdi>, in the mailbox" in page
    mails = [data for data, flags in mail_server.mails("desk-drafts", DRAFTS) if "\\Draft" in flags]
    assert [f"To: {ana}".encode() in data and b"From: Desk <desk@vendor.example>" in data for data in mails] == [
        True
    ] * 2
    assert [line["by"] for line in ledger.read(home) if line["what"] == "drafted"] == ["Ines"] * 2
    assert not home.drafts.exists()
    with open_site(home) as browser:
        assert "mailbox" not in browser.get(here).text + browser.get(f"/drafts?run={run}").text
        refused = browser.post(f"{here}/draft", json={"to": ana, "by": "", "again": True, "in_mailbox": True})
        assert (refused.status_code, "PARTNER_CERTS_IMAP_URL" in refused.json()["message"]) == (409, True)
    with open_site(home, mail=Mail("", lambda: Access("imap://127.0.0.1:9", "nobody", PASSWORD))) as browser:
        down = browser.post(f"{here}/draft", json={"to": ana, "by": "", "again": True, "in_mailbox": True})
        assert (down.status_code, "No draft was put there" in down.json()["message"]) == (409, True)
        assert PASSWORD not in down.text


def test_runs_and_health(browser: httpx.Client, home: Home) -> None:
    """Every run with its counts; problems first, with a remedy."""
    assert home.manifest("latest")["run"] in browser.get("/runs").text
    health = browser.get("/health").text
    assert ("1 thing needs attention" in health, "open &lt;to&gt; all" in health, "Close it" in health) == (True,) * 3


def payload_for(browser: httpx.Client, account: str) -> dict[str, Any]:
    """What a page sends about an account that it shows."""
    version, run = versions(browser)
    entries = re.findall(r'data-key="([^"]+)".*?<span class="who"><bdi>([^<]*)', browser.get("/").text, re.DOTALL)
    key = next(key for key, name in entries if name == account)
    fragment = browser.get(f"/accounts/{key}", params={"run": run}).text
    [seen] = re.findall(r'data-seen="([^"]+)"', fragment)
    return {"run": run, "items": [{"key": key, "seen": seen}], "by": "", "reason": "", "version": version}


def versions(browser: httpx.Client) -> tuple[int, str]:
    """The version and the run that the page shows."""
    [(run, version)] = re.findall(r'data-run="([^"]+)" data-version="(\d+)"', browser.get("/").text)
    return int(version), run
