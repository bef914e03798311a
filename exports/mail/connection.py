"""The connection to a mailbox: TLS, logging in, closing. `mailbox.py` uses it, and words what goes wrong."""

import ssl
from contextlib import suppress
from imaplib import IMAP4
from pathlib import Path

import truststore
from imap_tools import BaseMailBox, MailBox, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from exports.mail.access import Access
from schemas.errors import WrongUsage

GREETING_SECONDS = 15.0  # timeout of the connection


def connect(access: Access) -> BaseMailBox:
    """Connect to the server. Raises WrongUsage if a certificate file can't be read, else what the client raises."""
    if access.is_sealed:
        return MailBox(access.host, access.port, timeout=GREETING_SECONDS, ssl_context=_trusted(access))
    return MailBoxUnencrypted(access.host, access.port, timeout=GREETING_SECONDS)


def log_in(client: BaseMailBox, access: Access) -> None:
    """Log in with the token or the password."""
    if access.token:
        client.xoauth2(access.user, access.token, initial_folder=None)
    elif access.user.isascii() and access.password.isascii():
        client.login(access.user, access.password, initial_folder=None)
    else:
        client.login_utf8(access.user, access.password, initial_folder=None)


def close(client: BaseMailBox) -> None:
    """Log out if the server still answers; close the connection in any case."""
    with suppress(IMAP4.error, ImapToolsError, OSError, ValueError):
        client.logout()
    with suppress(OSError):
        client.client.shutdown()


# ----------------------------------------------------------------------------------------------------------------------


def _trusted(access: Access) -> ssl.SSLContext:
    """A TLS context that trusts the machine's trust store and the certificate authorities in the settings."""
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if access.ca_folder and not Path(access.ca_folder).is_dir():
            raise FileNotFoundError
        if access.ca_file or access.ca_folder:
            context.load_verify_locations(access.ca_file, access.ca_folder)
    except (OSError, ValueError):
        raise WrongUsage(
            "The certificates of SSL_CERT_FILE or SSL_CERT_DIR can't be used. Correct or unset these variables"
        ) from None
    return context
