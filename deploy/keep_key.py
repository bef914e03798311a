"""Put the key of Impartner into a Secret block of the Prefect server: `python deploy/keep_key.py impartner-key`.

The key is asked for, or read from standard input: it appears on no command line.
"""

import argparse
import sys
from getpass import getpass

from prefect.blocks.system import Secret


def main() -> None:
    """Read the name from the command line and the key from the person."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help="the block's name: lower case, digits, hyphens")
    name = parser.parse_args().name
    key = getpass("Key of Impartner: ") if sys.stdin.isatty() else sys.stdin.readline()
    if not key.strip():
        sys.exit("No key was given; nothing was changed")
    Secret(value=key.strip()).save(name, overwrite=True)
    sys.stderr.write(f"Kept. Name it to the worker: PARTNER_CERTS_IMPARTNER_KEY_BLOCK={name}\n")


if __name__ == "__main__":
    main()
