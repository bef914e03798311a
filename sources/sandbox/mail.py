"""A partner's mail to the help desk, from the primary user of the pretend tenant's first account."""

from email.message import EmailMessage

from sources.sandbox.tenant import Tenant

MESSAGE_ID = "<CAF3-7fQ.2026112608@mail.partner.example>"


def partner_mail(tenant: Tenant) -> bytes:
    """The mail."""
    account = int(tenant.proof[0])
    user = next(user for user in tenant.users if user["Account"] == account)
    mail = EmailMessage()
    mail["From"] = f"{user['Name']} <{user['Email']}>"
    mail["To"] = "Partner help desk <partners@vendor.example>"
    mail["Subject"] = "Which of our people are certified?"
    mail["Message-ID"] = MESSAGE_ID
    mail["Date"] = "Thu, 26 Nov 2026 08:00:00 +0000"
    mail.set_content(
        f"Hello,\n\ncould you send us the list of our certified people at {tenant.proof[1]}?\n\n{user['FirstName']}\n"
    )
    return mail.as_bytes()
