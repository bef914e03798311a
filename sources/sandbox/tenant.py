"""The data of a pretend Impartner: its fields, as in `_describe`, its accounts and its users.

`people.py` invents them; `objects.py` turns them into JSON.
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
TIERS = {1: "Registered", 2: "Silver", 3: "Gold"}  # accounts have the number
PICKLISTS = {"PSE_Certified_2021__cf": {7: "True", 8: "False"}, "Partner_Tier__cf": TIERS}
OWNERS = ("ines.owner@vendor.example", "omar.owner@vendor.example", "yuki.owner@vendor.example")


@dataclass
class Tenant:
    """Accounts by id, and users in the order of their ids. Keys are API names.

    details: overrides for the objects that `account_rows` makes, by account id.
    """

    accounts: dict[int, str]
    users: list[Row] = field(default_factory=list)
    details: dict[int, Row] = field(default_factory=dict)

    @property
    def proof(self) -> tuple[str, str]:
        """Id and name of an account that exists."""
        account_id = min(self.accounts)
        return str(account_id), self.accounts[account_id]

    def next_id(self) -> int:
        """An id that nobody has yet."""
        return int(self.users[-1]["Id"]) + 1 if self.users else 1

    def account_rows(self) -> list[Row]:
        """The accounts as objects, by id. The primary user is the account's first user."""
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
