"""What a large home keeps in memory for days, so that nobody waits while garbage is looked for among it."""

import gc

MANY = 5_000  # accounts, from which on somebody would feel it


def settle(accounts: int) -> None:
    """Call it when the night or the directory of so many accounts has been made: what is there now stays, and is not
    looked through until the next one is made. It would stop every request for a tenth of a second, again and again."""
    if accounts >= MANY:
        gc.unfreeze()  # what was kept before may be garbage now
        gc.collect()
        gc.freeze()
