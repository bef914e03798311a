"""A person is planted, and looked for wherever a command could leave or say something; and who is connected to."""

import re
import subprocess
from pathlib import Path

from sources.sandbox import serving
from tests.command import COMMAND, clean_environment
from tests.exporting import csv_of
from tests.people import person

NAME, ADDRESS, PHONE = "Planted-Name-7f3a", "planted-7f3a@mail.example", "+49 7373 737373"
PLANTED = (NAME, ADDRESS, PHONE)
KEY = "pretend-key-that-must-stay-secret"


def planted(**cells: str) -> dict[str, str | None]:
    """Somebody whom only the home and standard output may name."""
    return person(NAME, ADDRESS, Phone=PHONE, **cells)


def test_nobody_is_named_outside_of_the_home_and_standard_output(tmp_path: Path) -> None:
    """Of commands that go well and that do not; temporary files too, and with a umask that hides nothing."""
    for folder in ("tmp", "work", "data"):
        (tmp_path / folder).mkdir()
    first = csv_of([planted(), person("B")])
    (tmp_path / "work" / "day1.csv").write_bytes(first)
    (tmp_path / "work" / "day2.csv").write_bytes(csv_of([planted(SA_Verified=f"yes {ADDRESS}"), person("B")]))
    (tmp_path / "work" / "bad.csv").write_bytes(first + f'"{NAME}"x,{ADDRESS}\r\n'.encode())
    mail = f"From: {NAME} <{ADDRESS}>\r\nSubject: {PHONE}\r\n\r\n{NAME}\r\n"
    (tmp_path / "work" / "mail.eml").write_text(mail)
    given = {path.name: path.read_bytes() for path in (tmp_path / "work").iterdir()}
    commands: list[tuple[int, list[str]]] = [
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
        (5, ["nightly"]),
    ]
    for status, words in commands:
        done = called(tmp_path, words)
        assert done.returncode == status, (words, done.stderr)
        assert [secret for secret in (*PLANTED, KEY) if secret in done.stderr] == [], words
        assert KEY not in done.stdout
    left = [path for path in tmp_path.rglob("*") if path.is_file() and tmp_path / "home" not in path.parents]
    assert {path.relative_to(tmp_path / "work").as_posix(): path.read_bytes() for path in left} == given
    is_open = [path for path in (tmp_path / "home").rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o077]
    assert not is_open


def test_secrets_that_others_can_read_are_said(tmp_path: Path) -> None:
    """By each command and by the doctor; a closed file, and one without secrets, are fine."""
    (tmp_path / "work").mkdir()
    settings = tmp_path / "work" / ".env"
    settings.write_text(f"PARTNER_CERTS_IMPARTNER_KEY={KEY}\n")
    for mode, is_said in ((0o644, True), (0o640, True), (0o600, False)):
        settings.chmod(mode)
        assert ("Close it: chmod 600 .env" in called(tmp_path, ["runs"]).stderr) == is_said
        doctor = called(tmp_path, ["doctor"]).stdout
        assert ("NO  .env" in doctor) == is_said
        assert KEY not in doctor
    settings.write_text("PARTNER_CERTS_PROFILE=eu\n")
    settings.chmod(0o644)
    assert called(tmp_path, ["runs"]).stderr == ""


def test_nobody_is_connected_to_but_whom_the_settings_name(tmp_path: Path) -> None:
    """Every connection of a night, an account and the doctor is to Impartner's address; none looks up a name."""
    with serving(users=30, accounts=4) as sandbox:
        settings = {
            "PARTNER_CERTS_IMPARTNER_URL": sandbox.url,
            "PARTNER_CERTS_IMPARTNER_KEY": sandbox.key,
            "PARTNER_CERTS_IMPARTNER_PROOF": "=".join(sandbox.proof),
        }
        port = sandbox.url.rpartition(":")[2]
        for words in (["nightly"], ["account", sandbox.proof[0]], ["doctor"], ["contacts", "pull"], ["overview"]):
            assert connections(tmp_path, words, settings) <= {f"127.0.0.1:{port}"}, words


# ---------------------------------------------------------------------------------------------------------------------


def called(
    folder: Path, words: list[str], *, before: tuple[str, ...] = (), **settings: str
) -> subprocess.CompletedProcess[str]:
    """A command, with folders of its own for whatever it could write."""
    places = {
        "TMPDIR": "tmp",
        "HOME": "data",
        "XDG_DATA_HOME": "data",
        "XDG_CACHE_HOME": "data",
        "PARTNER_CERTS_HOME": "home",
    }
    environment = clean_environment(
        **{name: str(folder / place) for name, place in places.items()},
        **{"PARTNER_CERTS_IMPARTNER_URL": "http://127.0.0.1:9", "PARTNER_CERTS_IMPARTNER_PATIENCE": "1"} | settings,
        **({} if settings or (folder / "work" / ".env").exists() else {"PARTNER_CERTS_IMPARTNER_KEY": KEY}),
    )
    (folder / "work").mkdir(exist_ok=True)
    return subprocess.run(
        [*before, str(COMMAND), *words],
        env=environment,
        cwd=folder / "work",
        capture_output=True,
        text=True,
        check=False,
        umask=0,
    )


def connections(folder: Path, words: list[str], settings: dict[str, str]) -> set[str]:
    """The addresses that a command connects to, or sends to."""
    trace = folder / "trace"
    strace = ("strace", "-f", "-qq", "-e", "trace=connect,sendto", "-o", str(trace))
    done = called(folder, words, before=strace, **settings)
    assert done.returncode in (0, 4), done.stderr
    found = re.findall(
        r"sin6?_port=htons\((\d+)\).*?inet_(?:addr|pton)\((?:AF_INET6, )?\"([^\"]+)\"", trace.read_text()
    )
    return {f"{address}:{port}" for port, address in found}
