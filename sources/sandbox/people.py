"""The invented accounts and people of the pretend Impartner, always the same ones, and what changes on day 2.

As in a real tenant, names come in several scripts, streets have commas, quotes and line breaks, phones have all kinds
of formats, and some cells look like formulas.
"""

import random
from typing import Any

from sources.sandbox.names import COMPANIES, FAMILIES, PHONES, TRADES
from sources.sandbox.tenant import COURSES, Row, Tenant


def tenant(*, day: int = 1, seed: int = 20261121, accounts: int = 40, users: int = 700) -> Tenant:
    """The tenant on day 1 or 2. Equal arguments give equal tenants."""
    chance = random.Random(seed)  # noqa: S311  invented people, no secret
    made = Tenant(_accounts(chance, accounts))
    ids = sorted(made.accounts)
    key = 20_000
    for number in range(users):
        key += chance.randint(1, 9)  # ids are not dense
        # The first accounts have more people than the last, and none is empty.
        account_id = ids[number] if number < len(ids) else ids[int(len(ids) * chance.random() ** 2)]
        made.users.append(_user(chance, key, account_id, made.accounts[account_id]))
    _make_odd_cells(made)
    if day == 2:
        _let_a_day_pass(made, random.Random(seed + 1))  # noqa: S311  as above
    return made


def other_tenant() -> Tenant:
    """Another company's tenant, for a wrong tenant id."""
    return tenant(seed=7, accounts=5, users=60)


# ----------------------------------------------------------------------------------------------------------------------


def _accounts(chance: random.Random, count: int) -> dict[int, str]:
    names = [*COMPANIES]
    while len(names) < count:
        names.append(f"{chance.choice(chance.choice(FAMILIES)[1].split())} {chance.choice(TRADES)} {len(names)}")
    account_id, accounts = 1_295_000, {}
    for name in names[:count]:
        account_id += chance.randint(1, 400)
        accounts[account_id] = name
    return accounts


def _user(chance: random.Random, key: int, account_id: int, account: str) -> Row:
    first, last, city, state, country, street, phone = _person(chance)
    learned = chance.random()
    mailbox = f"user{key}@account-{account_id}.example"
    return {
        "Id": key, "UserName": mailbox, "Name": f"{first} {last}", "FirstName": first, "LastName": last,
        "Email": mailbox, "Phone": phone, "Account": account_id, "AccountName": account,
        "IsActive": chance.random() < 0.9, "PartnerLocator": chance.random() < 0.4,
        "MailingStreet": street, "MailingCity": city, "MailingState": state, "MailingPostalCode": None,
        "MailingCountry": country, "CrmId": None, "Created": "2022-05-16T19:27:14-06:00",
        "Updated": "2026-11-20T08:15:00-06:00", "Account_Activated__cf": chance.random() < 0.8,
        "Administrative_Privileges__cf": chance.choice([None, None, None, ["Member Administrator"],
                                                        ["Member Administrator", "Deal Administrator"]]),
        "SA_Verified__cf": learned < 0.5, "SA_Verified_On__cf": None, "Sales_Badged__cf": learned < 0.7,
        "Sales_Certified__cf": learned < 0.3, "PSE_Certified_2020__cf": chance.random() < 0.2,
        # A picklist in this tenant, a boolean in others
        "PSE_Certified_2021__cf": chance.choice(["True", "False", None]),
    }  # fmt: skip


def _person(chance: random.Random) -> tuple[str, str, str | None, str | None, str, str | None, str | None]:
    first_names, last, places = chance.choice(FAMILIES)
    city, state, country, street = chance.choice(places)
    number = chance.randint(1, 240)
    phone = chance.choice(PHONES)
    if phone is not None:
        phone = "".join(str(chance.randint(0, 9)) if char == "#" else char for char in phone)
    return (
        chance.choice(first_names), chance.choice(last.split()), city, state, country,
        street.format(number) if chance.random() < 0.95 else None, phone,
    )  # fmt: skip


def _make_odd_cells(made: Tenant) -> None:
    odd: list[tuple[int, str, Any]] = [
        (41, "MailingStreet", 'Hauptstraße 7, "Alte Mühle"\nHinterhaus'),
        (57, "MailingStreet", "1 Market Square\r\nSuite 400, East"),
        (83, "MailingStreet", '=HYPERLINK("https://example.invalid","map")'),
        (97, "Name", "@nna Schmidt"),
        (131, "Phone", "+49 (0) 30 901820"),
        (139, "Phone", "=1+1"),
        (151, "MailingCity", "True"),
        (163, "MailingState", "-"),
        (171, "Phone", "+1 555 0100 ext. 7"),
        (180, "MailingCity", "＝Osaka"),
        (203, "Name", "Иван  O'Neil-Łukasiewicz"),
    ]
    for position, name, value in odd:
        if position < len(made.users):
            made.users[position][name] = value
    # A faulty account, so that the demo has one that is held back
    if len(made.accounts) > 5:
        held = sorted(made.accounts)[5]
        next(user for user in made.users if user["Account"] == held)["PSE_Certified_2021__cf"] = "in progress"


def _let_a_day_pass(made: Tenant, chance: random.Random) -> None:
    ids = sorted(made.accounts)
    if len(ids) < 8:
        return
    gone = ids[-1]
    del made.accounts[gone]
    made.users = [user for user in made.users if user["Account"] != gone]
    for user in chance.sample(made.users, 12):
        for course in COURSES[:3]:
            if not user[course]:
                user[course] = True
                break
    loser = next(user for user in made.users if user["Account"] == ids[2] and user["Sales_Badged__cf"])
    loser["Sales_Badged__cf"] = False
    for user in chance.sample(made.users, 5):
        user["Phone"] = f"+1 555 01{chance.randint(10, 99)}"
    mover = made.users[chance.randrange(8, len(made.users))]
    mover["MailingCity"] = "Zürich"
    leavers = {user["Id"] for user in chance.sample([user for user in made.users if user["Account"] in ids[:3]], 3)}
    made.users = [user for user in made.users if user["Id"] not in leavers]
    new = ids[-1] + 77
    made.accounts[new] = "Polaris Learning ΑΕ"
    for account_id in [ids[0], ids[1], ids[6], new, new, new]:
        made.users.append(_user(chance, made.next_id() + chance.randint(0, 5), account_id, made.accounts[account_id]))
