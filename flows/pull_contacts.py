"""The pull of contacts: whom each account's report goes to, without all its users."""

from exports.home.layout import Home
from flows.impartner import connection
from flows.pulled_contacts import keep_accounts
from flows.settings import Settings
from sources.impartner.contacts import pull_contacts


def keep_contacts(settings: Settings) -> list[str]:
    """Pull whom each account's report goes to, and its tier, and keep it in the home; gives notices. Where the key's
    role may not read accounts, what was there stays. Raises WrongUsage as `connection` does, and Unreachable."""
    home = Home(settings.home)
    with home.pulling():
        accounts, notices = pull_contacts(connection(settings))
        if accounts is not None:
            with home.writing():
                keep_accounts(home, accounts, every=True)
    return notices
