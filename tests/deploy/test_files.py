"""The files of deploy/ agree with the flows and with one another; no server is needed to see it."""

import ast
import re
from pathlib import Path
from typing import Any, get_args

import yaml

from flows.orchestration.record import QUIET
from flows.orchestration.states import Name
from flows.settings import SETTINGS

ROOT = Path(__file__).resolve().parents[2]


def read(name: str) -> Any:
    """A YAML file of the project."""
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def test_the_zombie_automation_knows_every_way_to_end() -> None:
    """A run that ended in a state it does not know would be marked as Crashed two minutes later."""
    expected = read("deploy/zombies.yaml")["trigger"]["expect"]
    assert {f"prefect.flow-run.{name}" for name in get_args(Name)} <= set(expected)


def test_heartbeats_come_well_within_what_the_automation_waits_for() -> None:
    """Of deployed runs and of recorded commands alike: else healthy runs would be marked as Crashed."""
    within = read("deploy/zombies.yaml")["trigger"]["within"]
    for deployment in read("prefect.yaml")["deployments"]:
        frequency = int(deployment["work_pool"]["job_variables"]["env"]["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"])
        assert frequency * 3 <= within
    assert int(QUIET["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"]) * 3 <= within


def test_the_automations_look_at_our_runs_only() -> None:
    """Every deployment carries the tag that they go by."""
    for name in ("zombies", "notices"):
        assert (
            read(f"deploy/{name}.yaml")["trigger"]["match_related"]["prefect.resource.id"]
            == "prefect.tag.partner-certs"
        )
    assert all("partner-certs" in deployment["tags"] for deployment in read("prefect.yaml")["deployments"])


def test_the_parameters_of_deployments_are_those_of_their_flows() -> None:
    """`deploy` takes whatever stands there; a parameter that the flow lacks would fail each run."""
    for deployment in read("prefect.yaml")["deployments"]:
        path, _, name = deployment["entrypoint"].partition(":")
        (function,) = [
            node
            for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body
            if isinstance(node, ast.AsyncFunctionDef) and node.name == name
        ]
        assert {*deployment.get("parameters", {})} <= {argument.arg for argument in function.args.args}


def test_the_environment_files_name_settings_that_exist() -> None:
    """A misspelt setting would be ignored in silence; no file has a key."""
    told = (ROOT / "deploy/systemd/worker.env").read_text(encoding="utf-8")
    named = set(re.findall(r"^#? ?(PARTNER_CERTS_\w+)=", told, re.MULTILINE))
    assert named <= {setting.name for setting in SETTINGS if not setting.secret}
