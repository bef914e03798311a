"""The settings and the home folder of a command. Its options override the environment."""

import stat
from functools import cache
from pathlib import Path

from cli.errors import warn
from exports.home.layout import Home, no_home
from flows.settings import Settings, load, open_secrets


def load_settings(home: Path | None, profile: str | None = None, encoding: str | None = None) -> Settings:
    """The settings; the options override the environment. Raises WrongUsage if one is invalid."""
    _warn_of_open_secrets()
    return load(home=home, profile=profile, encoding=encoding)


def open_home(home: Path | None) -> Home:
    """The home folder, which need not exist yet. Raises WrongUsage if it is not a folder, or can't be one."""
    root = load_settings(home).home
    try:
        if stat.S_ISDIR(root.stat().st_mode):
            return Home(root)
        why = "It is not a folder"
    except FileNotFoundError:  # the first run makes it
        return Home(root)
    except OSError as error:
        why = str(error.strerror)
    raise no_home(root, why)


# ---------------------------------------------------------------------------------------------------------------------


@cache  # warn once
def _warn_of_open_secrets() -> None:
    if message := open_secrets():
        warn(message)
