"""Reviews for the tests of the pages: several scripts, and hostile names."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import polars as pl

from flows.review.reasons import ALWAYS_REASONED, GONE, LOSS
from schemas.review import (
    FAULT_COLUMNS,
    KINDS,
    AccountReview,
    Change,
    CourseChange,
    Detail,
    ListedChanges,
    Person,
    Review,
)
from transforms.changes import CHANGES

SALES = "Sales Core Training"
PSE = "PSE Certified 2020"
SHA256 = "3f2a91c0de" + "ab" * 27
SCRIPT = "<script>alert(1)</script> & Söhne"
IMAGE = '"><img src=x onerror=alert(1)>'


class ListedAccount(NamedTuple):
    """An account of a review, and its changes one by one."""

    account: AccountReview
    listed: ListedChanges


def person(name: str, email: str, *courses: str) -> Person:
    """A person who joined or left."""
    return {"name": name, "email": email, "courses": list(courses)}


def course(name: str, email: str, what: str) -> CourseChange:
    """A course gained or lost."""
    return {"name": name, "email": email, "course": what}


def detail(name: str, email: str, field: str, before: str, after: str) -> Detail:
    """A changed cell."""
    return {"name": name, "email": email, "field": field, "before": before, "after": after}


def account(name: str, account_id: str | None, change: Change, **known: Any) -> ListedAccount:
    """An account of the review and its changes; by default, one without changes."""
    sent = change not in ("held", "gone")
    listed: Any = {kind: known.pop(kind, []) for kind in KINDS}
    review_: AccountReview = {
        "account": name,
        "account_id": account_id,
        "change": change,
        "renamed_from": None,
        "decision": "not needed" if change in ("unchanged", "held") else "missing",
        "by": "",
        "at": "",
        "reason": "",
        "sha256": SHA256 if sent else None,
        "before": None if change == "new" else "77aa" * 16,
        "index": 0,
        "counts": {kind: len(listed[kind]) for kind in KINDS},
        "alarms": [],
        "file": f"certifications-x-{account_id or 'deadbeef'}.csv" if sent else None,
        "rows": 41,
        "rows_before": 40,
        "faults": 0,
        "guarded": 0,
        "needs_reason": reasons(change, listed),
    }
    review_.update(known)  # type: ignore[typeddict-item]  the tests name the keys that they mean
    return ListedAccount(review_, listed)


def reasons(change: Change, listed: ListedChanges) -> dict[str, str]:
    """Why decisions on such an account need a reason."""
    why = GONE if change == "gone" else LOSS if listed["lost"] else ""
    return {**ALWAYS_REASONED, **({"approve": why.format("this account")} if why else {})}


def review(*listed_accounts: ListedAccount, **known: Any) -> Review:
    """A review of these accounts, with matching totals."""
    accounts: list[AccountReview] = [{**one.account, "index": place} for place, one in enumerate(listed_accounts)]
    changes = [one["change"] for one in accounts]
    totals = {kind: changes.count(kind) for kind in ("new", "changed", "unchanged", "held", "gone")}
    totals["renamed"] = sum(one["renamed_from"] is not None for one in accounts)
    totals |= {kind: sum(one["counts"][kind] for one in accounts) for kind in KINDS}
    totals["accounts"] = len(accounts) - totals["gone"]
    totals["to_decide"] = sum(one["decision"] == "missing" for one in accounts)
    review_ = {
        "run": "20261121T020000Z-nightly-3f2a91",
        "page": "review.html",
        "newer": None,
        "totals": totals,
        "accounts": accounts,
        "changes": _frame(listed_accounts),
        "faults": faults(),
        "fault_groups": [],
        "kind": "nightly",
        "started": "2026-11-21T02:00:00Z",
        "source": "export.csv",
        "rows_read": 10_016,
        "written": 10_000,
        "held_rows": 16,
        "groups": [],
        "alarms": [],
    }
    return {**review_, **known}  # type: ignore[typeddict-item]  assembled above, key by key


def faults(*rows: dict[str, Any]) -> pl.DataFrame:
    """Faults of held accounts, by column; `account` is the index of the account."""
    columns = {"account": pl.UInt32} | dict.fromkeys(FAULT_COLUMNS, pl.String)
    return pl.DataFrame([dict.fromkeys(columns) | row for row in rows], columns)


def night() -> Review:
    """A realistic night, a lost certification first."""
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
        faults=faults(
            {"account": 7, "row": "17", "person": "Ana Sol <ana@hi.example>", "column": "SA Verified", "found": "yes"}
            | {"rule": "A flag is True, False or blank", "remedy": "Set the field in Impartner"},
            {"account": 7, "user_id": "4711", "person": "Bo Li <bo@hi.example>", "column": "Email"},
        ),
        groups=[
            {"kind": "gained", "what": SALES, "people": 2, "accounts": 2, "text": f"{SALES} gained by 2 people"},
        ],
        alarms=[{"severity": 4, "kind": "fewer", "text": "10,016 rows were read, but 12,000 are ready: 83%"}],
    )


def _frame(listed_accounts: Sequence[ListedAccount]) -> pl.DataFrame:
    """The changes of all accounts as in a review."""
    named = {"course": "what", "field": "what"}
    rows = [
        {"account": place, "kind": kind} | {named.get(key, key): cell or None for key, cell in change.items()}
        for place, one in enumerate(listed_accounts)
        for kind in KINDS
        for change in one.listed[kind]
    ]
    return pl.DataFrame(rows, CHANGES).with_columns(
        pl.when(pl.col("kind").is_in(["joined", "left"])).then(pl.col("courses").fill_null([])).alias("courses")
    )
