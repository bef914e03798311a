"""The Prefect flow `nightly`: every account, from a file or pulled from Impartner."""

from functools import partial
from pathlib import Path
from typing import Annotated

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from flows.certify import Outcome, Step
from flows.jobs import OnProgress, run_nightly
from flows.orchestration.dask import on_runner
from flows.orchestration.run import run_as_flow, run_name
from flows.orchestration.runners import PATTERN, THREADS
from flows.settings import load
from schemas.review import Policy


@flow(name="nightly", flow_run_name=run_name, retries=0, persist_result=False, log_prints=False)
async def nightly(
    export: str | None = None,
    approve_unattended: Policy = "none",
    runner: Annotated[str, Field(pattern=f"^({PATTERN})$")] = THREADS,
) -> State[None]:
    """Every account: one validated report each, staged for review.

    Its tasks are the stages: read, check, shape, write, keep, compare, and approve if a policy is given.

    Args:
        export: A downloaded CSV or XLSX, as a path on the worker's machine. If empty, Impartner is pulled.
        approve_unattended: What is approved without a reviewer. none: nothing. gains: accounts where people only
            joined, gained a course or changed a detail. valid: everything that is not held back.
        runner: What writes the reports. threads: of this process. dask: a cluster for the duration of the run.
            dask=ADDRESS: a running Dask scheduler, as in dask=tcp://host:8786.
    """
    return await run_as_flow(partial(_work, export, approve_unattended, runner))


def _work(export: str | None, policy: Policy, runner: str, step: Step, on_progress: OnProgress) -> Outcome:
    job = partial(run_nightly, load(), Path(export) if export else None, policy, on_progress=on_progress)
    return on_runner(runner, step, job)
