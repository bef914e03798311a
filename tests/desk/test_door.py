"""The desk of one person: access, refusals, its end; and `review --serve`."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from exports.home import ledger
from exports.home.layout import Home
from tests.command import COMMAND, clean_environment
from tests.desk.desks import AFTER, FILES
from tests.desk.sites import PATIENCE, client, decision_on, open_desk
from tests.flows.review.folders import keep_run

ROOT = Path(__file__).parents[2]


@pytest.fixture
def url(home: Home) -> Iterator[str]:
    """The address of a running desk, with the token."""
    with open_desk(home) as url:
        yield url


@pytest.fixture
def browser(url: str) -> Iterator[httpx.Client]:
    """A browser that is logged in."""
    address = url.partition("/?")[0]
    with client(base_url=address, headers={"Origin": address}) as browser:
        browser.get(url)
        yield browser


def test_the_token_is_exchanged_for_a_cookie(url: str) -> None:
    """Once; scripts can't read it and other sites can't send it. A reload with the token still works."""
    with client() as browser:
        response = browser.get(url)
        cookie = response.headers["set-cookie"].lower()
        assert (response.status_code, "httponly" in cookie, "samesite=strict" in cookie) == (200, True, True)
        assert "Contoso GmbH" in browser.get(url.partition("?")[0]).text
        assert httpx.get(url, timeout=PATIENCE).status_code == 403
        assert browser.get(url).status_code == 200


@pytest.mark.parametrize("path", ["/", "/?token=wrong", "/?token=", "/decisions", "/partners/1295686", "/nothing"])
def test_no_one_gets_in_without_the_token(url: str, path: str) -> None:
    """Every path is closed and explains how to get in."""
    response = httpx.get(url.partition("/?")[0] + path, timeout=PATIENCE)
    assert (response.status_code, "Contoso" in response.text, "token" in response.text) == (403, False, True)


@pytest.mark.parametrize("host", ["evil.example", "localhost", "127.0.0.1"])
def test_another_host_is_refused(browser: httpx.Client, host: str) -> None:
    """DNS rebinding gets nothing, with the cookie or without."""
    response = browser.get("/", headers={"Host": host})
    assert (response.status_code, "Contoso" in response.text) == (421, False)


def test_a_decision_from_another_origin_is_refused(browser: httpx.Client, home: Home) -> None:
    """Even with the cookie."""
    payload, before = decision_on(browser, "Northwind", "approve"), home.ledger.read_bytes()
    for origin in ("http://evil.example", "null", "", "http://127.0.0.1"):
        assert browser.post("/decisions", json=payload, headers={"Origin": origin}).status_code == 403
        assert browser.get("/", headers={"Origin": origin}).status_code == 403
    del browser.headers["Origin"]
    assert browser.post("/decisions", json=payload).status_code == 403
    assert home.ledger.read_bytes() == before


def test_every_response_forbids_caching_and_framing(browser: httpx.Client, url: str) -> None:
    """Refusals too."""
    for response in (browser.get("/"), browser.get("/decisions"), httpx.get(url, timeout=PATIENCE)):
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"]


def test_a_decision_needs_a_name(browser: httpx.Client, home: Home) -> None:
    """The ledger must say who decided."""
    before = home.ledger.read_bytes()
    assert browser.post("/decisions", json=decision_on(browser, "Northwind", "approve", by=" ")).status_code == 409
    assert home.ledger.read_bytes() == before


def test_a_lock_timeout_is_reported(browser: httpx.Client, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its own words."""
    monkeypatch.setattr("exports.home.layout.LOCK_SECONDS", 0.05)
    payload, before = decision_on(browser, "Northwind", "approve"), home.ledger.read_bytes()
    with home.writing():
        response = browser.post("/decisions", json=payload)
    assert (response.status_code, response.json()["message"][:26]) == (409, "Another run is writing to ")
    assert home.ledger.read_bytes() == before


def test_a_system_error_does_not_use_up_the_token(home: Home) -> None:
    """The first page fails; once fixed, the same browser is let in."""
    with open_desk(home) as url, client() as browser:
        runs = home.root / "runs"
        runs.rename(home.root / "aside")
        runs.touch()
        refused = browser.get(url)
        assert (refused.status_code, "Move it away" in refused.text) == (500, True)
        assert refused.headers["Cache-Control"] == "no-store"
        runs.unlink()
        (home.root / "aside").rename(runs)
        assert browser.get(url.partition("?")[0]).status_code == 200


def test_a_damaged_home_is_reported_on_every_page(home: Home) -> None:
    """Here the manifest of ready/ was edited."""
    (home.ready / "manifest.json").write_bytes(b"{")
    with open_desk(home) as url, client(base_url=url.partition("/?")[0]) as browser:
        for room in (url, "/partners", "/partners/1295686", "/decisions"):
            response = browser.get(room)
            assert (response.status_code, "is damaged" in response.text, "from a backup" in response.text) == (
                409,
                True,
                True,
            )


def test_a_run_has_its_own_page_which_a_newer_run_makes_read_only(browser: httpx.Client, home: Home) -> None:
    """Decisions work on the newest; an older one is the record of its day."""
    run = home.manifest("latest")["run"]
    payload = decision_on(browser, "Northwind", "approve", page=f"/runs/{run}")
    assert browser.post(f"/runs/{run}/decisions", json=payload).json()["message"] == "Northwind: approved."
    later = decision_on(browser, "Big First", "approve", page=f"/runs/{run}")
    keep_run(home, AFTER, number=3, files=FILES)
    before = home.ledger.read_bytes()
    response = browser.post(f"/runs/{run}/decisions", json=later)
    assert (response.status_code, "newer run has finished" in response.json()["message"]) == (409, True)
    page = browser.get(f"/runs/{run}").text
    assert ("This is the record of its day" in page, ">Approve<" in page, "Contoso GmbH" in page) == (True, False, True)
    key = later["items"][0]["key"]
    assert "Big First" in browser.get(f"/runs/{run}/accounts/{key}", params={"run": run}).text
    assert home.ledger.read_bytes() == before
    assert browser.get("/runs/never").status_code == 404


def test_the_faults_of_a_run_can_be_downloaded(browser: httpx.Client, home: Home) -> None:
    """If it has any, and nothing else."""
    run = home.manifest("latest")["run"]
    assert browser.get(f"/runs/{run}/faults.csv").status_code == 404
    (home.runs / run / "faults.csv").write_bytes(b"account,row\r\n")
    assert browser.get(f"/runs/{run}/faults.csv").content == b"account,row\r\n"
    assert browser.get(f"/runs/{run}/manifest.json").status_code == 404
    assert browser.get("/favicon.ico").headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_review_serve_opens_its_run_and_ends_at_a_signal(stop: signal.Signals, home: Home) -> None:
    """Even while a page is open; nothing is on standard error."""
    keep_run(home, AFTER, number=3, files=FILES)
    older = sorted(path.name for path in home.runs.glob("*-nightly-*"))[0]
    run = older if stop == signal.SIGTERM else "latest"
    command = [COMMAND, "review", run, "--serve", "--home", home.root, "--json"]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, env=clean_environment(), **streams) as process:  # type: ignore[call-overload]  both are pipes
        try:
            [url] = re.findall(r'"url": "([^"]+)"', process.stdout.readline())
            with client() as browser:
                page = browser.get(url)
                assert (page.status_code, "Contoso GmbH" in page.text) == (200, True)
                assert ("This is the record of its day" in page.text) == (run == older)
                process.send_signal(stop)
                assert process.wait(PATIENCE) == 128 + stop
            assert process.stderr.read() == ""
        finally:
            process.kill()


def test_an_unexpected_error_names_nobody(home: Home) -> None:
    """The page shows its type; standard error is empty."""
    program = (
        "from pathlib import Path\nimport threading\nfrom desk import deciding\n"
        "from desk.serve import serve_desk\n"
        "from exports.home.layout import Home\nfrom tests.desk.sites import TOKEN, client, services, decision_on\n"
        "from desk.site import site\nimport os, signal\n"
        "deciding.decide_shown = lambda *args, **known: 1 / 0\n"
        "def ask(url):\n"
        "    address = url.partition('/?')[0]\n"
        "    with client(base_url=address, headers={'Origin': address}) as browser:\n"
        "        browser.get(url)\n"
        "        answer = browser.post('/decisions', json=decision_on(browser, 'Northwind', 'approve'))\n"
        "    print(answer.status_code, answer.text, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        f"desk = site(Home(Path({str(home.root)!r})), services(), TOKEN)\n"
        "serve_desk(desk, lambda url: threading.Thread(target=ask, args=(url,)).start())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGTERM, "")
    assert done.stdout.startswith("500 Something unforeseen happened (ZeroDivisionError).")
    assert "Contoso" not in done.stdout
    assert [line["what"] for line in ledger.read(home)][-1] == "release"
