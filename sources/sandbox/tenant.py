"""What a pretend Impartner holds: its fields, as `_describe` gives them, its accounts and its users.

Who these are is invented in `people.py`; how they look as JSON is in `objects.py`.
"""

from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]

FIELDS = (  # of a user: API name, label, type
    ("Id", "Id", "Integer"),
    ("UserName", "User Name", "String"),
    ("Name", "Full Name", "String"),
    ("FirstName", "First Name", "String"),
    ("LastName", "Last Name", "String"),
    ("Email", "Email", "String"),
    ("Phone", "Phone", "String"),
    ("Account", "Account", "Fk"),
    ("AccountName", "Account Name", "String"),
    ("IsActive", "Is Active", "Boolean"),
    ("PartnerLocator", "Display on Partner Locator?", "Boolean"),
    ("MailingStreet", "Mailing Street", "String"),
    ("MailingCity", "Mailing City", "String"),
    ("MailingState", "Mailing State", "String"),
    ("MailingPostalCode", "Mailing Postal Code", "String"),
    ("MailingCountry", "Mailing Country", "String"),
    ("CrmId", "CRM Id", "String"),
    ("Created", "Created", "DateTime"),
    ("Updated", "Updated", "DateTime"),
    ("Account_Activated__cf", "Account Activated", "Boolean"),
    ("Administrative_Privileges__cf", "Administrative Privileges", "PicklistMultiple"),
    ("SA_Verified__cf", "SA Verified", "Boolean"),
    ("SA_Verified_On__cf", "SA Verified On", "DateTime"),
    ("Sales_Badged__cf", "Sales Badged", "Boolean"),
    ("Sales_Certified__cf", "Sales Certified", "Boolean"),
    ("PSE_Certified_2020__cf", "PSE Certified 2020", "Boolean"),
    ("PSE_Certified_2021__cf", "PSE Certified 2021", "Picklist"),
)
COURSES = (
    "SA_Verified__cf", "Sales_Badged__cf", "Sales_Certified__cf", "PSE_Certified_2020__cf", "PSE_Certified_2021__cf",
)  # fmt: skip

ACCOUNT_FIELDS = (
    ("Id", "Id", "Integer"),
    ("Name", "Name", "String"),
    ("PrimaryUserId", "Primary User", "Fk"),
    ("ParentAccountId", "Parent Account", "Fk"),
    ("RegionId", "Region", "Fk"),
    ("Account_Owner_Email__cf", "Account Owner Email", "String"),
    ("Partner_Tier__cf", "Partner Tier", "Picklist"),
    ("Account_Status__cf", "Account Status", "String"),
)
TIERS = {1: "Registered", 2: "Silver", 3: "Gold"}  # accounts carry the number
PICKLISTS = {"PSE_Certified_2021__cf": {7: "True", 8: "False"}, "Partner_Tier__cf": TIERS}
OWNERS = ("ines.owner@vendor.example", "omar.owner@vendor.example", "yuki.owner@vendor.example")


@dataclass
class Tenant:
    """Accounts by id, and users in the order of their ids. Keys are API names.

    details: what is to stand in the object of an account in place of what `account_rows` makes.
    """

    accounts: dict[int, str]
    users: list[Row] = field(default_factory=list)
    details: dict[int, Row] = field(default_factory=dict)

    @property
    def proof(self) -> tuple[str, str]:
        """An account that is there, by id and name."""
        account_id = min(self.accounts)
        return str(account_id), self.accounts[account_id]

    def next_id(self) -> int:
        """An id that nobody has yet."""
        return int(self.users[-1]["Id"]) + 1 if self.users else 1

    def account_rows(self) -> list[Row]:
        """The accounts as objects, in the order of their ids. The primary user is the one who came first."""
        first: dict[Any, int] = {}
        for user in self.users:
            first.setdefault(user["Account"], user["Id"])
        return [
            {
                "Id": account_id,
                "Name": name,
                "PrimaryUserId": first.get(account_id),
                "ParentAccountId": None,
                "RegionId": account_id % 4 + 1,
                "Account_Owner_Email__cf": OWNERS[account_id % len(OWNERS)],
                "Partner_Tier__cf": account_id % len(TIERS) + 1,
                "Account_Status__cf": "Active",
            }
            | self.details.get(account_id, {})
            for account_id, name in sorted(self.accounts.items())
        ]
