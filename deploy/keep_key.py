"""Store the key of Impartner, or the mailbox's password, in a Secret block of the Prefect server.

    python deploy/keep_key.py impartner-key
    python deploy/keep_key.py mailbox-password --mailbox

The secret is asked for at the terminal, or read from standard input, so that it appears on no command line.
"""

import argparse
import sys
from getpass import getpass

from prefect.blocks.system import Secret


def main() -> None:
    """Read the name from the command line and the secret from the terminal or standard input."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help="the block's name: lower case, digits, hyphens")
    parser.add_argument("--mailbox", action="store_true", help="the mailbox's password, not the key of Impartner")
    given = parser.parse_args()
    what = "Password of the mailbox" if given.mailbox else "Key of Impartner"
    secret = getpass(f"{what}: ") if sys.stdin.isatty() else sys.stdin.readline()
    if not secret.strip():
        sys.exit(f"No {what[0].lower()}{what[1:]} was given; nothing was changed")
    Secret(value=secret.strip()).save(given.name, overwrite=True)
    setting = "IMAP_PASSWORD_BLOCK" if given.mailbox else "IMPARTNER_KEY_BLOCK"
    sys.stderr.write(f"Stored. Set it in the worker's environment: PARTNER_CERTS_{setting}={given.name}\n")


if __name__ == "__main__":
    main()
