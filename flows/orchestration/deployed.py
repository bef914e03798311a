"""Pulls one account with Prefect's `account` deployment, for the desk. Does not import Prefect.

The worker may have another home than the desk, so only a run that appears in the desk's own home counts.
"""

import re
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from exports.home.layout import MANIFEST, Home
from flows.orchestration.server import Answer, Server
from schemas.errors import NotAllowed

DEPLOYMENT = "account/account"
EVERY = 1.0  # seconds between two requests
ANSWER = 20.0  # timeout for a busy server; without a server, the connection is refused at once
TRIES = 3  # of a request without a response, or with 503: the database is sometimes locked
PATIENCE = 60.0  # seconds in which a worker should start the run
SILENCE = 60.0  # seconds without a response, after which a run is given up


def pull_by_deployment(
    server: Server, home: Home, account: str, sleep: Callable[[float], None] = time.sleep
) -> str | None:
    """The id of the run that a worker made; None if there is no such server or deployment.

    Raises NotAllowed if the server stops answering, no worker starts the run, it fails, or it is not in this home.
    """
    deployment = _answer(server, sleep, "GET", f"deployments/name/{DEPLOYMENT}")
    if deployment is None or deployment.status != HTTPStatus.OK:
        return None
    # with the key, a repeated request makes no second run
    wanted = {"parameters": {"account": account}, "tags": ["desk"], "idempotency_key": uuid4().hex}
    created = _answer(server, sleep, "POST", f"deployments/{deployment.body['id']}/create_flow_run", wanted)
    if created is None:
        raise NotAllowed(f"{_SILENT}: the pull may have started or not. Press Pull now again in a minute")
    if created.status not in (HTTPStatus.OK, HTTPStatus.CREATED):
        return None
    flow_run = str(created.body["id"])
    state = _ended(server, flow_run, sleep)
    if state["type"] != "COMPLETED":
        why = state.get("message") or "Prefect's pages have its log. Press Pull now again"
        raise NotAllowed(f"The pull through Prefect ended as {state['name']}: {why}")
    return _in_home(home, _run_of(server, flow_run, sleep))


# ---------------------------------------------------------------------------------------------------------------------

_ENDS = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
_WAITS = {"SCHEDULED", "PENDING"}
_RUN = re.compile(r"\d{8}T\d{6}Z-account-[0-9a-f]{6}")
_SILENT = "Prefect's server stopped answering"


def _answer(
    server: Server, sleep: Callable[[float], None], method: str, path: str, body: object = None
) -> Answer | None:
    """Send a request, again while the server is busy; None if it never answers."""
    answer = None
    for attempt in range(TRIES):
        if attempt:
            sleep(EVERY)
        answer = server.ask(method, path, body, ANSWER)
        if answer and answer.status != HTTPStatus.SERVICE_UNAVAILABLE:
            break
    return answer


def _ended(server: Server, flow_run: str, sleep: Callable[[float], None]) -> dict[str, Any]:
    """The state in which a flow run ended."""
    waited = silent = 0.0
    while True:
        answer = server.ask("GET", f"flow_runs/{flow_run}")
        state = answer.body["state"] if answer and answer.status == HTTPStatus.OK else None
        if state and state["type"] in _ENDS:
            return dict(state)
        silent = 0.0 if state else silent + EVERY
        waited += EVERY if state and state["type"] in _WAITS else 0.0
        if silent >= SILENCE:
            raise NotAllowed(
                f"{_SILENT}, so the result of the pull is unknown. "
                "If it succeeded, this page will show it: load it again later"
            )
        if waited >= PATIENCE:
            cancelled = {"type": "CANCELLED", "message": "No worker started it in time"}
            _answer(server, sleep, "POST", f"flow_runs/{flow_run}/set_state", {"state": cancelled})
            raise NotAllowed(
                f"No Prefect worker started the run within {PATIENCE:.0f} seconds. Start one with: "
                "prefect worker start --pool partner-certs. Or unset PREFECT_API_URL, and the desk pulls by itself"
            )
        sleep(EVERY)


def _run_of(server: Server, flow_run: str, sleep: Callable[[float], None]) -> str | None:
    """The run that the result artifact of a flow run names."""
    wanted = {"artifacts": {"flow_run_id": {"any_": [flow_run]}, "key": {"any_": ["account-result"]}}}
    answer = _answer(server, sleep, "POST", "artifacts/filter", wanted)
    pages = answer.body if answer and isinstance(answer.body, list) else []
    matches = (_RUN.search(str(page.get("data"))) for page in pages)
    return next((match[0] for match in matches if match), None)


def _in_home(home: Home, run: str | None) -> str:
    if run is None:
        raise NotAllowed("Prefect's run of the account left no result. See it in Prefect, then press Pull now again")
    if not (home.runs / run / MANIFEST).is_file():
        raise NotAllowed(
            f"Run {run} is not in {home.root}: the worker has another home. Give both the same PARTNER_CERTS_HOME, "
            "or unset PREFECT_API_URL for the desk"
        )
    return run
