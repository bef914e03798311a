"""The desk: who gets in, what is refused, and that two reviewers never overwrite one another unseen."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from exports.page.render import key
from flows.review.build import review
from flows.review.decide import decide
from flows.review.release import release
from tests.desk.desks import AFTER, CONTOSO, FILES, Office, morning, open_office
from tests.flows.review.folders import NOW, keep_run
from tests.people import person

ROOT = Path(__file__).parents[2]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An open office."""
    with open_office(morning(tmp_path)) as office:
        yield office


@contextmanager
def _inside(office: Office) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=office.address, headers={"Origin": office.address}) as client:
        client.get(office.url)
        yield client


def _wish(office: Office, name: str, what: str = "approve", **known: str) -> dict[str, str]:
    account = office.account(name)
    return {"key": key(account), "seen": account["decision"], "what": what, "by": "Ada", "reason": "", **known}


def test_the_token_is_exchanged_for_a_cookie(office: Office) -> None:
    """The cookie can't be read by scripts or sent by other sites."""
    with httpx.Client() as client:
        answer = client.get(office.url)
        assert answer.status_code == 200
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        page = client.get(office.address)
        assert page.status_code == 200
        assert "Contoso GmbH" in page.text


def test_a_token_works_once(office: Office) -> None:
    """Who finds the address later, in a history or over a shoulder, does not get in; who is in stays in."""
    with httpx.Client() as first:
        first.get(office.url)
        assert httpx.get(office.url).status_code == 403
        assert first.get(office.url, follow_redirects=True).status_code == 200


@pytest.mark.parametrize("path", ["/", "/?token=wrong", "/?token=", "/decisions", "/reports/x.csv", "/nothing"])
def test_nobody_gets_in_without_the_token(office: Office, path: str) -> None:
    """Every address is closed, and says in words how to get in."""
    answer = httpx.get(office.address + path)
    assert answer.status_code == 403
    assert "Contoso" not in answer.text
    assert "token" in answer.text


def test_another_host_is_refused(office: Office) -> None:
    """A name that somebody points at loopback gets nothing, with or without the cookie."""
    with _inside(office) as client:
        for host in ("evil.example", "localhost", "127.0.0.1"):
            answer = client.get("/", headers={"Host": host})
            assert answer.status_code == 421
            assert "Contoso" not in answer.text


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "http://127.0.0.1"])
def test_a_decision_from_another_origin_is_refused(office: Office, origin: str) -> None:
    """Another site's page can't decide, though the browser has the cookie."""
    with _inside(office) as client:
        answer = client.post("/decisions", json=_wish(office, "Northwind"), headers={"Origin": origin})
        del client.headers["Origin"]
        assert answer.status_code == 403
        assert client.post("/decisions", json=_wish(office, "Northwind")).status_code == 403
    assert office.choices == []


def test_every_answer_is_closed_to_caches_and_frames(office: Office) -> None:
    """Refusals too."""
    with _inside(office) as client:
        for answer in (client.get("/"), client.get("/decisions"), httpx.get(office.address)):
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_a_decision_is_handed_on_at_once(office: Office) -> None:
    """With the account, its bytes, who and why; the answer has the state after it."""
    with _inside(office) as client:
        answer = client.post("/decisions", json=_wish(office, "Contoso GmbH", reason=" retired ")).json()
    (line,) = office.choices
    assert (line["what"], line["account"], line["account_id"]) == ("approve", "Contoso GmbH", "1295686")
    assert (line["sha256"], line["by"], line["reason"]) == (office.account("Contoso GmbH")["sha256"], "Ada", "retired")
    assert answer["state"]["to_decide"] == office.review["totals"]["to_decide"] == 6


def test_an_undo_of_a_gone_account_goes_through(office: Office) -> None:
    """A gone account has no bytes in the run; its decision is about leaving."""
    office.decide_elsewhere("Tailspin Toys", "approve")
    with _inside(office) as client:
        assert client.post("/decisions", json=_wish(office, "Tailspin Toys", "undo")).status_code == 200
    (line,) = office.choices
    assert (line["what"], line["account_id"], line["sha256"], line["by"]) == ("undo", "1300500", None, "Ada")


@pytest.mark.parametrize(
    ("name", "what"),
    [("Contoso GmbH", "approve"), ("Tailspin Toys", "approve"), ("Northwind", "hold"), ("Northwind", "reject")],
)
def test_what_needs_a_reason_is_refused_without(office: Office, name: str, what: str) -> None:
    """Approving a loss or that an account is gone, holding and rejecting."""
    with _inside(office) as client:
        answer = client.post("/decisions", json=_wish(office, name, what, reason="  "))
    assert answer.status_code == 409
    assert "reason" in answer.json()["message"]
    assert office.choices == []


def test_a_decision_has_a_name(office: Office) -> None:
    """The ledger must not say that nobody approved."""
    with _inside(office) as client:
        assert client.post("/decisions", json=_wish(office, "Northwind", by=" ")).status_code == 409
    assert office.choices == []


def test_two_reviewers_do_not_overwrite_one_another(office: Office) -> None:
    """The second is told that somebody else was first, sees that decision, and may then replace it knowingly."""
    wish = _wish(office, "Northwind", "reject", reason="wrong partner")
    office.decide_elsewhere("Northwind", "approve")
    with _inside(office) as client:
        answer = client.post("/decisions", json=wish)
        assert answer.status_code == 409
        assert answer.json()["state"]["decisions"][wish["key"]] == "approved"
        assert office.choices == []
        again = client.post("/decisions", json={**wish, "seen": "approved"})
    assert again.status_code == 200
    assert [choice["what"] for choice in office.choices] == ["reject"]


def test_a_page_that_is_out_of_date_decides_nothing(office: Office) -> None:
    """When what is ready has changed since, the reviewer has not seen what would be approved."""
    wish = _wish(office, "Contoso GmbH", reason="so")
    run = keep_run(office.home, {CONTOSO: [person("Ute")]}, number=3, kind="account")
    decide(office.home, "approve", run["run"], every=True, by="Bo", reason="so", now=NOW)
    release(office.home, run["run"], now=NOW)
    with _inside(office) as client:
        answer = client.post("/decisions", json=wish)
    assert answer.status_code == 409
    assert "Reload" in answer.json()["message"]
    assert {choice["by"] for choice in office.choices} == {"Bo"}


def test_a_page_of_an_older_run_decides_nothing(office: Office) -> None:
    """A nightly run that finishes meanwhile is named to the open page; its own page is at its own address."""
    wish = _wish(office, "Northwind")
    with _inside(office) as client:
        state = client.get("/decisions").json()
        assert state["newer"] is None
        newer = keep_run(office.home, AFTER, number=3, files=FILES)["run"]
        assert client.get("/decisions", params={"seen": state["version"]}).json()["newer"] == newer
        answer = client.post("/decisions", json=wish)
        assert answer.status_code == 409
        assert "a newer run has finished" in answer.json()["message"]
        assert "This page is the record of its day" in client.get("/").text
        assert office.choices == []
        assert newer in client.get(f"/runs/{newer}/").text
        assert client.post(f"/runs/{newer}/decisions", json=wish).status_code == 200
        assert client.get("/runs/never/").status_code == 409
    assert [choice["run"] for choice in office.choices] == [newer]


def test_a_stop_is_told_kindly(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stops the ledger is shown in its own words."""
    monkeypatch.setattr("exports.home.layout.LOCK_SECONDS", 0.05)
    wish = _wish(office, "Northwind")
    with office.home.writing(), _inside(office) as client:
        answer = client.post("/decisions", json=wish)
    assert answer.status_code == 409
    assert answer.json()["message"].startswith("Another run is writing to ")
    assert office.choices == []


def test_a_stop_is_told_in_every_room(office: Office) -> None:
    """As when somebody damaged the manifest of what is ready meanwhile."""
    (office.home.ready / "manifest.json").write_bytes(b"{")
    with _inside(office) as client:
        for room in ("/", "/decisions", "/reports/certifications-x-1301000.csv"):
            answer = client.get(room)
            assert answer.status_code == 409
            assert "is damaged" in answer.text
            assert "Put it back from a backup" in answer.text


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"key": 1}', b"\xff", b"[" * 60_000])
def test_what_is_no_decision_is_refused(office: Office, body: bytes) -> None:
    """Also a decision that is no JSON by its type, an unknown one, and a very long one."""
    with _inside(office) as client:
        headers = {"Content-Type": "application/json"}
        assert client.post("/decisions", content=body, headers=headers).status_code == 400
        assert client.post("/decisions", data=_wish(office, "Northwind")).status_code == 400
        assert client.post("/decisions", json=_wish(office, "Northwind", "release")).status_code == 400
        assert client.post("/decisions", json=_wish(office, "Northwind", reason="x" * 70_000)).status_code == 413
    assert office.choices == []


def test_pages_keep_up_cheaply(office: Office) -> None:
    """A page that has seen the newest version is told so without a body."""
    with _inside(office) as client:
        state: dict[str, Any] = client.get("/decisions").json()
        assert client.get("/decisions", params={"seen": state["version"]}).status_code == 204
        office.decide_elsewhere("Northwind", "approve")
        assert client.get("/decisions", params={"seen": state["version"]}).json()["to_decide"] == 6


def test_reports_are_those_of_the_run_and_no_other_file(office: Office) -> None:
    """The links to the CSVs work, and lead nowhere else."""
    reports = office.home.runs / office.run / "reports"
    (reports / "secret.csv").write_bytes(b"secret")
    with _inside(office) as client:
        answer = client.get("/reports/certifications-x-deadbeef.csv")
        assert answer.content == (reports / "certifications-x-deadbeef.csv").read_bytes()
        assert "attachment" in answer.headers["content-disposition"]
        (reports / "certifications-x-deadbeef.csv").unlink()
        for name in ("secret.csv", "..%2Fsecret.csv", "certifications-x-1295686.csv", "certifications-x-deadbeef.csv"):
            assert client.get(f"/reports/{name}").status_code == 404


def test_the_faults_of_the_run_can_be_downloaded(office: Office) -> None:
    """The page leads to them; a run without any says so."""
    with _inside(office) as client:
        assert client.get("/faults.csv").status_code == 404
        (office.home.runs / office.run / "faults.csv").write_bytes(b"account,row\r\n")
        assert client.get("/faults.csv").content == b"account,row\r\n"
        assert client.get("/favicon.ico").headers["content-type"] == "image/svg+xml"


def test_pages_are_told_who_decided_when_and_why(office: Office) -> None:
    """As the page itself has it when it is loaded."""
    office.decide_elsewhere("Northwind", "hold", reason="asked them")
    with _inside(office) as client:
        who = client.get("/decisions").json()["who"]
        assert who == {key(office.account("Northwind")): "by Bo, 2026-11-21 02:00 UTC: asked them"}
        assert "by Bo, 2026-11-21 02:00 UTC: asked them" in client.get("/").text


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_the_desk_ends_at_a_signal(stop: signal.Signals, tmp_path: Path) -> None:
    """Also while a page is open; nothing is said on standard error, least of all about people."""
    home = morning(tmp_path)
    program = (
        "from pathlib import Path\nfrom desk import app\nfrom desk.serve import serve_desk\n"
        "from exports.home.layout import Home\n"
        "app.decide_seen = lambda *args, **known: 1 / 0\n"
        f"desk = app.desk(Home(Path({str(tmp_path)!r})), {home.manifest('latest')['run']!r}, token='t')\n"
        "try: serve_desk(desk, lambda address: print(address, flush=True))\n"
        "except KeyboardInterrupt: raise SystemExit(130) from None\n"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().strip()
        with httpx.Client(follow_redirects=True) as client:
            assert client.get(url).status_code == 200
            origin = url.partition("/?")[0]
            account = review(home)["accounts"][1]
            wish = {"key": key(account), "seen": "missing", "what": "approve", "by": "Ada", "reason": ""}
            failed = client.post(f"{origin}/decisions", json=wish, headers={"Origin": origin})
            assert failed.status_code == 500
            assert "ZeroDivisionError" in failed.text
            process.send_signal(stop)
            assert process.wait(10) == (130 if stop == signal.SIGINT else -signal.SIGTERM)
        assert process.stderr.read() == ""
