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
from tests.commands import Commands, Running
from tests.exporting import csv_of
from tests.people import person

PATIENCE = 240.0  # seconds; reached only when something is wrong, however busy the machine is
SOME = [
    person(),
    person("Bob"),
    person("Cy Secret", Email="cy@secret.example", Account_ID="2", Account_Name="Fabrikam", SA_Verified="secret"),
]
MANY = [person(f"P{number}", Account_ID=str(number // 4 + 1), Account_Name=f"N{number // 4}") for number in range(2000)]


def start(words: list[str], folder: Path, environment: dict[str, str]) -> "subprocess.Popen[str]":
    """Start the command."""
    return subprocess.Popen(
        [COMMAND, *words], cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def run_process(words: list[str], folder: Path, environment: dict[str, str]) -> tuple[int, str, str]:
    """Exit status, standard output, standard error."""
    process = start(words, folder, environment)
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


def start_forked(commands: Commands, folder: Path, *words: str) -> Running:
    """Start the command in a fork."""
    return commands.begin(folder, *words, PARTNER_CERTS_HOME=str(folder / "home"))


def run_forked(commands: Commands, folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run the command in a fork."""
    return start_forked(commands, folder, *words).end()


def check_home(home: Path) -> list[str]:
    """Assert that every visible run is whole; return their ids."""
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


def test_one_json_object_on_stdout_and_no_people_on_stderr(
    commands: Commands, tmp_path: Path, environment: dict[str, str]
) -> None:
    """As another program sees it."""
    (tmp_path / "export.csv").write_bytes(csv_of(SOME))
    status, out, err = run_process(["nightly", "export.csv", "--json"], tmp_path, environment)
    result = json.loads(out)
    assert (status, result["status"], result["faults"][0]["found"]) == (4, "held", "secret")
    assert err == ""
    assert check_home(tmp_path / "home") == [result["run"]]
    done = run_forked(commands, tmp_path, "account", "contoso", "export.csv")
    assert done.returncode == 0
    assert Path(done.stdout.splitlines()[-1]).is_file()
    done = run_forked(commands, tmp_path, "nightly", "nowhere.csv", "--json")
    assert (done.returncode, json.loads(done.stdout)["status"]) == (3, "refused")
    assert "nowhere.csv" in done.stderr
    done = run_forked(commands, tmp_path, "show", "nothing")
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_waiting_for_the_lock_leaves_nothing(
    number: int, status: int, commands: Commands, tmp_path: Path
) -> None:
    """Everything is read and checked by then."""
    (tmp_path / "export.csv").write_bytes(csv_of(SOME))
    home = Home(tmp_path / "home")
    with home.writing():
        process = start_forked(commands, tmp_path, "nightly", "export.csv")
        wait_for_rest(process)
        process.send_signal(number)
        done = process.end()
    assert done.returncode == status
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "home" / "runs").exists()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_at_any_moment_leaves_nothing(
    number: int, status: int, tmp_path: Path, environment: dict[str, str]
) -> None:
    """While loading, reading or writing: no traceback, no partial run."""
    (tmp_path / "export.csv").write_bytes(csv_of(MANY))
    chance = random.Random(number)  # noqa: S311  delays, no secrets
    for _ in range(5):
        process = start(["nightly", "export.csv"], tmp_path, environment)
        _wait_for_signal_handler(process)
        time.sleep(chance.uniform(0, 0.5))
        process.send_signal(number)
        _, err = process.communicate(timeout=PATIENCE)
        assert process.returncode in (status, 0), err
        assert "Traceback" not in err
        check_home(tmp_path / "home")
        assert not list((tmp_path / "home").glob("runs/.staging-*"))


@pytest.mark.parametrize("words", [["columns"], ["columns", "--json"]])
def test_a_full_standard_output_is_reported(words: list[str]) -> None:
    """Without a traceback."""
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run([COMMAND, *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith("partner-certs: The disk is full")
    assert "Traceback" not in ended.stderr


def test_a_full_standard_output_of_help_is_reported() -> None:
    """Without a traceback."""
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
def test_a_closed_pipe_does_not_change_the_exit_status(
    words: str, closed: str, status: int, tmp_path: Path, environment: dict[str, str]
) -> None:
    """As with `head -1`, or pipefail."""
    (tmp_path / "export.csv").write_bytes(csv_of(SOME))
    with start(words.split(), tmp_path, environment) as process:
        stream, other = (process.stdout, process.stderr) if closed == "stdout" else (process.stderr, process.stdout)
        assert stream
        assert other
        stream.close()
        assert "Traceback" not in other.read()
    assert process.returncode == status


def test_unencodable_characters_are_escaped(tmp_path: Path, environment: dict[str, str]) -> None:
    """JSON stays valid."""
    rows = [*SOME, person("Suzuki", Account_ID="3", Account_Name="鈴木", SA_Verified="?")]
    (tmp_path / "export.csv").write_bytes(csv_of(rows))
    status, out, _ = run_process(["check", "export.csv"], tmp_path, environment | {"PYTHONIOENCODING": "latin-1"})
    assert status == 4
    assert "\\u9234" in out
    rows.append(person("𠮷田", Account_ID="4", Account_Name="Fire 🔥", SA_Verified="🔥"))
    (tmp_path / "export.csv").write_bytes(csv_of(rows))
    status, out, _ = run_process(
        ["check", "export.csv", "--json"], tmp_path, environment | {"PYTHONIOENCODING": "latin-1"}
    )
    assert (status, json.loads(out)["faults"][-1]["found"]) == (4, "🔥")


@pytest.mark.parametrize(
    ("closed", "words", "status"), [(1, "columns", 0), (2, "columns", 0), (2, "check none.csv", 3)]
)
def test_closed_streams_do_not_change_the_exit_status(closed: int, words: str, status: int) -> None:
    """Some schedulers start commands that way."""
    shell = f'"$0" {words} {closed}>&-'
    ended = subprocess.run(["/bin/sh", "-c", shell, COMMAND], capture_output=True, text=True, check=False)
    assert ended.returncode == status
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_after_the_work_does_not_change_the_exit_status(number: int) -> None:
    """Even while the interpreter shuts down."""
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


def test_a_kill_at_any_moment_leaves_no_partial_run(commands: Commands, tmp_path: Path) -> None:
    """The next run removes its staging."""
    (tmp_path / "export.csv").write_bytes(csv_of(MANY))
    chance = random.Random(7)  # noqa: S311  delays, no secrets
    for _ in range(6):
        process = start_forked(commands, tmp_path, "nightly", "export.csv")
        time.sleep(chance.uniform(0, 0.4))
        process.send_signal(signal.SIGKILL)
        process.end()
        check_home(tmp_path / "home")
    before = check_home(tmp_path / "home")
    done = run_forked(commands, tmp_path, "nightly", "export.csv", "--json")
    assert done.returncode == 0
    assert set(check_home(tmp_path / "home")) == {*before, json.loads(done.stdout)["run"]}
    assert not list((tmp_path / "home").glob("runs/.*"))


@pytest.mark.parametrize("stage", ["reports", "manifest.json", "review.html"])
def test_a_kill_while_writing_leaves_only_staging(stage: str, commands: Commands, tmp_path: Path) -> None:
    """Right after the file or folder appeared."""
    (tmp_path / "export.csv").write_bytes(csv_of(MANY))
    process = start_forked(commands, tmp_path, "nightly", "export.csv")
    runs = tmp_path / "home" / "runs"
    while process.poll() is None and not list(runs.glob(f".staging-*/{stage}")):
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.end()
    check_home(tmp_path / "home")
    (tmp_path / "small.csv").write_bytes(csv_of(SOME))
    done = run_forked(commands, tmp_path, "nightly", "small.csv", "--json")
    assert done.returncode == 4
    assert json.loads(done.stdout)["run"] in check_home(tmp_path / "home")
    assert not list(runs.glob(".*"))


def test_a_file_size_limit_ends_the_run_and_nothing_is_kept(tmp_path: Path, environment: dict[str, str]) -> None:
    """It strikes in the middle of a report."""
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


def _wait_for_signal_handler(process: "subprocess.Popen[str]") -> None:
    """Wait until the command handles signals."""
    status = Path(f"/proc/{process.pid}/status")
    while process.poll() is None:
        caught = int(status.read_text().partition("SigCgt:")[2].split()[0], 16)
        if caught >> (signal.SIGTERM - 1) & 1:
            return
        time.sleep(0.001)
