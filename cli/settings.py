"""The settings and the home folder that a command works with: its options come before the environment."""

import stat
from functools import cache
from pathlib import Path

from cli.errors import warn
from exports.home.layout import Home, no_home
from flows.settings import Settings, load, open_secrets


def settings_in_force(home: Path | None, profile: str | None = None, encoding: str | None = None) -> Settings:
    """The settings; the command's options come before the environment."""
    _warn_of_open_secrets()
    return load(home=home, profile=profile, encoding=encoding)


def home_in_force(home: Path | None) -> Home:
    """The home folder that the command works in. Raises WrongUsage if it is no folder, or can't be one."""
    root = settings_in_force(home).home
    try:
        if stat.S_ISDIR(root.stat().st_mode):
            return Home(root)
        why = "It is no folder"
    except FileNotFoundError:  # it may still come to be
        return Home(root)
    except OSError as error:
        why = str(error.strerror)
    raise no_home(root, why)


# ---------------------------------------------------------------------------------------------------------------------


@cache  # once is enough
def _warn_of_open_secrets() -> None:
    if message := open_secrets():
        warn(message)
