"""The command as a process: where it is, and an environment without the settings of this machine."""

import os
import sys
from pathlib import Path

COMMAND = Path(sys.executable).with_name("partner-certs")


def clean_environment(**settings: str) -> dict[str, str]:
    """This machine's environment without what the program or Prefect would read from it, and with these settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PARTNER_CERTS_", "PREFECT_"))}
    return kept | settings
