"""Connects the settings with `exports/mail`: the access to the mailbox. What is done with it is in `flows/mail`."""

from exports.mail.access import Access
from flows.secrets import secret
from flows.settings import Settings


def access_to_mailbox(settings: Settings) -> Access:
    """The access to the mailbox; its password may be in a Secret block. Raises WrongUsage if a setting is wrong."""
    password = secret(settings.imap_password, settings.imap_password_block, "IMAP_PASSWORD_BLOCK")
    return Access(
        url=settings.imap_url,
        user=settings.imap_user,
        password=password or "",
        token=settings.imap_token,
        ca_file=settings.ca_file,
        ca_folder=settings.ca_folder,
    )
