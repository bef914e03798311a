"""Access to a mailbox: URL, user, and password or token, validated when the object is made.

The values come from `flows/settings.py`; nothing here reads the environment. Secrets appear in no message and no
`repr`.
"""

from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from schemas.errors import WrongUsage
from schemas.hosts import is_loopback

PORTS = {"imaps": 993, "imap": 143}


@dataclass(frozen=True)
class Access:
    """The URL and credentials of a mailbox. Raises WrongUsage, without showing a value, if one is invalid."""

    url: str
    user: str = field(repr=False)
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)  # OAuth2; Microsoft 365 takes nothing else
    ca_file: str | None = None  # certificate authorities to trust besides those of the machine
    ca_folder: str | None = None

    def __post_init__(self) -> None:
        _check_url(self.url)
        if not self.user:
            raise WrongUsage("The user of the mailbox is not set. Set PARTNER_CERTS_IMAP_USER")
        if not self.password and not self.token:
            raise WrongUsage(
                "The mailbox has neither password nor token. "
                "Set PARTNER_CERTS_IMAP_PASSWORD, PARTNER_CERTS_IMAP_PASSWORD_BLOCK or PARTNER_CERTS_IMAP_TOKEN"
            )
        if self.password and self.token:
            raise WrongUsage(
                "The mailbox has both a password and a token. Unset either PARTNER_CERTS_IMAP_PASSWORD "
                "and PARTNER_CERTS_IMAP_PASSWORD_BLOCK, or PARTNER_CERTS_IMAP_TOKEN"
            )
        for name, value in (("USER", self.user), ("PASSWORD", self.password), ("TOKEN", self.token)):
            _check_value(f"PARTNER_CERTS_IMAP_{name}", value)
        if self.token and not self.token.isascii():
            raise WrongUsage("PARTNER_CERTS_IMAP_TOKEN has characters that no token has. Copy it again")

    @property
    def host(self) -> str:
        """The server's name."""
        return str(urlsplit(self.url).hostname)

    @property
    def port(self) -> int:
        """The port of the URL, else the protocol's default."""
        parts = urlsplit(self.url)
        return parts.port or PORTS[parts.scheme]

    @property
    def is_sealed(self) -> bool:
        """Whether the connection is encrypted."""
        return urlsplit(self.url).scheme == "imaps"


# ---------------------------------------------------------------------------------------------------------------------

_REMEDY = "Set PARTNER_CERTS_IMAP_URL to an address such as imaps://imap.example.com"


def _check_url(url: str) -> None:
    if not url:
        raise WrongUsage(f"The mailbox is not set. {_REMEDY}, and PARTNER_CERTS_IMAP_USER to its user")
    parts = _parts(url)
    # The URL is not shown: it may contain a password
    if parts is None or not parts.hostname or parts.scheme not in PORTS:
        raise WrongUsage(f"The address of the mailbox is neither imaps:// nor imap:// with a server's name. {_REMEDY}")
    if parts.username is not None or parts.query or parts.fragment or parts.path not in ("", "/"):
        raise WrongUsage(
            "The address of the mailbox must hold nothing but the server's name and port; the user goes into "
            f"PARTNER_CERTS_IMAP_USER. {_REMEDY}"
        )
    if parts.scheme == "imap" and not is_loopback(parts.hostname):
        raise WrongUsage(f"The address of the mailbox is plain imap: the password would be sent unencrypted. {_REMEDY}")


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError if it is not a number
    except ValueError:
        return None
    return parts


def _check_value(setting: str, value: str) -> None:
    """Refuse control characters: after a line end, the server would read the rest as a command."""
    if not value.isprintable():
        raise WrongUsage(f"{setting} has line ends or other invisible characters. Set it again")
