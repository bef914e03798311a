"""Messages for errors of a mailbox. The server's own text is not passed on: it may repeat a secret."""

import re
import socket
import ssl
from imaplib import IMAP4
from typing import NamedTuple

from imap_tools.errors import MailboxAppendError

from exports.mail.access import Access


class Failure(NamedTuple):
    """What happened (continues "The mailbox at HOST"), and what a person can do about it."""

    what: str
    remedy: str


def failure_of(problem: Exception, access: Access, *, logging_in: bool) -> Failure:
    """The message for an exception. logging_in: it was raised by the login."""
    if isinstance(problem, OSError):
        return _no_connection(problem)
    if _is_broken_off(problem):
        return Failure("closed the connection", _LATER)
    if logging_in:
        return _login_refused(str(problem), access)
    if isinstance(problem, MailboxAppendError):
        return _draft_refused(str(problem))
    return Failure("sent a response that is not understood", _CHECK_URL)


# ---------------------------------------------------------------------------------------------------------------------

_LATER = "Try again later"
_CHECK_URL = "Check that PARTNER_CERTS_IMAP_URL is the address of an IMAP server"
_CHECK_NETWORK = "Check the network and PARTNER_CERTS_IMAP_URL, then try again"
_CHECK_CERTIFICATE = (
    "If your network inspects TLS connections, install its certificate authority in this machine's trust store, or "
    "name its file in SSL_CERT_FILE; else check PARTNER_CERTS_IMAP_URL"
)
_CHECK_LOGIN = (
    "Check PARTNER_CERTS_IMAP_USER and PARTNER_CERTS_IMAP_PASSWORD. Some providers want an app password, and "
    "Microsoft 365 accepts only PARTNER_CERTS_IMAP_TOKEN"
)
_RENEW = "Check that PARTNER_CERTS_IMAP_TOKEN is new (it lasts about an hour) and of PARTNER_CERTS_IMAP_USER"
_BUSY = re.compile(r"\[(?:UNAVAILABLE|LIMIT|INUSE|SERVERBUG)\b")


def _is_broken_off(problem: Exception) -> bool:
    """Whether the server closed the connection. imaplib also raises `abort` for nonsense, and `error` for BYE."""
    if isinstance(problem, IMAP4.abort):
        return "unexpected" not in str(problem)
    return isinstance(problem, IMAP4.error) and "* BYE" in str(problem)


def _no_connection(problem: OSError) -> Failure:
    if isinstance(problem, ssl.SSLCertVerificationError):
        reason = problem.verify_message.rstrip(".")
        return Failure(f"has a certificate that is not trusted here ({reason})", _CHECK_CERTIFICATE)
    if isinstance(problem, ssl.SSLError):
        return Failure("offers no TLS connection", _CHECK_URL)
    if isinstance(problem, socket.gaierror):
        return Failure("is not found: the host name is unknown", _CHECK_NETWORK)
    if isinstance(problem, TimeoutError):
        return Failure("does not answer in time", _CHECK_NETWORK)
    if isinstance(problem, BrokenPipeError | ConnectionResetError):
        return Failure("closed the connection", _LATER)
    return Failure("can't be reached", _CHECK_NETWORK)


def _login_refused(answer: str, access: Access) -> Failure:
    if _BUSY.search(answer):
        return Failure("accepts no login at the moment", _LATER)
    if "PRIVACYREQUIRED" in answer or "LOGINDISABLED" in answer:
        return Failure("accepts no login on a plain connection", "Set PARTNER_CERTS_IMAP_URL to its imaps:// address")
    if access.token:
        return Failure("refuses the user or the token", _RENEW)
    return Failure("refuses the user or the password", _CHECK_LOGIN)


def _draft_refused(answer: str) -> Failure:
    if "OVERQUOTA" in answer:
        return Failure("is full", "Make room in it, then repeat the command")
    if "TOOBIG" in answer or "LIMIT" in answer:
        return Failure("accepts no mail of this size", "Draft it as a file, without --imap")
    return Failure("does not accept the draft", "Check that its user may write to the folder for drafts")
