"""Address, key and tenant of a pull, and how much load it may put on the server.

The values come from `flows/settings.py`; nothing here reads the environment.
"""

from dataclasses import dataclass, field
from importlib.metadata import version
from urllib.parse import urlsplit

from schemas.errors import WrongUsage
from schemas.hosts import is_loopback


@dataclass(frozen=True)
class Connection:
    """All settings of a pull. Raises WrongUsage, without showing the key, if a value can't be right."""

    url: str
    key: str = field(repr=False)
    tenant: str | None = None
    proof: tuple[str, str] | None = None  # id and name of an account that the right tenant has
    page_size: int = 500
    concurrency: int = 4
    patience: float = 900.0  # seconds for a whole pull
    cc_field: str = "Account Owner Email"  # label of the account's field with its owner's e-mail
    tier_field: str = "Partner Tier"  # the same, with its tier
    proxy: str | None = field(default=None, repr=False)  # may contain a password
    ca_file: str | None = None  # certificate authorities to trust besides those of the machine
    ca_folder: str | None = None

    def __post_init__(self) -> None:
        _check_url(self.url)
        _check_header("key", "PARTNER_CERTS_IMPARTNER_KEY", self.key)
        if self.tenant:
            _check_header("tenant", "PARTNER_CERTS_IMPARTNER_TENANT", self.tenant)
        if self.proof is not None and not all(part.strip() for part in self.proof):
            raise WrongUsage("The proof of tenant needs an id and a name. Set PARTNER_CERTS_IMPARTNER_PROOF to ID=NAME")
        if self.page_size < 1 or self.concurrency < 1 or not self.patience > 0:
            raise WrongUsage("Page size, concurrency and patience must be more than nothing. Correct the settings")

    @property
    def objects(self) -> str:
        """The address of the objects API, with a trailing slash."""
        return f"{self.url.rstrip('/')}/api/objects/v1/"

    @property
    def is_encrypted(self) -> bool:
        """Whether it is https."""
        return urlsplit(self.url).scheme == "https"

    @property
    def host(self) -> str:
        """The server's name, and its port if the address has one."""
        return urlsplit(self.url).netloc

    def headers(self) -> dict[str, str]:
        """The headers of every request. They contain the key: for the HTTP client only."""
        headers = {
            "Authorization": f"prm-key {self.key}",
            "Accept": "application/json",
            "User-Agent": f"partner-certs/{version('partner-certs')}",
        }
        return headers if not self.tenant else headers | {"X-PRM-TenantId": self.tenant}


# ----------------------------------------------------------------------------------------------------------------------

_QUOTES = "\"'`“”„‘’«»"


def _check_url(url: str) -> None:
    remedy = "Set PARTNER_CERTS_IMPARTNER_URL to an address such as https://prod.impartner.live"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    # The address is not shown: it may contain a secret.
    if not host or parts.scheme not in ("https", "http"):
        raise WrongUsage(f"The address of Impartner is not a web address. {remedy}")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise WrongUsage(f"The address of Impartner must have no user, password, query or fragment. {remedy}")
    if parts.scheme == "http" and not is_loopback(host):
        raise WrongUsage(f"The address of Impartner is plain http: others could read the key in transit. {remedy}")


def _check_header(what: str, setting: str, value: str) -> None:
    if not value.strip():
        raise WrongUsage(f"The {what} for Impartner is not set. Set {setting}")
    if value.strip()[0] in _QUOTES or value.strip()[-1] in _QUOTES:
        raise WrongUsage(f"The {what} for Impartner is in quotes, which don't belong to it. Set {setting} without them")
    if value.strip().casefold().startswith("prm-key "):
        raise WrongUsage(f"The {what} for Impartner begins with the word prm-key. Set {setting} without it")
    if len(value.split()) > 1:
        raise WrongUsage(f"The {what} for Impartner has blanks in it, as if two were pasted. Set {setting} again")
    if value != value.strip() or not (value.isascii() and value.isprintable()):
        raise WrongUsage(
            f"The {what} for Impartner has blanks around it or characters that no {what} has. Set {setting}"
        )
