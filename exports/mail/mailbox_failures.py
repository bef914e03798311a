"""Why a mailbox gives no answer, or refuses: each in our own words. Its own words are not passed on: it may repeat a
secret."""

import re
import socket
import ssl
from imaplib import IMAP4
from typing import NamedTuple

from imap_tools.errors import MailboxAppendError

from exports.mail.access import Access


class Failure(NamedTuple):
    """What happened, and what a person can do about it."""

    what: str
    remedy: str


def failure_of(problem: Exception, access: Access, *, logging_in: bool) -> Failure:
    """What a problem means."""
    if isinstance(problem, OSError):
        return _no_connection(problem)
    if _is_broken_off(problem):
        return Failure("broke the connection off", _LATER)
    if logging_in:
        return _not_let_in(str(problem), access)
    if isinstance(problem, MailboxAppendError):
        return _not_taken(str(problem))
    return Failure("gives an answer that is not understood", _SEE_ADDRESS)


# ---------------------------------------------------------------------------------------------------------------------

_LATER = "Try again later"
_SEE_ADDRESS = "See that PARTNER_CERTS_IMAP_URL is the address of a mailbox (IMAP)"
_SEE_NETWORK = "See to the network and to PARTNER_CERTS_IMAP_URL, then try again"
_SEE_CERTIFICATE = (
    "If your network opens sealed connections, install its certificate authority in this machine's own trust store, or "
    "name its file in SSL_CERT_FILE; else see that PARTNER_CERTS_IMAP_URL is right"
)
_IF_REFUSED = (
    "See that PARTNER_CERTS_IMAP_USER and PARTNER_CERTS_IMAP_PASSWORD are right. Some providers want a password made "
    "for programs, and Microsoft 365 takes PARTNER_CERTS_IMAP_TOKEN only"
)
_IF_TOO_OLD = "See that PARTNER_CERTS_IMAP_TOKEN is new (it lasts about an hour) and of PARTNER_CERTS_IMAP_USER"
_BUSY = re.compile(r"\[(?:UNAVAILABLE|LIMIT|INUSE|SERVERBUG)\b")


def _is_broken_off(problem: Exception) -> bool:
    """As imaplib says it: a greeting that is a goodbye is another kind for it, and nonsense is the same."""
    if isinstance(problem, IMAP4.abort):
        return "unexpected" not in str(problem)
    return isinstance(problem, IMAP4.error) and "* BYE" in str(problem)


def _no_connection(problem: OSError) -> Failure:
    if isinstance(problem, ssl.SSLCertVerificationError):
        reason = problem.verify_message.rstrip(".")
        return Failure(f"has a certificate that is not trusted here ({reason})", _SEE_CERTIFICATE)
    if isinstance(problem, ssl.SSLError):
        return Failure("gives no sealed connection (TLS)", _SEE_ADDRESS)
    if isinstance(problem, socket.gaierror):
        return Failure("is not found: its name is not known", _SEE_NETWORK)
    if isinstance(problem, TimeoutError):
        return Failure("does not answer in time", _SEE_NETWORK)
    if isinstance(problem, BrokenPipeError | ConnectionResetError):
        return Failure("broke the connection off", _LATER)
    return Failure("can't be reached", _SEE_NETWORK)


def _not_let_in(answer: str, access: Access) -> Failure:
    if _BUSY.search(answer):
        return Failure("lets nobody in just now", _LATER)
    if "PRIVACYREQUIRED" in answer or "LOGINDISABLED" in answer:
        return Failure("lets nobody in on a plain connection", "Set PARTNER_CERTS_IMAP_URL to its imaps:// address")
    if access.token:
        return Failure("refuses the user or the token", _IF_TOO_OLD)
    return Failure("refuses the user or the password", _IF_REFUSED)


def _not_taken(answer: str) -> Failure:
    if "OVERQUOTA" in answer:
        return Failure("is full", "Make room in it, then do the same again")
    if "TOOBIG" in answer or "LIMIT" in answer:
        return Failure("takes no mail of this size", "Draft it as a file, without --imap")
    return Failure("does not take the draft", "See that its user may write to the folder for drafts")
