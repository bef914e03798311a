"""The commands that write to a home, and their homes. A new command is one line in COMMANDS.

Homes are made by commands too, as by a person: a night, decisions, a release, another night.
"""

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from tests.command import COMMAND, clean_environment
from tests.flows.mail.sent_mails import sent_mail
from tests.mailbox import dovecot
from tests.torture import browser
from tests.torture.warm import Child, run

HEADINGS = ["Account ID", "Account Name", "Full Name", "Email", "Mailing Street", "Mailing City", "Mailing State"]
HEADINGS += ["Mailing Country", "Phone", "Account Activated", "Display on Partner Locator?"]
HEADINGS += ["Administrative Privileges", "SA Verified", "Sales Badged", "Sales Certified"]
HEADINGS += ["PSE Certified 2020", "PSE Certified 2021"]
HELD = 4
ACCOUNTS, PEOPLE = 12, 8
USER = "torture"  # of the mailbox
VALID = ("--approve-unattended", "valid")
TO = ("--to", "p0@two.example", "--by", "Jo")


@dataclass(frozen=True)
class Case:
    """One command: its home, its arguments, and its normal exit status.

    use: what a browser does while it runs; then it is stopped. is_variant: much like another command.
    reads: it writes nothing, so a read-only disk must not matter.
    """

    name: str
    home: str
    words: Sequence[str]
    status: int = 0
    use: Callable[[Child], None] | None = None
    is_variant: bool = False
    reads: bool = False


COMMANDS = (
    Case("nightly", "night", ["nightly", "day3.csv"], HELD),
    Case("nightly (first)", "empty", ["nightly", "day1.csv"], is_variant=True),
    Case("nightly (pull)", "night", ["nightly"], HELD, is_variant=True),
    Case("nightly (unattended)", "night", ["nightly", "day3.csv", *VALID], HELD, is_variant=True),
    Case("account", "night", ["account", "3", "day3.csv"]),
    Case("account (pull)", "night", ["account", "Contoso GmbH"], is_variant=True),
    Case("approve", "night", ["approve", "latest", "--all", "--by", "Jo", "--reason", "so"]),
    Case("hold", "night", ["hold", "latest", "--all", "--by", "Jo", "--reason", "so"], is_variant=True),
    Case("undo", "decided", ["undo", "latest", "--by", "Jo"], is_variant=True),
    Case("release", "decided", ["release"]),
    Case("release (first)", "first", ["release"], is_variant=True),
    Case("contacts set", "released", ["contacts", "set", "2", *TO, "--reason", "so"]),
    Case("contacts pull", "night", ["contacts", "pull"]),
    Case("draft", "released", ["draft", "--all", "--no-to"]),
    Case("draft --confirm", "released", ["draft", "2", "--confirm", "p0@two.example", *TO]),
    Case("workbook", "released", ["workbook", "2"], is_variant=True),
    Case("draft --imap", "released", ["draft", "--all", "--no-to", "--imap"], is_variant=True),
    Case("sent", "released", ["sent", "2", *TO]),
    Case("sent --scan", "released", ["sent", "--scan"]),
    Case("sent --ack", "released", ["sent", "--ack", "<1@v>", "--by", "Jo", "--reason", "so"], is_variant=True),
    Case("overview", "released", ["overview"], is_variant=True),
    Case("prune", "many", ["prune", "--keep-days", "0", "--keep-sent-days", "0"]),
    Case("desk", "night", ["desk", "--json"], 143, browser.decide_and_release),
)

READERS = (
    Case("check", "night", ["check", "day3.csv"], HELD, reads=True),
    Case("columns", "night", ["columns"], reads=True),
    Case("runs", "many", ["runs"], reads=True),
    Case("show", "night", ["show"], reads=True),
    Case("review", "night", ["review", "--full"], reads=True),
    Case("contacts", "released", ["contacts"], reads=True),
    Case("contacts check", "released", ["contacts", "check"], reads=True),
    Case("history", "released", ["history", "2"], reads=True),
    Case("prune --dry-run", "many", ["prune", "--dry-run", "--keep-days", "0"], reads=True),
)

# How to make each home: the home to start from, and the commands
HOMES: Mapping[str, tuple[str | None, Sequence[Sequence[str]]]] = {
    "empty": (None, []),
    "first": ("empty", [["nightly", "day1.csv"], ["approve", "latest", "--all", "--by", "Jo"]]),
    "night": ("first", [["release"], ["nightly", "day2.csv"]]),
    "decided": ("night", [["approve", "latest", "--all", "--by", "Jo", "--reason", "so"]]),
    "released": ("decided", [["release"]]),
    "many": ("released", [["nightly", "day1.csv"], ["nightly", "day2.csv"]]),
}


@contextmanager
def prepared(folder: Path) -> Iterator[dict[str, str]]:
    """Make every home of HOMES, and exports next to them; yield the settings of Impartner and a mailbox."""
    scratch = folder / "scratch"
    scratch.mkdir()
    for day in (1, 2, 3):
        (scratch / f"day{day}.csv").write_bytes(export(day))
    for name, (base, commands) in HOMES.items():
        home = folder / "homes" / name
        if base:
            subprocess.run(["cp", "-a", folder / "homes" / base, home], check=True)
        else:
            home.mkdir(mode=0o700, parents=True)
        for words in commands:
            status = run(words, scratch, {"PARTNER_CERTS_HOME": str(home)})
            assert status == 0, (name, words, (scratch / "err").read_text())
    report = next((folder / "homes" / "released" / "ready").glob("*-2.csv"))
    with _sandbox() as impartner, dovecot() as server:
        date = format_datetime(datetime.now(UTC))
        server.put(USER, [sent_mail("p0@c2.example", {report.name: report.read_bytes()}, date=date)])
        yield impartner | server.settings(USER)


@contextmanager
def _sandbox() -> Iterator[dict[str, str]]:
    """In its own process, because a thread would not survive a fork."""
    words = [COMMAND, "sandbox", "--json", "--accounts", "12", "--users", "60"]
    with subprocess.Popen(words, env=clean_environment(), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            answer: dict[str, Any] = json.loads(process.stdout.readline())
            yield answer["settings"]
        finally:
            process.kill()


def export(day: int) -> bytes:
    """Twelve accounts of eight people; each day some gain, lose, join or leave, and on the third one has a fault."""
    lines = [",".join(HEADINGS)]
    for account in range(1, ACCOUNTS + 1):
        if day == 2 and account == ACCOUNTS:
            continue  # gone
        for number in range(PEOPLE + (day + account) % 2):
            flags = ["True" if (number + account * day + at) % 3 else "False" for at in range(7)]
            if day == 3 and account == 1 and number == 0:
                flags[2] = "yes"
            cells = [str(account), f"Company {account}", f"Person {number}", f"p{number}@c{account}.example"]
            cells += ["Street 1", "Köln", "", "Germany", "+49 221 1234567", *flags[:2], "", *flags[2:]]
            lines.append(",".join(cells))
    return "\ufeff".encode() + "\r\n".join([*lines, ""]).encode()
