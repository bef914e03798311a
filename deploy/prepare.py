"""Prepare a Prefect server: work pool, automations, deployments. Safe to run again, and after an update.

    python deploy/prepare.py [--no-worker-runs] [--notify TYPE/NAME]

The server is that of PREFECT_API_URL. With --no-worker-runs, runs that count as running are marked as Crashed first:
use it before the only worker is started. With --notify, the notification block of that name gets messages about runs
that fail or hold accounts back.
"""

import argparse
import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import StateType
from prefect.events.schemas.automations import AutomationCore
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.states import Crashed
from pydantic import TypeAdapter

ROOT = Path(__file__).resolve().parent.parent
POOL = "partner-certs"
GONE = "The worker of this run was stopped. ready/ is intact; the next run cleans up after this one. Start it again."


async def prepare(*, no_worker_runs: bool, notify: str | None) -> None:
    """Prepare everything except the deployments."""
    async with get_client() as client:
        await _make_pool(client)
        await _put_automation(client, _read("zombies.yaml"))
        if notify:
            notices = _read("notices.yaml")
            notices["actions"][0]["block_document_id"] = await _block(client, notify)
            await _put_automation(client, notices)
        if no_worker_runs:
            await _close_runs(client)


def deploy() -> int:
    """Put the deployments of prefect.yaml on the server; returns the exit status."""
    command = [str(Path(sys.executable).with_name("prefect")), "--no-prompt", "deploy", "--all"]
    done = subprocess.run(  # noqa: S603  our own command
        command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
    return done.returncode


async def _make_pool(client: PrefectClient) -> None:
    try:
        await client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))
    except ObjectAlreadyExists:
        return


def _read(name: str) -> dict[str, Any]:
    automation: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / name).read_text(encoding="utf-8"))
    return automation


async def _put_automation(client: PrefectClient, automation: dict[str, Any]) -> None:
    """Create the automation; it replaces one of the same name."""
    new = TypeAdapter(AutomationCore).validate_python(automation)
    replaced = await client.read_automations_by_name(new.name)
    await client.create_automation(new)
    for old in replaced:
        await client.delete_automation(old.id)


async def _block(client: PrefectClient, name: str) -> str:
    kind, _, block = name.partition("/")
    try:
        found = await client.read_block_document_by_name(block, kind)
    except ObjectNotFound:
        sys.exit(f"The server has no block {name}. Create it on the page Blocks, which shows its name as TYPE/NAME")
    return str(found.id)


async def _close_runs(client: PrefectClient) -> None:
    """Mark runs of the pool as Crashed. Without a worker none can be running, but they may block the next run."""
    unfinished = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]
    chosen = FlowRunFilter.model_validate(
        {"state": {"type": {"any_": unfinished}}, "deployment_id": {"is_null_": False}, "tags": {"all_": [POOL]}}
    )
    for run in await client.read_flow_runs(flow_run_filter=chosen):
        await client.set_flow_run_state(run.id, Crashed(message=GONE), force=True)


def main() -> None:
    """Read the command line, prepare the server, and deploy."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--no-worker-runs", action="store_true")
    parser.add_argument("--notify", metavar="TYPE/NAME")
    given = parser.parse_args()
    asyncio.run(prepare(no_worker_runs=given.no_worker_runs, notify=given.notify))
    sys.exit(deploy())


if __name__ == "__main__":
    main()
