"""Personal data and secrets stay where they belong, and commands connect only to configured hosts."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx

from cli.app import COMMANDS
from sources.sandbox import serving
from tests.command import COMMAND, clean_environment
from tests.commands import Commands
from tests.exporting import csv_of
from tests.imap_peers import scripted
from tests.mailbox import Dovecot
from tests.people import person

ROOT = Path(__file__).resolve().parents[2]
NAME, ADDRESS, PHONE = "Planted-Name-7f3a", "planted-7f3a@mail.example", "+49 7373 737373"
PLANTED = (NAME, ADDRESS, PHONE)
KEY = "pretend-key-that-must-stay-secret"


def planted(**cells: str) -> dict[str, str | None]:
    """A person whom only the home and standard output may name."""
    return person(NAME, ADDRESS, Phone=PHONE, **cells)


def test_people_are_named_only_in_the_home_and_on_standard_output(commands: Commands, tmp_path: Path) -> None:
    """By commands that succeed or fail, temporary files included, with a permissive umask."""
    for folder in ("tmp", "work", "data"):
        (tmp_path / folder).mkdir()
    first = csv_of([planted(), person("B")])
    (tmp_path / "work" / "day1.csv").write_bytes(first)
    (tmp_path / "work" / "day2.csv").write_bytes(csv_of([planted(SA_Verified=f"yes {ADDRESS}"), person("B")]))
    (tmp_path / "work" / "bad.csv").write_bytes(first + f'"{NAME}"x,{ADDRESS}\r\n'.encode())
    mail = f"From: {NAME} <{ADDRESS}>\r\nSubject: {PHONE}\r\n\r\n{NAME}\r\n"
    (tmp_path / "work" / "mail.eml").write_text(mail)
    given = {path.name: path.read_bytes() for path in (tmp_path / "work").iterdir()}
    asked: list[tuple[int, list[str]]] = [
        (0, ["nightly", "day1.csv"]),
        (0, ["approve", "latest", "--all", "--by", "Jo"]),
        (0, ["release"]),
        (0, ["account", "1", "day1.csv"]),
        (4, ["nightly", "day2.csv"]),
        (4, ["check", "day2.csv", "--debug"]),
        (3, ["check", "bad.csv"]),
        (0, ["review", "--full"]),
        (0, ["draft", "--reply-to", "mail.eml"]),
        (0, ["draft", "1", "--again", "--text", "--to", ADDRESS]),
        (0, ["sent", "1", "--to", ADDRESS, "--by", "Jo"]),
        (0, ["contacts", "set", "1", "--to", ADDRESS, "--by", "Jo"]),
        (0, ["contacts", "check"]),
        (0, ["workbook", "1"]),
        (0, ["history", "1"]),
        (0, ["overview"]),
        (0, ["draft", "1", "--again", "--to", f"x{ADDRESS}", "--confirm", f"x{ADDRESS}", "--by", "Jo"]),
        (6, ["draft", "1", "--again", "--to", ADDRESS.replace("mail.e", "nail.e"), "--json"]),
        (0, ["sent", "--ack", f"<1{ADDRESS}>", "--by", "Jo", "--reason", "so"]),
        (0, ["prune"]),
        (5, ["nightly"]),
        (5, ["contacts", "pull"]),
    ]
    for status, words in asked:
        done = run(commands, tmp_path, words)
        assert done.returncode == status, (words, done.stderr)
        assert [secret for secret in (*PLANTED, KEY) if secret in done.stderr] == [], words
        assert KEY not in done.stdout
    for words in (["draft", "1", "--imap", "--again", "--to", ADDRESS], ["sent", "--scan"], ["doctor"]):
        done = run_with_mailbox(commands, tmp_path, words)
        assert "mailbox at 127.0.0.1 does not accept" in done.stderr or words[0] != "draft"
        assert [secret for secret in (*PLANTED, KEY) if secret in done.stderr + done.stdout] == [], words
    left = [path for path in tmp_path.rglob("*") if path.is_file() and tmp_path / "home" not in path.parents]
    assert {path.relative_to(tmp_path / "work").as_posix(): path.read_bytes() for path in left} == given
    is_open = [path for path in (tmp_path / "home").rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o077]
    assert not is_open


def test_settings_readable_by_others_are_reported(commands: Commands, tmp_path: Path) -> None:
    """By every command and the doctor, if they have secrets."""
    (tmp_path / "work").mkdir()
    settings = tmp_path / "work" / ".env"
    settings.write_text(f"PARTNER_CERTS_IMPARTNER_KEY={KEY}\n")
    for mode, is_said in ((0o644, True), (0o640, True), (0o600, False)):
        settings.chmod(mode)
        assert ("Close it: chmod 600 .env" in run(commands, tmp_path, ["runs"]).stderr) == is_said
        doctor = run(commands, tmp_path, ["doctor"]).stdout
        assert ("NO  .env" in doctor) == is_said
        assert KEY not in doctor
    settings.write_text("PARTNER_CERTS_PROFILE=eu\n")
    settings.chmod(0o644)
    assert run(commands, tmp_path, ["runs"]).stderr == ""
    settings.chmod(0o622)
    assert "can be changed by others, who could redirect the key" in run(commands, tmp_path, ["runs"]).stderr
    if os.getuid() == 0:  # only root may change a file's owner
        os.chown(settings, 12_345, -1)
        assert "belongs to another user" in run(commands, tmp_path, ["runs"]).stderr
        assert "NO  .env" in run(commands, tmp_path, ["doctor"]).stdout


def test_prefect_sends_no_telemetry_on_first_use(tmp_path: Path) -> None:
    """It would as soon as it is imported, here for the Secret block."""
    program = "import flows.orchestration.secret_block, time; time.sleep(1)"
    master, terminal = pty.openpty()
    environment = {name: value for name, value in clean_environment().items() if name != "CI"}
    subprocess.run(
        [*STRACE, str(tmp_path / "trace"), sys.executable, "-c", program],
        env=environment | {"HOME": str(tmp_path), "PREFECT_HOME": str(tmp_path / "prefect")},
        cwd=ROOT, stdin=terminal, stdout=terminal, stderr=terminal, check=True,
    )  # fmt: skip
    os.close(terminal)
    os.close(master)
    assert reached(tmp_path / "trace") == set()
    assert not list((tmp_path / "prefect").rglob("*telemetry*"))


OFFLINE = f"""
nightly day1.csv; hold latest --all --by Jo --reason so; undo latest; reject latest --all --by Jo --reason so
undo latest; approve latest --all --by Jo; release; columns; check day1.csv; account 1 day1.csv; runs; show
review --full; contacts; contacts check; contacts set 1 --to {ADDRESS} --by Jo; draft 1
draft 1 --text --to new@x.example --confirm new@x.example --by Jo; sent 1 --to {ADDRESS} --by Jo
sent --ack x --by Jo --reason so; history 1; workbook 1; overview; prune
"""


def test_commands_connect_only_to_configured_hosts(commands: Commands, tmp_path: Path, mail_server: Dovecot) -> None:
    """Impartner or the mailbox; no name is looked up."""
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "day1.csv").write_bytes(csv_of([planted(), person("B")]))
    offline = [words.split() for words in OFFLINE.strip().replace("\n", ";").split(";")]
    assert {words[0] for words in offline} >= {name for name, *_ in COMMANDS} - {"desk", "sandbox", "doctor"}
    assert connections(commands, tmp_path, offline, {}) == set()
    by_mail = [["draft", "1", "--imap", "--again"], ["sent", "--scan"]]
    mailbox = f"127.0.0.1:{mail_server.port}"
    assert connections(commands, tmp_path, by_mail, mail_server.settings("connections")) == {mailbox}
    with serving(users=30, accounts=4) as sandbox:
        settings = {
            "PARTNER_CERTS_IMPARTNER_URL": sandbox.url,
            "PARTNER_CERTS_IMPARTNER_KEY": sandbox.key,
            "PARTNER_CERTS_IMPARTNER_PROOF": "=".join(sandbox.proof),
            "PARTNER_CERTS_IMPARTNER_PATIENCE": "60",
        }
        pulls = [["nightly"], ["account", sandbox.proof[0]], ["doctor"], ["contacts", "pull"]]
        impartner = sandbox.url.rpartition("/")[2]
        assert connections(commands, tmp_path, pulls, settings) == {impartner}
        assert connections_of_a_desk(tmp_path, sandbox.proof[0], settings) == {impartner}


# ---------------------------------------------------------------------------------------------------------------------


CALLS = "execve,connect,sendto,sendmsg,sendmmsg"
STRACE = ("strace", "-f", "--seccomp-bpf", "-qq", "-e", f"trace={CALLS}", "-o")


def run(
    commands: Commands, folder: Path, words: list[str], *, trace: str = "", **settings: str
) -> "subprocess.CompletedProcess[str]":
    """A command with its own folders for everything it could write."""
    (folder / "work").mkdir(exist_ok=True)
    return commands.call(folder / "work", *words, trace=trace, **settings_of(folder, settings))


def run_with_mailbox(commands: Commands, folder: Path, words: list[str]) -> "subprocess.CompletedProcess[str]":
    """A command whose mailbox refuses everything with personal data in the message."""
    refusal = f"{{tag}} NO [ALERT] {NAME} <{ADDRESS}> {PHONE} may not"
    folders = '* LIST (\\Drafts) "/" "D"\r\n* LIST (\\Sent) "/" "S"\r\n{tag} OK done'
    answers = {
        "CAPABILITY": "* CAPABILITY IMAP4rev1\r\n{tag} OK done",
        "LIST": folders,
        "LOGOUT": "* BYE\r\n{tag} OK done",
    }
    with scripted(answers | dict.fromkeys(("APPEND", "EXAMINE", "SELECT", "UID"), refusal)) as port:
        mailbox = {"URL": f"imap://127.0.0.1:{port}", "USER": "specialist", "PASSWORD": KEY}
        return run(commands, folder, words, **{f"PARTNER_CERTS_IMAP_{name}": value for name, value in mailbox.items()})


def settings_of(folder: Path, settings: dict[str, str]) -> dict[str, str]:
    """A command's environment: its own folders, and nobody at Impartner's address."""
    places = {
        "TMPDIR": "tmp",
        "HOME": "data",
        "XDG_DATA_HOME": "data",
        "XDG_CACHE_HOME": "data",
        "PARTNER_CERTS_HOME": "home",
    }
    return {
        **{name: str(folder / place) for name, place in places.items()},
        **{"PARTNER_CERTS_IMPARTNER_URL": "http://127.0.0.1:9", "PARTNER_CERTS_IMPARTNER_PATIENCE": "1"} | settings,
        **({} if settings or (folder / "work" / ".env").exists() else {"PARTNER_CERTS_IMPARTNER_KEY": KEY}),
    }


def connections(commands: Commands, folder: Path, asked: list[list[str]], settings: dict[str, str]) -> set[str]:
    """The addresses that these commands connect or send to."""
    found: set[str] = set()
    for words in asked:
        done = run(commands, folder, words, trace=CALLS, **settings)
        assert done.returncode in (0, 4), (words, done.stderr)
        found |= reached(folder / "work" / "trace")
    return found


def connections_of_a_desk(folder: Path, account: str, settings: dict[str, str]) -> set[str]:
    """The addresses that a desk connects to while someone uses its pages, pulls, and drafts a mail.

    Its standard streams have only its own address, whatever the requests contain.
    """
    command = [*STRACE, str(folder / "trace"), str(COMMAND), "desk", "--json"]
    given = clean_environment(**settings_of(folder, settings))
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(
        command, env=given, cwd=folder / "work", text=True, umask=0, start_new_session=True, **streams
    ) as process:  # type: ignore[call-overload]  both are pipes
        try:
            url = json.loads(process.stdout.readline())["url"]
            visit(url, account)
            [desk] = (folder / "trace").read_text().split(maxsplit=1)[:1]
            os.kill(int(desk), signal.SIGTERM)
            out, err = process.communicate(timeout=240)
        finally:
            with suppress(ProcessLookupError):  # all have exited
                os.killpg(process.pid, signal.SIGKILL)
    assert (out, err) == ("", "")
    return reached(folder / "trace")


def visit(url: str, account: str) -> None:
    """Every page of the desk, a pull and a refused draft, with the person's data wherever possible."""
    address = url.partition("/?")[0]
    with httpx.Client(base_url=address, headers={"Origin": address}, timeout=240, trust_env=False) as browser:
        browser.get(url).raise_for_status()
        found = browser.get("/partners", params={"q": account}).raise_for_status().text
        [partner, *_] = re.findall(r'href="(/partners/[^"?#]+)"', found)
        assert browser.post(f"{partner}/pull").is_success
        while browser.get(f"{partner}/pull").json()["is_running"]:
            time.sleep(0.05)
        for path in ("/", "/partners", partner, "/runs", "/overview", "/health", f"/accounts/{ADDRESS}", f"/{NAME}"):
            assert browser.get(path, params={"q": ADDRESS, "run": NAME}).status_code < 500
        for path in (f"{partner}/draft", f"{partner}/decision", "/decisions", "/release", "/drafts"):
            body = {"to": ADDRESS, "by": NAME, "run": PHONE, "confirm": [ADDRESS], "items": [{"key": NAME}]}
            assert 400 <= browser.post(path, json=body).status_code < 500


def reached(trace: Path) -> set[str]:
    """The addresses in strace's output."""
    found = re.findall(
        r"sin6?_port=htons\((\d+)\).*?inet_(?:addr|pton)\((?:AF_INET6, )?\"([^\"]+)\"", trace.read_text()
    )
    return {f"{address}:{port}" for port, address in found}
