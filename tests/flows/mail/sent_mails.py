"""Mails as in a Sent folder."""

from collections.abc import Mapping
from email.message import EmailMessage


def sent_mail(
    to: str,
    files: Mapping[str, bytes],
    *,
    id: str = "<1@vendor.example>",
    date: str = "Mon, 23 Nov 2026 10:00:00 +0100",
    **headers: str,
) -> bytes:
    """A mail with attachments; a header that is "" is omitted."""
    mail = EmailMessage()
    for name, value in {"To": to, "Message-ID": id, "Date": date, "Subject": "Report", **headers}.items():
        if value:
            mail[name] = value
    mail.set_content("Hello")
    for name, data in files.items():
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()
