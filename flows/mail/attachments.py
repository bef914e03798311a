"""Makes the attachments of a mail: the ready report in the contact's profile, its workbook, or both."""

import re
from collections.abc import Sequence

from exports.mail.draft import Attachment, attachment
from exports.reports.rows import in_profile
from exports.reports.workbook import workbook
from flows.mail.accounts import Row
from schemas.contacts import Attach
from schemas.profiles import Profile

PREFIX = "certifications"


def attach(row: Row, day: str, report: bytes, kind: Attach, profile: Profile | None = None) -> Sequence[Attachment]:
    """The attachments of a ready report. profile: None keeps the report's own.

    Raises NotAllowed if a workbook can't hold the report.
    """
    name = f"{PREFIX}_{slug(row)}_{day}"
    attachments = []
    if kind in ("csv", "both"):
        attachments.append(attachment(f"{name}.csv", in_profile(report, profile) if profile else report))
    if kind in ("xlsx", "both"):
        attachments.append(attachment(f"{name}.xlsx", workbook(report)))
    return attachments


def slug(row: Row) -> str:
    """The account's name as in the file name of its report, without the key after it."""
    name = row["file"].removeprefix(f"{PREFIX}-").removesuffix(".csv")
    key = f"-{row['account_id']}"
    return name.removesuffix(key) if name.endswith(key) else _KEY.sub("", name)


# ---------------------------------------------------------------------------------------------------------------------

_KEY = re.compile(r"-[^-]*\Z")
