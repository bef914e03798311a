"""The files of deploy/ agree with the flows and with each other; no server is needed."""

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


def test_the_zombie_automation_knows_every_final_state() -> None:
    """A run in an unknown state would be marked as Crashed after two minutes."""
    expected = read("deploy/zombies.yaml")["trigger"]["expect"]
    assert {f"prefect.flow-run.{name}" for name in get_args(Name)} <= set(expected)


def test_heartbeats_are_frequent_enough_for_the_automation() -> None:
    """Of deployed runs and recorded commands, or healthy runs would be marked as Crashed."""
    within = read("deploy/zombies.yaml")["trigger"]["within"]
    for deployment in read("prefect.yaml")["deployments"]:
        frequency = int(deployment["work_pool"]["job_variables"]["env"]["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"])
        assert frequency * 3 <= within
    assert int(QUIET["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"]) * 3 <= within


def test_the_automations_match_only_our_runs() -> None:
    """By a tag that every deployment has."""
    for name in ("zombies", "notices"):
        assert (
            read(f"deploy/{name}.yaml")["trigger"]["match_related"]["prefect.resource.id"]
            == "prefect.tag.partner-certs"
        )
    assert all("partner-certs" in deployment["tags"] for deployment in read("prefect.yaml")["deployments"])


def test_parameters_of_deployments_exist_in_their_flows() -> None:
    """`deploy` accepts any; an unknown one would fail each run."""
    for deployment in read("prefect.yaml")["deployments"]:
        path, _, name = deployment["entrypoint"].partition(":")
        (function,) = [
            node
            for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body
            if isinstance(node, ast.AsyncFunctionDef) and node.name == name
        ]
        assert {*deployment.get("parameters", {})} <= {argument.arg for argument in function.args.args}


def test_the_environment_files_name_existing_settings() -> None:
    """A misspelt one would be ignored; no file has a key."""
    text = (ROOT / "deploy/systemd/worker.env").read_text(encoding="utf-8")
    named = set(re.findall(r"^#? ?(PARTNER_CERTS_\w+)=", text, re.MULTILINE))
    assert named <= {setting.name for setting in SETTINGS if not setting.secret}
