"""The pull of contacts: each account's recipients and tier, without its users."""

from exports.home.layout import Home
from flows.impartner import connection
from flows.pulled_contacts import keep_accounts
from flows.settings import Settings
from sources.impartner.contacts import pull_contacts


def keep_contacts(settings: Settings) -> list[str]:
    """Pull each account's recipients and tier, and keep them in the home; returns notices.

    If the key's role may not read accounts, the home stays as it was. Raises WrongUsage as `connection` does, and
    Unreachable.
    """
    home = Home(settings.home)
    with home.pulling():
        accounts, notices = pull_contacts(connection(settings))
        if accounts is not None:
            with home.writing():
                keep_accounts(home, accounts, every=True)
    return notices
