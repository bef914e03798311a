"""How fast mails are drafted and found in a large home: 20,000 accounts, and 5,000 mails in a Sent folder.

    python -m benchmarks.drafts [USERS ACCOUNTS MAILS] [--rounds 3] [--dir DIR]

It makes the home with the command (day one released, each account with a recipient), and measures whole processes:
drafts of all accounts with the CSV and with the workbook, one draft, and a scan of the Sent folder of a separate
Dovecot, compared with imap-tools fetching the same mails, in batches and one by one. Prints medians of wall and CPU
time, and the peak memory; ratios compare runs of the same round. Let nothing else run.
"""

import argparse
import csv
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path
from statistics import median

import polars as pl

from benchmarks import make
from benchmarks.timing import Cost, Job, rounds
from exports.home import ready
from exports.home.layout import Home
from exports.reports.rows import people
from schemas.columns import ACCOUNT_ID
from schemas.manifest import FileRow
from tests.mailbox import PASSWORD, SENT, dovecot

PROGRAM = Path(sys.executable).with_name("partner-certs")
USER = "bench"
FETCH = """
import sys
from imap_tools import MailBoxUnencrypted
port, user, password, folder, bulk = sys.argv[1:]
with MailBoxUnencrypted("127.0.0.1", int(port)).login(user, password, None) as mailbox:
    mailbox.folder.set(folder, readonly=True)
    print(sum(1 for _ in mailbox.fetch(mark_seen=False, bulk=int(bulk) or False)))
"""


def main() -> None:
    """Make the home, measure, print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("users", type=int, nargs="?", default=1_000_000)
    options.add_argument("accounts", type=int, nargs="?", default=20_000)
    options.add_argument("mails", type=int, nargs="?", default=5_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--dir", type=Path, default=Path(tempfile.gettempdir()) / "partner-certs-bench-drafts")
    given = options.parse_args()
    home = _home(given.dir / f"{given.users}x{given.accounts}", given.users, given.accounts)
    _drafts(home, given.dir, given.rounds)
    _scan(home, given.dir, given.mails, given.rounds)


# ---------------------------------------------------------------------------------------------------------------------


def _home(folder: Path, users: int, accounts: int) -> Home:
    home = Home(folder / "home")
    if home.ready.exists():
        return home
    folder.mkdir(mode=0o700, parents=True)
    first = make.first_day(users, accounts)
    first.write_csv(folder / "day-one.csv")
    for words in (
        ("nightly", folder / "day-one.csv"),
        ("approve", "latest", "--all", "--by", "bench", "--reason", "bench"),
        ("release",),
    ):
        subprocess.run([PROGRAM, *words, "--home", home.root, "--json"], stdout=subprocess.DEVNULL, check=True)
    recipients = first.group_by(ACCOUNT_ID).agg(pl.col("Email").first()).sort(ACCOUNT_ID)
    with (home.root / "contacts.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("account_id", "account", "to"), *((key, "", to) for key, to in recipients.rows())])
    return home


def _drafts(home: Home, folder: Path, count: int) -> None:
    row = ready.rows(home)[len(ready.rows(home)) // 2]
    out = folder / "out"
    words = ("--home", home.root, "--json", "--out", out, "--again")
    jobs = [
        Job("one draft", [PROGRAM, "draft", row["account_id"], *words], folder / "one.answer", out),
        Job("all, CSV", [PROGRAM, "draft", "--all", *words], folder / "csv.answer", out),
        Job("all, XLSX", [PROGRAM, "draft", "--all", "--attach", "xlsx", *words], folder / "xlsx.answer", out),
    ]
    _show(jobs, rounds(jobs, count))


def _scan(home: Home, folder: Path, mails: int, count: int) -> None:
    rows = ready.rows(home)
    with dovecot() as server:
        server.put(USER, [_mail(home, rows[number % len(rows)], number) for number in range(mails)])
        settings = [f"{name}={value}" for name, value in server.settings(USER).items()]
        peer = [sys.executable, "-c", FETCH, str(server.port), USER, PASSWORD, SENT]
        scan = ["env", *settings, PROGRAM, "sent", "--scan", "--home", home.root, "--json"]
        jobs = [
            Job("imap-tools", [*peer, "200"], folder / "peer.answer"),
            Job("mail by mail", [*peer, "0"], folder / "slow.answer"),
            Job("scan", scan, folder / "scan.answer"),
        ]
        _show(jobs, rounds(jobs, count), "imap-tools", "mail by mail")


def _mail(home: Home, row: FileRow, number: int) -> bytes:
    report = (home.ready / row["file"]).read_bytes()
    mail = EmailMessage()
    mail["To"] = people(report)[0]["Email"]
    mail["Subject"], mail["Message-ID"] = "Certification report", f"<{number}@vendor.example>"
    mail["Date"] = "Thu, 26 Nov 2026 10:00:00 +0000"
    mail.set_content("Dear partners,\n\nthe report is attached.\n" * 5)
    mail.add_alternative("<p>Dear partners, the report is attached.</p>" * 5, subtype="html")
    mail.add_attachment(report, maintype="text", subtype="csv", filename=f"certifications_{number}.csv")
    return mail.as_bytes()


def _show(jobs: Sequence[Job], costs: dict[str, list[Cost]], *bases: str) -> None:
    print(
        f"\n{'':14}" + "".join(f"{head:>12}" for head in ("wall s", "cpu s", "peak MiB", *(f"to {b}" for b in bases)))
    )
    for job in jobs:
        own = costs[job.name]
        figures = [median(values) for values in zip(*own, strict=True)]
        figures += [
            median(mine.wall / theirs.wall for mine, theirs in zip(own, costs[base], strict=True)) for base in bases
        ]
        print(f"{job.name:14}" + "".join(f"{figure:16.2f}" for figure in figures), flush=True)


if __name__ == "__main__":
    main()
