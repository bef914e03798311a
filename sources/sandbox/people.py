"""The invented accounts and people of the pretend Impartner, the same ones each time, and what changes on day 2.

Names come in several scripts, streets hold commas, quotes and line breaks, phones come in all spellings, and some cells
look like formulas: what a real tenant has, so that the demo shows how it is dealt with.
"""

import random
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]

FIELDS = (  # API name, label, type
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


@dataclass
class Tenant:
    """Accounts by id, and users in the order of their ids. Keys are API names."""

    accounts: dict[int, str]
    users: list[Row] = field(default_factory=list)

    @property
    def proof(self) -> tuple[str, str]:
        """An account that is there, by id and name."""
        account_id = min(self.accounts)
        return str(account_id), self.accounts[account_id]

    def next_id(self) -> int:
        """An id that nobody has yet."""
        return int(self.users[-1]["Id"]) + 1 if self.users else 1


def tenant(*, day: int = 1, seed: int = 20261121, accounts: int = 40, users: int = 700) -> Tenant:
    """The tenant as it is on day 1, or on day 2. Equal arguments give equal tenants."""
    chance = random.Random(seed)  # noqa: S311  invented people, no secret
    made = Tenant(_accounts(chance, accounts))
    ids = sorted(made.accounts)
    key = 20_000
    for number in range(users):
        key += chance.randint(1, 9)  # ids are not dense
        # The first accounts have more people than the last ones, and each has somebody.
        account_id = ids[number] if number < len(ids) else ids[int(len(ids) * chance.random() ** 2)]
        made.users.append(_user(chance, key, account_id, made.accounts[account_id]))
    _make_odd_cells(made)
    if day == 2:
        _let_a_day_pass(made, random.Random(seed + 1))  # noqa: S311  as above
    return made


def other_tenant() -> Tenant:
    """Another company's tenant: what a wrong tenant id gives."""
    return tenant(seed=7, accounts=5, users=60)


def _accounts(chance: random.Random, count: int) -> dict[int, str]:
    names = [*_COMPANIES]
    while len(names) < count:
        names.append(f"{chance.choice(chance.choice(_FAMILIES)[1].split())} {chance.choice(_TRADES)} {len(names)}")
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
        # A picklist in this tenant, and a boolean in others.
        "PSE_Certified_2021__cf": chance.choice(["True", "False", None]),
    }  # fmt: skip


def _person(chance: random.Random) -> tuple[str, str, str | None, str | None, str, str | None, str | None]:
    first_names, last, places = chance.choice(_FAMILIES)
    city, state, country, street = chance.choice(places)
    number = chance.randint(1, 240)
    phone = chance.choice(_PHONES)
    if phone is not None:
        phone = "".join(str(chance.randint(0, 9)) if sign == "#" else sign for sign in phone)
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
    # One faulty account, so that the demo shows one that is held back.
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


_COMPANIES = (
    "Contoso GmbH", "Müller & Söhne, Datentechnik KG", "Northwind Traders", "Ελληνική Πληροφορική ΑΕ",
    "ООО «Северный Свет»", "株式会社青空システム", "شركة النور للتقنية", "חברת אור טכנולוגיות",
    "भारत क्लाउड प्राइवेट लिमिटेड",
    "บริษัท ฟ้าใส จำกัด", "한빛소프트웨어", "O'Brien \\ Partners", 'The "Blue" Company, Inc.', "Fabrikam S.A.",
    "Société Générique d'Informatique", "Łódź Software sp. z o.o.", "Ångström AB", "İstanbul Bilişim A.Ş.",
    "Adventure Works", "Tailspin Toys Ltd", "Wingtip Solutions", "Litware LLC", "Proseware Oy", "Tecnología Ñandú S.L.",
    "São Paulo Sistemas Ltda", "Alpine Ski House AG", "Humongous Insurance", "Lucerne Publishing", "Margie's Travel",
    "Trey Research B.V.", "Woodgrove Bank", "VanArsdel, Ltd.", "Coho Vineyard", "Relecloud", "Blue Yonder Airlines",
    "City Power & Light", "First Up Consultants", "Graphic Design Institute", "Nod Publishers", "Best For You Organics",
)  # fmt: skip
_TRADES = ("Systems", "Consulting", "Networks", "Software", "Data")
_PHONES = (
    "+49 30 ######",
    "(0###) ###-####",
    "+1-555-01##",
    "00 44 20 #### ####",
    "+81 3 #### ####",
    "0###/######",
    None,
)
_FAMILIES: tuple[tuple[tuple[str, ...], str, tuple[tuple[str, str | None, str, str], ...]], ...] = (
    (("Anna", "Jörg", "Käthe", "Uwe"), "Müller Weiß Schäfer Özdemir", (
        ("Köln", "NRW", "Germany", "Domstraße {}"), ("Wien", None, "Austria", "Währinger Gürtel {}"))),
    (("Mary", "John", "Aoife", "Zoë"), "Smith O'Connor Brontë Taylor", (
        ("Austin", "TX", "United States", "{} Congress Ave, Suite 5"), ("Dublin", None, "Ireland", "{} Grafton St"))),
    (("Ελένη", "Γιώργος", "Μαρία"), "Παπαδόπουλος Νικολάου", (("Αθήνα", "Αττική", "Greece", "Ερμού {}"),)),
    (("Ольга", "Дмитрий", "Юлия"), "Иванова Кузнецов Щербакова", (("Київ", None, "Ukraine", "вул. Хрещатик, {}"),)),
    (("花子", "太郎"), "山田 佐藤 鈴木", (("東京", "東京都", "Japan", "千代田区{}番地"),)),
    (("伟", "芳"), "王 李 张", (("上海", None, "China", "南京路{}号"),)),
    (("محمد", "ليلى"), "الحسن العلي", (("دبي", None, "United Arab Emirates", "شارع الشيخ زايد {}"),)),
    (("נועה", "דוד"), "כהן לוי", (("תל אביב", None, "Israel", "רחוב הרצל {}"),)),
    (("प्रिया", "अर्जुन"), "शर्मा सिंह", (("दिल्ली", "Delhi", "India", "महात्मा गांधी मार्ग {}"),)),
    (("สมชาย", "อรุณี"), "แสงทอง สุขใจ", (("กรุงเทพฯ", None, "Thailand", "ถนนสุขุมวิท {}"),)),
    (("민준", "서연"), "김 이 박", (("서울", None, "South Korea", "강남대로 {}"),)),
    (("José", "François", "Łucja", "Åsa"), "Nuñez Lefèvre Wójcik Sjöberg", (
        ("São Paulo", "SP", "Brazil", "Av. Paulista, {}"), ("Kraków", None, "Poland", "ul. Długa {}"))),
)  # fmt: skip
