"""Keeps a large home out of garbage collection, which would stop all requests for a tenth of a second."""

import gc

MANY = 5_000  # accounts from which the pauses can be felt


def freeze(accounts: int) -> None:
    """Exempt what is in memory from garbage collection until the next call.

    Call it when the review or the directory of this many accounts has been made: they stay for days.
    """
    if accounts >= MANY:
        gc.unfreeze()  # the review or directory before may be garbage now
        gc.collect()
        gc.freeze()
