"""Reviews for the tests of the page and the desk: several scripts, and names that would like to be more than text."""

from typing import Any

from schemas.review import AccountReview, Change, CourseChange, Detail, Person, Review

SALES = "Sales Core Training"
PSE = "PSE Certified 2020"
SHA256 = "3f2a91c0de" + "ab" * 27
SCRIPT = "<script>alert(1)</script> & Söhne"
IMAGE = '"><img src=x onerror=alert(1)>'


def person(name: str, email: str, *courses: str) -> Person:
    """Somebody who joined or left."""
    return {"name": name, "email": email, "courses": list(courses)}


def course(name: str, email: str, what: str) -> CourseChange:
    """A course gained or lost."""
    return {"name": name, "email": email, "course": what}


def detail(name: str, email: str, field: str, before: str, after: str) -> Detail:
    """A changed cell."""
    return {"name": name, "email": email, "field": field, "before": before, "after": after}


def account(name: str, account_id: str | None, change: Change, **known: Any) -> AccountReview:
    """An account of the review; what is not `known` is as it would be without any change."""
    sent = change not in ("held", "gone")
    made: AccountReview = {
        "account": name,
        "account_id": account_id,
        "change": change,
        "decision": "not needed" if change in ("unchanged", "held") else "missing",
        "sha256": SHA256 if sent else None,
        "before": None if change == "new" else "77aa" * 16,
        "joined": [],
        "left": [],
        "gained": [],
        "lost": [],
        "details": [],
        "alarms": [],
        "file": f"certifications-x-{account_id or 'deadbeef'}.csv" if sent else None,
        "rows": 41,
        "rows_before": 40,
        "faults": 0,
        "guarded": 0,
    }
    made.update(known)  # type: ignore[typeddict-item]  the tests name the keys that they mean
    return made


def review(*accounts: AccountReview, **known: Any) -> Review:
    """A review of these accounts, with totals that fit them."""
    changes = [one["change"] for one in accounts]
    totals = {kind: changes.count(kind) for kind in ("new", "changed", "unchanged", "held", "gone")}
    kinds = ("joined", "left", "gained", "lost", "details")
    totals |= {kind: sum(len(one[kind]) for one in accounts) for kind in kinds}  # type: ignore[literal-required]
    totals["accounts"] = len(accounts) - totals["gone"]
    totals["to_decide"] = sum(one["decision"] == "missing" for one in accounts)
    made = {
        "run": "20261121T020000Z-nightly-3f2a91",
        "page": "review.html",
        "totals": totals,
        "accounts": list(accounts),
        "kind": "nightly",
        "started": "2026-11-21T02:00:00Z",
        "source": "export.csv",
        "rows_read": 10_016,
        "written": 10_000,
        "held_rows": 16,
        "groups": [],
        "alarms": [],
    }
    return {**made, **known}  # type: ignore[typeddict-item]  put together above, key by key


def night() -> Review:
    """A believable night, a lost certification first."""
    return review(
        account(
            "Contoso GmbH",
            "1295686",
            "changed",
            lost=[course("Anna Schäfer", "anna@contoso.example", PSE)],
            gained=[course("Nguyễn Văn An", "an@contoso.example", SALES)],
            joined=[person("李伟", "li.wei@contoso.example", SALES, PSE)],
            left=[person("Tom Brown", "tom@contoso.example")],
            details=[detail("Jörg Weiß", "joerg@contoso.example", "Phone", "", "+49 30 12345")],
            alarms=[{"severity": 1, "kind": "lost", "text": "PSE Certified 2020 lost by 1 person"}],
            guarded=1,
        ),
        account("شركة الأفق", "1301177", "changed", gained=[course("محمد العلي", "m@horizon.example", SALES)]),
        account(
            SCRIPT,
            None,
            "changed",
            gained=[course(IMAGE, "javascript:alert(1)", SALES)],
            details=[
                detail("Robert\u202egnp.exe", "bob@evil.example", "Mailing City", "a\tb", "</style><script>alert(2)"),
                detail("W" * 400, "long" * 80 + "@evil.example", "Mailing Street", "x" * 900, ""),
            ],
        ),
        account("Fourth Coffee", "1300024", "changed"),
        account("Northwind", "1300999", "new", joined=[person("Νίκος", "n@nw.example", SALES)], rows=1, rows_before=0),
        account("Big First", "1301000", "new", rows=30_000, rows_before=0),
        account("Tailspin Toys", "1300500", "gone", left=[person("", "ed@tt.example", PSE)], rows=0, rows_before=1),
        account("Humongous Insurance", "1300777", "held", rows=12, faults=3),
        account("", None, "held", rows=4, faults=4),
        account("Unchanged Partner", "1400001", "unchanged"),
        groups=[
            {"kind": "gained", "what": SALES, "people": 2, "accounts": 2, "text": f"{SALES} gained by 2 people"},
        ],
        alarms=[{"severity": 4, "kind": "fewer", "text": "10,016 rows were read, but 12,000 are ready: 83%"}],
    )
