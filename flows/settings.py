"""The settings: environment variables, also from a `.env` file in the working directory. Nothing else reads either.

The table below is the only list of them; `doctor` and docs/settings.md are made from it. Values are parsed in
`setting_values.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flows.setting_values import (
    PREFIX,
    parse_encoding,
    parse_profile,
    parse_proof,
    parse_sender,
    positive_number,
    whole_number,
)
from schemas.errors import WrongUsage

if TYPE_CHECKING:
    from schemas.profiles import Profile

DEFAULT_URL = "https://prod.impartner.live"
CC_FIELD = "Account Owner Email"
TIER_FIELD = "Partner Tier"


class Setting(NamedTuple):
    """One variable: its name, what it means, and whether its value is a secret."""

    name: str
    meaning: str
    secret: bool = False


SETTINGS = (
    Setting("PARTNER_CERTS_HOME", "the home folder; default: the user's data folder"),
    Setting("PARTNER_CERTS_PROFILE", "the format of reports: intl (comma, the default) or eu (semicolon)"),
    Setting(
        "PARTNER_CERTS_ENCODING", "the encoding of text exports that are not UTF-8, such as cp1250; default: detected"
    ),
    Setting("PARTNER_CERTS_IMPARTNER_URL", f"the address of Impartner; default {DEFAULT_URL}"),
    Setting("PARTNER_CERTS_IMPARTNER_KEY", "the prm-key", secret=True),
    Setting("PARTNER_CERTS_IMPARTNER_KEY_BLOCK", "the name of a Prefect Secret block that holds the key"),
    Setting("PARTNER_CERTS_IMPARTNER_TENANT", "sent as X-PRM-TenantId when set"),
    Setting("PARTNER_CERTS_IMPARTNER_PROOF", "ID=NAME of an account that must exist in the right tenant"),
    Setting("PARTNER_CERTS_IMPARTNER_PAGE_SIZE", "users per page; default 500"),
    Setting("PARTNER_CERTS_IMPARTNER_CONCURRENCY", "pages in flight at once; default 4"),
    Setting("PARTNER_CERTS_IMPARTNER_PATIENCE", "seconds after which a pull is given up; default 900"),
    Setting("PARTNER_CERTS_CC_FIELD", f"label of the account field with the owner's e-mail; default {CC_FIELD}"),
    Setting("PARTNER_CERTS_TIER_FIELD", f"label of the account field with the tier; default {TIER_FIELD}"),
    Setting("SSL_CERT_FILE", "a file of certificate authorities to trust besides those of the machine"),
    Setting("SSL_CERT_DIR", "a folder of such certificate authorities"),
    Setting("PARTNER_CERTS_MAIL_FROM", "the sender of drafts: an address, or Name <address>; default: none"),
    Setting(
        "PARTNER_CERTS_IMAP_URL",
        "the mailbox for drafts and sent mails, as in imaps://imap.example.com; plain imap only to this machine",
    ),
    Setting("PARTNER_CERTS_IMAP_USER", "the user of the mailbox"),
    Setting("PARTNER_CERTS_IMAP_PASSWORD", "the password of the mailbox", secret=True),
    Setting("PARTNER_CERTS_IMAP_PASSWORD_BLOCK", "the name of a Prefect Secret block that holds this password"),
    Setting("PARTNER_CERTS_IMAP_TOKEN", "an OAuth2 token for the mailbox, instead of a password", secret=True),
    Setting("PREFECT_API_URL", "the Prefect server that records runs; unset: not recorded"),
    Setting("PREFECT_API_AUTH_STRING", "user:password of that server, if it needs them", secret=True),
)


@dataclass(frozen=True)
class Settings:
    """The settings in force."""

    home: Path
    profile: Profile = "intl"
    encoding: str | None = None
    impartner_url: str = DEFAULT_URL
    impartner_key: str | None = field(default=None, repr=False)
    impartner_key_block: str | None = None
    impartner_tenant: str | None = None
    impartner_proof: tuple[str, str] | None = None
    impartner_page_size: int = 500
    impartner_concurrency: int = 4
    impartner_patience: float = 900.0
    cc_field: str = CC_FIELD
    tier_field: str = TIER_FIELD
    ca_file: str | None = None
    ca_folder: str | None = None
    mail_from: str = ""
    imap_url: str = ""
    imap_user: str = field(default="", repr=False)
    imap_password: str = field(default="", repr=False)
    imap_password_block: str | None = None
    imap_token: str = field(default="", repr=False)
    prefect_api_url: str | None = None
    prefect_api_auth_string: str | None = field(default=None, repr=False)


def load(
    *,
    home: Path | None = None,
    profile: str | None = None,
    encoding: str | None = None,
    values: Mapping[str, str] | None = None,
) -> Settings:
    """The settings in force, the first three over `values`, which are those of the environment unless given.

    Raises WrongUsage, with the name of the variable that is wrong.
    """
    values = environment() if values is None else values
    proof = values.get(f"{PREFIX}IMPARTNER_PROOF")
    return Settings(
        home=_home(home or values.get(f"{PREFIX}HOME")),
        profile=parse_profile(profile or values.get(f"{PREFIX}PROFILE", "intl")),
        encoding=parse_encoding(encoding or values.get(f"{PREFIX}ENCODING")),
        impartner_url=values.get(f"{PREFIX}IMPARTNER_URL", DEFAULT_URL),
        impartner_key=values.get(f"{PREFIX}IMPARTNER_KEY"),
        impartner_key_block=values.get(f"{PREFIX}IMPARTNER_KEY_BLOCK"),
        impartner_tenant=values.get(f"{PREFIX}IMPARTNER_TENANT"),
        impartner_proof=parse_proof(proof) if proof else None,
        impartner_page_size=whole_number(values, "IMPARTNER_PAGE_SIZE", 500),
        impartner_concurrency=whole_number(values, "IMPARTNER_CONCURRENCY", 4),
        impartner_patience=positive_number(values, "IMPARTNER_PATIENCE", 900),
        cc_field=values.get(f"{PREFIX}CC_FIELD", CC_FIELD),
        tier_field=values.get(f"{PREFIX}TIER_FIELD", TIER_FIELD),
        ca_file=values.get("SSL_CERT_FILE"),
        ca_folder=values.get("SSL_CERT_DIR"),
        mail_from=parse_sender(values.get(f"{PREFIX}MAIL_FROM", "")),
        imap_url=values.get(f"{PREFIX}IMAP_URL", ""),
        imap_user=values.get(f"{PREFIX}IMAP_USER", ""),
        imap_password=values.get(f"{PREFIX}IMAP_PASSWORD", ""),
        imap_password_block=values.get(f"{PREFIX}IMAP_PASSWORD_BLOCK"),
        imap_token=values.get(f"{PREFIX}IMAP_TOKEN", ""),
        prefect_api_url=values.get("PREFECT_API_URL"),
        prefect_api_auth_string=values.get("PREFECT_API_AUTH_STRING"),
    )


def environment() -> dict[str, str]:
    """The variables of the table that are set to something, those of the environment over those of `.env`."""
    values = _of_file(Path(".env")) | os.environ
    return {setting.name: value for setting in SETTINGS if (value := (values.get(setting.name) or "").strip())}


def open_secrets() -> str:
    """A warning if other users may read a secret in `.env`, or change settings there; "" if not."""
    path = Path(".env")
    try:
        facts = path.stat()
    except OSError:  # there is no such file
        return ""
    is_foreign = facts.st_uid not in (os.getuid(), 0)
    values = _of_file(path) if is_foreign or facts.st_mode & 0o077 else {}
    if is_foreign and any(name.startswith(PREFIX) for name in values):
        return (
            f"{path.absolute()} belongs to another user, and the settings come from it. Start the command in a folder "
            "of your own"
        )
    if facts.st_mode & 0o022 and any(name.startswith(PREFIX) for name in values):
        return f"{path.absolute()} can be changed by others, who could redirect the key. Close it: chmod 600 .env"
    secrets = [setting.name for setting in SETTINGS if setting.secret and values.get(setting.name)]
    if not secrets:
        return ""
    return f"{path.absolute()} holds {' and '.join(secrets)}, and others can read it. Close it: chmod 600 .env"


def without_password(address: str) -> str:
    """A URL without user name and password, to be shown."""
    return re.sub(r"//[^/@]*@", "//", address)


# ----------------------------------------------------------------------------------------------------------------------


def _of_file(path: Path) -> dict[str, str | None]:
    if not path.is_file():
        return {}
    from dotenv import dotenv_values  # late: 10 ms, and most have no such file

    try:
        return dict(dotenv_values(path))
    except UnicodeDecodeError:
        raise WrongUsage("The file .env in this folder is not UTF-8. Save it as UTF-8") from None


def _home(value: Path | str | None) -> Path:
    if value is not None:
        return Path(value).expanduser().absolute()
    from platformdirs import user_data_path  # late: 5 ms, and only if no home is named

    return user_data_path("partner-certs", appauthor=False)
