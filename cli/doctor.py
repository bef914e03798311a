"""The checks of `partner-certs doctor`: settings, home folder, ready/, free disk, Impartner, the mailbox, Prefect.

Each says what was found and, if something is wrong, what to do. A secret's value is never shown.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from exports.home import ready
from exports.home.layout import Home
from exports.mail.mailbox import open_mailbox
from flows.impartner import connection
from flows.mailbox import access_to_mailbox
from flows.orchestration.health import accepts, reachable
from flows.settings import SETTINGS, Setting, Settings, environment, load, open_secrets, without_password
from schemas.errors import Stop, WrongUsage
from schemas.health import Check
from sources.impartner import doctor as impartner

SHOWN = 5  # altered reports that are named
ENOUGH = 1 << 30  # bytes of free disk: a few runs of a large tenant


def examine(home: Path | None) -> list[Check]:
    """Run all checks, in the order in which a nightly run depends on them. `home`: the value of --home."""
    values = environment()
    settings, wrong = _without_wrong(values, home)
    checks = [_setting(setting, values.get(setting.name), wrong.get(setting.name, "")) for setting in SETTINGS]
    checks += _secrets()
    folder = _home(settings.home)
    writer = [] if folder.status else [_writer(settings.home)]
    others = [_disk(settings.home), *_impartner(settings), _ready(settings.home)]
    others += [_mailbox(settings), _prefect(settings)]
    return [*checks, folder, *writer, *others]


def exit_status(checks: Sequence[Check]) -> int:
    """The exit status that a nightly run would have: that of the first check that would stop it."""
    return next((check.status for check in checks if check.status), 0)


# ---------------------------------------------------------------------------------------------------------------------


def _without_wrong(values: Mapping[str, str], home: Path | None) -> tuple[Settings, dict[str, str]]:
    """The settings without the invalid ones, and what is wrong with those, by name."""
    wrong: dict[str, str] = {}
    while True:
        good = {name: value for name, value in values.items() if name not in wrong}
        try:
            return load(home=home, values=good), wrong
        except WrongUsage as stop:
            named = {name: str(stop) for name in good if name in str(stop)}
            if not named:
                raise
            wrong |= named


def _setting(setting: Setting, value: str | None, wrong: str) -> Check:
    if wrong:
        found, _, remedy = wrong.partition(". ")
        return Check(setting.name, False, found, remedy, WrongUsage.exit_status)
    shown = "not set" if value is None else "set, and not shown" if setting.secret else without_password(value)
    return Check(setting.name, True, f"{shown} ({setting.meaning})")


def _secrets() -> list[Check]:
    found, _, remedy = open_secrets().rpartition(". ")
    return [Check(".env", False, found, remedy)] if found else []


def _home(home: Path) -> Check:
    try:
        mode = home.stat().st_mode
    except FileNotFoundError:
        return Check("home folder", True, f"{home} does not exist yet; the first run makes it")
    except OSError as problem:  # it can't exist there, or is in a folder that may not be entered
        return _no_home(f"{home}: {problem.strerror}", "Name another --home, or correct that folder")
    if not stat.S_ISDIR(mode):
        return _no_home(f"{home} is not a folder", "Name another --home")
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        return _no_home(f"{home} is not writable", "Run this as its owner, or name another --home")
    if mode & 0o077:
        return Check("home folder", False, f"{home} can be entered by other users", f"Close it: chmod 700 '{home}'")
    return Check("home folder", True, f"{home}, closed to other users")


def _no_home(found: str, remedy: str) -> Check:
    return Check("home folder", False, found, remedy, WrongUsage.exit_status)


def _writer(home: Path) -> Check:
    """Whether a nightly run would get the locks of the home. Waits for them as long as such a run would."""
    if not home.exists():
        return Check("other runs", True, "none")
    try:
        with Home(home).pulling(), Home(home).writing():
            return Check("other runs", True, "none is pulling or writing")
    except Stop as stop:
        return _stopped("other runs", stop)


def _ready(home: Path) -> Check:
    try:
        altered = ready.altered(Home(home))
    except Stop as stop:
        return _stopped("ready reports", stop)
    except OSError as problem:
        return Check("ready reports", False, str(problem), "Check that you may read the home folder")
    if altered:
        names = ", ".join(ready.named(report) for report in altered[:SHOWN]) + (" ..." if altered[SHOWN:] else "")
        found = f"{len(altered)} in ready/ are gone or are not what was approved: {names}"
        return Check("ready reports", False, found, "Send none of them; restore them with: partner-certs release")
    return Check("ready reports", True, "all are as approved")


def _disk(home: Path) -> Check:
    existing = next(folder for folder in (home, *home.parents) if os.access(folder, os.F_OK))
    free = shutil.disk_usage(existing).free
    remedy = "" if free >= ENOUGH else "Free some disk space, or remove old runs with: partner-certs prune"
    return Check("free disk", free >= ENOUGH, f"{free / (1 << 30):.1f} GiB free at {existing}", remedy)


def _impartner(settings: Settings) -> list[Check]:
    try:
        return impartner.examine(connection(settings))
    except Stop as stop:
        return [_stopped("Impartner", stop)]


def _stopped(name: str, stop: Stop) -> Check:
    found, _, remedy = str(stop).partition(". ")
    return Check(name, False, found, remedy, stop.exit_status)


def _mailbox(settings: Settings) -> Check:
    """Whether drafts could go into the mailbox. A nightly run needs none, so the status is always 0."""
    if not settings.imap_url:
        return Check("mailbox", True, "not set; drafts are written as files")
    try:
        with open_mailbox(access_to_mailbox(settings)) as mailbox:
            drafts, sent = mailbox.folders("drafts"), mailbox.folders("sent")
    except Stop as stop:
        return _stopped("mailbox", stop)._replace(status=0)
    names = f"drafts go to {drafts.names[0]!r}, sent mails are in {', '.join(map(repr, sent.names))}"
    return Check("mailbox", True, ". ".join(filter(None, [f"logged in; {names}", drafts.notice, sent.notice])))


def _prefect(settings: Settings) -> Check:
    if not settings.prefect_api_url:
        return Check("Prefect", True, "PREFECT_API_URL is not set, so runs are not recorded; they do not need a server")
    address = without_password(settings.prefect_api_url)
    if not reachable(settings.prefect_api_url):
        remedy = "Start the server, or correct or unset PREFECT_API_URL; runs work without it"
        return Check("Prefect", False, f"{address} does not answer", remedy)
    if not accepts(settings.prefect_api_url, settings.prefect_api_auth_string):
        remedy = "Set PREFECT_API_AUTH_STRING to user:password; runs work without it"
        return Check("Prefect", False, f"{address} asks for user and password", remedy)
    return Check("Prefect", True, f"{address} answers; runs are recorded there")
