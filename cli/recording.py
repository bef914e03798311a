"""Records the run of a command with Prefect, if the server answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cli import signals
from cli.errors import warn
from flows.certify import Outcome, Step
from flows.jobs import OnProgress
from flows.orchestration.health import reachable
from flows.orchestration.record import record
from flows.settings import without_password


def recorded(
    kind: str,
    parameters: Mapping[str, str | None],
    api_url: str,
    work: Callable[[Step, OnProgress | None], Outcome],
    runner: str | None,
) -> Outcome | None:
    """Do the work as a flow run. If the server does not answer: warn, do nothing, return None."""
    if reachable(api_url):
        return record(
            kind,
            parameters,
            lambda step: work(step, None),
            warn=warn,
            before_exit=signals.before_exit.append,
            runner=runner,
        )
    instead = f", and threads of this process write the reports instead of {runner}" if runner else ""
    warn(f"Prefect does not answer at {without_password(api_url)}: the run is not recorded there{instead}")
    return None
