"""The command as a process: streams, signals, kills, a full disk, a second writer."""

import hashlib
import json
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from exports.home.layout import Home
from tests.command import COMMAND, wait_for_rest
from tests.commands import Begun, Commands
from tests.exporting import csv_of
from tests.people import person

PATIENCE = 240.0  # seconds; reached only when something is wrong, however busy the machine is
SOME = [
    person(),
    person("Bob"),
    person("Cy Secret", Email="cy@secret.example", Account_ID="2", Account_Name="Fabrikam", SA_Verified="secret"),
]
MANY = [person(f"P{number}", Account_ID=str(number // 4 + 1), Account_Name=f"N{number // 4}") for number in range(2000)]


def started(words: list[str], folder: Path, environment: dict[str, str]) -> "subprocess.Popen[str]":
    """The command, begun."""
    return subprocess.Popen(
        [COMMAND, *words], cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def ran(words: list[str], folder: Path, environment: dict[str, str]) -> tuple[int, str, str]:
    """Exit status, standard output, standard error."""
    process = started(words, folder, environment)
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


def begun(commands: Commands, folder: Path, *words: str) -> Begun:
    """The command, begun without its start."""
    return commands.begin(folder, *words, PARTNER_CERTS_HOME=str(folder / "home"))


def called(commands: Commands, folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """The command without its start, to its end."""
    return begun(commands, folder, *words).end()


def prove_home(home: Path) -> list[str]:
    """Every visible run is whole; gives their ids."""
    if not (home / "runs").exists():
        return []
    visible = [path for path in (home / "runs").iterdir() if not path.name.startswith(".")]
    for run in visible:
        manifest = json.loads((run / "manifest.json").read_bytes())
        files = {path.name: path.read_bytes() for path in (run / "reports").iterdir()}
        assert set(files) == {report["file"] for report in manifest["reports"]}
        for report in manifest["reports"]:
            assert hashlib.sha256(files[report["file"]]).hexdigest() == report["sha256"]
    return [run.name for run in visible]


def test_one_json_object_on_standard_output_and_no_people_on_standard_error(
    commands: Commands, tmp_path: Path, environment: dict[str, str]
) -> None:
    """As another program sees it."""
    (tmp_path / "export.csv").write_bytes(csv_of(SOME))
    status, out, err = ran(["nightly", "export.csv", "--json"], tmp_path, environment)
    told = json.loads(out)
    assert (status, told["status"], told["faults"][0]["found"]) == (4, "held", "secret")
    assert err == ""
    assert prove_home(tmp_path / "home") == [told["run"]]
    done = called(commands, tmp_path, "account", "contoso", "export.csv")
    assert done.returncode == 0
    assert Path(done.stdout.splitlines()[-1]).is_file()
    done = called(commands, tmp_path, "nightly", "nowhere.csv", "--json")
    assert (done.returncode, json.loads(done.stdout)["status"]) == (3, "refused")
    assert "nowhere.csv" in done.stderr
    done = called(commands, tmp_path, "show", "nothing")
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_quietly_and_leaves_nothing(
    number: int, status: int, commands: Commands, tmp_path: Path
) -> None:
    """While it waits for another writer: everything is read and checked by then."""
    (tmp_path / "export.csv").write_bytes(csv_of(SOME))
    home = Home(tmp_path / "home")
    with home.writing():
        process = begun(commands, tmp_path, "nightly", "export.csv")
        wait_for_rest(process)
        process.send_signal(number)
        done = process.end()
    assert done.returncode == status
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "home" / "runs").exists()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_at_any_moment_ends_it_quietly(
    number: int, status: int, tmp_path: Path, environment: dict[str, str]
) -> None:
    """Loading, reading, writing: no traceback, no half run."""
    (tmp_path / "export.csv").write_bytes(csv_of(MANY))
    chance = random.Random(number)  # noqa: S311  moments, no secrets
    for _ in range(5):
        process = started(["nightly", "export.csv"], tmp_path, environment)
        _until_it_has_begun(process)
        time.sleep(chance.uniform(0, 0.5))
        process.send_signal(number)
        _, err = process.communicate(timeout=PATIENCE)
        assert process.returncode in (status, 0), err
        assert "Traceback" not in err
        prove_home(tmp_path / "home")
        assert not list((tmp_path / "home").glob("runs/.staging-*"))


@pytest.mark.parametrize("words", [["columns"], ["columns", "--json"]])
def test_no_room_on_standard_output_is_told_without_a_traceback(words: list[str]) -> None:
    """As on a full disk that standard output was led to."""
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run([COMMAND, *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith("partner-certs: The disk is full")
    assert "Traceback" not in ended.stderr


def test_no_room_for_the_help_is_told_without_a_traceback() -> None:
    """The same."""
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run([COMMAND, "--help"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (ended.returncode, "Traceback" in ended.stderr) == (1, False)


@pytest.mark.parametrize(
    ("words", "closed", "status"),
    [
        ("check export.csv", "stdout", 4),
        ("check export.csv --json", "stdout", 4),
        ("check none.csv --json", "stdout", 3),
        ("check none.csv", "stderr", 3),
        ("check --json", "stdout", 2),
        ("nothing", "stderr", 2),
    ],
)
def test_a_reader_that_has_seen_enough_does_not_change_how_it_ends(
    words: str, closed: str, status: int, tmp_path: Path, environment: dict[str, str]
) -> None:
    """As `head -1`, and as in a script that asks for the exit status of every part of a pipe."""
    (tmp_path / "export.csv").write_bytes(csv_of(SOME))
    with started(words.split(), tmp_path, environment) as process:
        stream, other = (process.stdout, process.stderr) if closed == "stdout" else (process.stderr, process.stdout)
        assert stream
        assert other
        stream.close()
        assert "Traceback" not in other.read()
    assert process.returncode == status


def test_letters_that_standard_output_does_not_have_are_shown_as_codes(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """The run is told of all the same."""
    rows = [*SOME, person("Suzuki", Account_ID="3", Account_Name="鈴木", SA_Verified="?")]
    (tmp_path / "export.csv").write_bytes(csv_of(rows))
    status, out, _ = ran(["check", "export.csv"], tmp_path, environment | {"PYTHONIOENCODING": "latin-1"})
    assert status == 4
    assert "\\u9234" in out
    rows.append(person("𠮷田", Account_ID="4", Account_Name="Fire 🔥", SA_Verified="🔥"))
    (tmp_path / "export.csv").write_bytes(csv_of(rows))
    status, out, _ = ran(["check", "export.csv", "--json"], tmp_path, environment | {"PYTHONIOENCODING": "latin-1"})
    assert (status, json.loads(out)["faults"][-1]["found"]) == (4, "🔥")


@pytest.mark.parametrize(
    ("closed", "words", "status"), [(1, "columns", 0), (2, "columns", 0), (2, "check none.csv", 3)]
)
def test_closed_streams_change_nothing_about_how_it_ends(closed: int, words: str, status: int) -> None:
    """Some schedulers start commands that way."""
    shell = f'"$0" {words} {closed}>&-'
    ended = subprocess.run(["/bin/sh", "-c", shell, COMMAND], capture_output=True, text=True, check=False)
    assert ended.returncode == status
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_after_the_work_is_done_does_not_hide_how_it_went(number: int) -> None:
    """Also while Python takes itself down, when no handler of ours can run any more."""
    program = f"""
import os, sys
from cli.main import main

class Late:
    def __del__(self, kill=os.kill, process=os.getpid()):
        kill(process, {int(number)})

sys.late = Late()
sys.argv = ["partner-certs", "columns"]
main()
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_kill_at_any_moment_leaves_no_half_run(commands: Commands, tmp_path: Path) -> None:
    """What it left in staging is removed by the next run, which is whole."""
    (tmp_path / "export.csv").write_bytes(csv_of(MANY))
    chance = random.Random(7)  # noqa: S311  moments, no secrets
    for _ in range(6):
        process = begun(commands, tmp_path, "nightly", "export.csv")
        time.sleep(chance.uniform(0, 0.4))
        process.send_signal(signal.SIGKILL)
        process.end()
        prove_home(tmp_path / "home")
    before = prove_home(tmp_path / "home")
    done = called(commands, tmp_path, "nightly", "export.csv", "--json")
    assert done.returncode == 0
    assert set(prove_home(tmp_path / "home")) == {*before, json.loads(done.stdout)["run"]}
    assert not list((tmp_path / "home").glob("runs/.*"))


@pytest.mark.parametrize("stage", ["reports", "manifest.json", "review.html"])
def test_a_kill_while_it_writes_leaves_staging_only(stage: str, commands: Commands, tmp_path: Path) -> None:
    """At the moment that the folder or file has just appeared in staging."""
    (tmp_path / "export.csv").write_bytes(csv_of(MANY))
    process = begun(commands, tmp_path, "nightly", "export.csv")
    runs = tmp_path / "home" / "runs"
    while process.poll() is None and not list(runs.glob(f".staging-*/{stage}")):
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.end()
    prove_home(tmp_path / "home")
    (tmp_path / "small.csv").write_bytes(csv_of(SOME))
    done = called(commands, tmp_path, "nightly", "small.csv", "--json")
    assert done.returncode == 4
    assert json.loads(done.stdout)["run"] in prove_home(tmp_path / "home")
    assert not list(runs.glob(".*"))


def test_a_file_that_may_not_grow_ends_the_run_and_nothing_is_kept(tmp_path: Path, environment: dict[str, str]) -> None:
    """The system says so in the middle of a report."""
    (tmp_path / "export.csv").write_bytes(csv_of(MANY))

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))

    done = subprocess.run(
        [COMMAND, "nightly", "export.csv", "--json"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=no_room,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "File too large" in done.stderr
    assert json.loads(done.stdout)["status"] == "failed"
    assert list((tmp_path / "home" / "runs").iterdir()) == []


def _until_it_has_begun(process: "subprocess.Popen[str]") -> None:
    """Python has started and the command answers signals itself."""
    status = Path(f"/proc/{process.pid}/status")
    while process.poll() is None:
        caught = int(status.read_text().partition("SigCgt:")[2].split()[0], 16)
        if caught >> (signal.SIGTERM - 1) & 1:
            return
        time.sleep(0.001)
