"""Connects the settings with `sources/impartner`: the connection, and the pull of users.

It imports an HTTP client, so `flows/jobs.py` imports it only for a pull. Contacts are pulled by
`flows/pull_contacts.py`, which needs polars at once.
"""

from collections.abc import Callable
from urllib.request import getproxies

from flows.certify import import_steps
from flows.secrets import secret
from flows.settings import Settings
from schemas.errors import WrongUsage
from sources.export import Export
from sources.impartner.connection import Connection
from sources.impartner.proxy import proxy_for
from sources.impartner.pull import Progress, pull


def pulling(
    settings: Settings, account: str | None, progress: Callable[[Progress], None] | None
) -> Callable[[], Export]:
    """A function that pulls the users of all accounts, or of one. Raises WrongUsage as `connection` does."""
    impartner = connection(settings)
    return lambda: pull(impartner, account=account, progress=progress, meanwhile=import_steps)


def connection(settings: Settings) -> Connection:
    """The connection to Impartner; its key may be in a Secret block. Raises WrongUsage without a key."""
    key = secret(settings.impartner_key, settings.impartner_key_block, "IMPARTNER_KEY_BLOCK")
    if not key:
        raise WrongUsage(
            "The key of Impartner is not set. Set PARTNER_CERTS_IMPARTNER_KEY, or name a downloaded export "
            "where the command takes one"
        )
    return Connection(
        url=settings.impartner_url,
        key=key,
        tenant=settings.impartner_tenant,
        proof=settings.impartner_proof,
        page_size=settings.impartner_page_size,
        concurrency=settings.impartner_concurrency,
        patience=settings.impartner_patience,
        cc_field=settings.cc_field,
        tier_field=settings.tier_field,
        proxy=proxy_for(settings.impartner_url, getproxies()),
        ca_file=settings.ca_file,
        ca_folder=settings.ca_folder,
    )
