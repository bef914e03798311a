"""Pull now through Prefect: the deployment `account` on a real server with a worker, and what a specialist reads."""

import time

import pytest

from cli.desk import services_of
from exports.home.layout import Home
from flows.orchestration import deployed
from flows.orchestration.server import Server
from schemas.errors import NotAllowed
from tests.desk.sites import open_site
from tests.flows.orchestration.conftest import KEY, Served, Worked
from tests.flows.orchestration.prefect_site import PATIENCE, free_port


@pytest.fixture
def server(served: Served, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server that the desk is told of; the settings of a desk beside it."""
    settings = {
        "PREFECT_API_URL": served.site.api,
        "PREFECT_API_AUTH_STRING": served.site.words(),
        "PARTNER_CERTS_IMPARTNER_URL": served.sandbox.url,
        "PARTNER_CERTS_IMPARTNER_PROOF": "=".join(served.sandbox.proof),
        "PARTNER_CERTS_IMPARTNER_KEY": KEY,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(deployed, "PATIENCE", float(PATIENCE))  # a worker on a busy machine is slow to begin
    return Server(served.site.api, served.site.words())


def test_what_the_worker_brought_is_on_the_partners_page(served: Served, worked: Worked, server: Server) -> None:
    """Not approved, in the desk's own home; Prefect knows the account's id, and that the desk asked."""
    home = Home(served.site.home)
    account = home.manifest("latest")["reports"][0]["account_id"]
    assert account is not None
    with open_site(home, services_of(home.root).pull) as browser:
        here, end = f"/partners/{account}", time.monotonic() + PATIENCE
        assert browser.post(f"{here}/pull", json={}).json()["is_running"]
        while (state := browser.get(f"{here}/pull").json())["is_running"] and time.monotonic() < end:
            time.sleep(0.2)
        assert state["words"].endswith("not approved"), state
        assert "As pulled, <strong>not approved</strong>" in browser.get(here).text
    (run,) = _runs_of_the_desk(served)
    assert (run["state_name"], run["parameters"]) == ("Completed", {"account": account})


def test_without_a_worker_the_run_is_cancelled_and_a_person_is_told_how_to_start_one(
    served: Served, worked: Worked, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is pulled later that nobody waits for any more."""
    monkeypatch.setattr(deployed, "PATIENCE", 2.0)
    served.site.set_worker_idle(True)
    try:
        with pytest.raises(NotAllowed, match=r"No Prefect worker started the run within 2 seconds\. Start one with"):
            services_of(served.site.home).pull("4711")
        ended = next(run for run in _runs_of_the_desk(served) if run["parameters"] == {"account": "4711"})
        assert ended["state_type"] == "CANCELLED"
    finally:
        served.site.set_worker_idle(False)


def test_without_a_server_the_desk_pulls_itself(
    served: Served, worked: Worked, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A specialist notices nothing of it."""
    home = Home(served.site.home)
    account = home.manifest("latest")["reports"][0]["account_id"]
    before = len(_runs_of_the_desk(served))
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{free_port()}/api")
    run = services_of(home.root).pull(str(account))
    assert home.manifest(run)["reports"][0]["account_id"] == account
    assert len(_runs_of_the_desk(served)) == before


def _runs_of_the_desk(served: Served) -> list[dict[str, object]]:
    found: list[dict[str, object]] = served.site.ask("/flow_runs/filter", {"flow_runs": {"tags": {"all_": ["desk"]}}})
    return found
