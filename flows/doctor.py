"""What `partner-certs doctor` looks at: each setting, Impartner, Prefect, the home folder, free disk.

Every line says what was found and, where it is not well, what to do. A secret's value is never shown.
"""

from __future__ import annotations

import os
import shutil
import stat
from typing import TYPE_CHECKING, NamedTuple

from flows.settings import SETTINGS, Setting, Settings, environment
from schemas.errors import Stop

if TYPE_CHECKING:
    from pathlib import Path

ENOUGH = 1 << 30  # bytes of free disk: some runs of a large tenant


class Check(NamedTuple):
    """One line: what was looked at, whether it is well, what was found, what to do if it is not ("" if it is)."""

    name: str
    ok: bool
    found: str
    remedy: str


def examine(settings: Settings) -> list[Check]:
    """All checks, in the order in which a person would mend things."""
    values = environment()
    checks = [_setting(setting, values.get(setting.name)) for setting in SETTINGS]
    return [*checks, _home(settings.home), _disk(settings.home), *_impartner(settings), _prefect(settings)]


def _setting(setting: Setting, value: str | None) -> Check:
    shown = "not set" if value is None else "set, and not shown" if setting.secret else value
    return Check(setting.name, True, f"{shown} ({setting.meaning})", "")


def _home(home: Path) -> Check:
    if not home.exists():
        return Check("home folder", True, f"{home} does not exist yet; the first run makes it", "")
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        return Check("home folder", False, f"{home} can't be written", "Let its owner run this, or name another --home")
    mode = stat.S_IMODE(home.stat().st_mode)
    if mode & 0o077:
        return Check("home folder", False, f"{home} can be entered by others", f"Close it: chmod 700 '{home}'")
    return Check("home folder", True, f"{home}, closed to others", "")


def _disk(home: Path) -> Check:
    place = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    remedy = "" if free >= ENOUGH else "Make room, or remove old folders under runs/"
    return Check("free disk", free >= ENOUGH, f"{free / (1 << 30):.1f} GiB free at {place}", remedy)


def _impartner(settings: Settings) -> list[Check]:
    from sources.impartner import examine as asked

    try:
        return [Check(*line) for line in asked(settings.connection())]
    except Stop as stop:
        found, _, remedy = str(stop).partition(". ")
        return [Check("Impartner", False, found, remedy)]


def _prefect(settings: Settings) -> Check:
    if not settings.prefect_api_url:
        return Check("Prefect", True, "no server is named; runs are not recorded, and need none", "")
    from flows.reachable import reachable

    if reachable(settings.prefect_api_url):
        return Check("Prefect", True, f"{settings.prefect_api_url} answers; runs are recorded there", "")
    remedy = "Start the server, or correct or unset PREFECT_API_URL; runs are done all the same"
    return Check("Prefect", False, f"{settings.prefect_api_url} does not answer", remedy)
