"""Pull now, through Prefect: the deployment `account` on a real server with a worker."""

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
    """The server, and the settings of a desk that uses it."""
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


def test_the_worker_s_run_is_on_the_partner_s_page(served: Served, worked: Worked, server: Server) -> None:
    """Not approved, in the desk's home; Prefect has the account's id and the desk's tag."""
    home = Home(served.site.home)
    account = home.manifest("latest")["reports"][0]["account_id"]
    assert account is not None
    with open_site(home, services_of(home.root).pull) as browser:
        here, end = f"/partners/{account}", time.monotonic() + PATIENCE
        assert browser.post(f"{here}/pull", json={}).json()["is_running"]
        while (state := browser.get(f"{here}/pull").json())["is_running"] and time.monotonic() < end:
            time.sleep(1)
        assert state["words"].endswith("not approved"), state
        assert "As pulled, <strong>not approved</strong>" in browser.get(here).text
    (run,) = _runs_of_the_desk(served)
    assert (run["state_name"], run["parameters"]) == ("Completed", {"account": account})


def test_a_run_without_a_worker_is_cancelled(
    served: Served, worked: Worked, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says how to start a worker; nothing is pulled later."""
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
    """Users don't notice."""
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
