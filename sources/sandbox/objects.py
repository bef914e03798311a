"""Users and accounts as the objects API returns them: described, filtered, ordered, paged, under camelCase keys."""

from typing import Any

from starlette.requests import Request

from sources.sandbox.grammar import parse
from sources.sandbox.lies import live_on, spoil_accounts, spoil_users
from sources.sandbox.site import Site
from sources.sandbox.tenant import ACCOUNT_FIELDS, FIELDS, PICKLISTS, Row

_DEFAULT_TAKE = 10


def describe_users(site: Site) -> list[Row]:
    """The fields of a user."""
    labels = {name: label for name, label, _ in FIELDS}
    if site.faults.strikes("missing-label"):
        labels["SA_Verified__cf"] = "S.A. Verified!"
        labels["Sales_Badged__cf"] = "Badge of Sales"
    if site.faults.strikes("twin-label"):
        labels["SA_Verified_On__cf"] = "SA Verified"
    return [_described(name, labels[name], kind) for name, _, kind in FIELDS]


def describe_accounts(_site: Site) -> list[Row]:
    """The fields of an account."""
    return [_described(*field) for field in ACCOUNT_FIELDS]


def search_users(site: Site, request: Request, query: dict[str, Any]) -> Row:
    """One page of users."""
    tenant = site.of(request)
    users = _matching(tenant.users, query, _USER_NAMES | {"account.name": "AccountName"})
    results = _shape(_page_of(site, users, query), query["fields"], _USER_NAMES)
    results = spoil_users(site, results, filtered="filter" in query)
    count = len(users) + (len(site.asked) if site.faults.strikes("drift-count") else 0)
    live_on(site, tenant)
    page = {"count": count, "entity": "User", "results": results}
    return page | {"results": None} if not results and site.faults.strikes("no-results") else page


def search_accounts(site: Site, request: Request, query: dict[str, Any]) -> Row:
    """One page of accounts."""
    rows = _matching(spoil_accounts(site, site.of(request).account_rows()), query, _ACCOUNT_NAMES)
    results = _shape(_page_of(site, rows, query), query["fields"], _ACCOUNT_NAMES)
    return {"count": len(rows), "entity": "Account", "results": results}


# ---------------------------------------------------------------------------------------------------------------------

_USER_NAMES = {name.casefold(): name for name, *_ in FIELDS} | {"accountid": "Account", "account.id": "Account"}
_ACCOUNT_NAMES = {name.casefold(): name for name, *_ in ACCOUNT_FIELDS}
_PICKLIST_TYPES = {"Picklist": "Single", "PicklistMultiple": "Multiple"}


def _described(name: str, label: str, kind: str) -> Row:
    values = [{"id": number, "name": text, "isActive": True} for number, text in PICKLISTS.get(name, {}).items()]
    return {
        "name": name, "display": label, "fieldType": kind, "isExportable": True, "isNullable": name != "Id",
        "picklistType": _PICKLIST_TYPES.get(kind, "None"), "values": values,
    }  # fmt: skip


def _matching(rows: list[Row], query: dict[str, Any], names: dict[str, str]) -> list[Row]:
    if query.get("filter"):
        test = parse(query["filter"], lambda row, name: row[names[name.casefold()]])
        rows = [row for row in rows if test(row)]
    order, _, direction = str(query.get("orderby") or "Id").partition(" ")
    descending = direction.strip().casefold().startswith("desc")
    if order.casefold() == "id":
        return rows[::-1] if descending else rows
    key = names[order.casefold()]
    return sorted(rows, key=lambda row: str(row[key] or ""), reverse=descending)


def _page_of(site: Site, rows: list[Row], query: dict[str, Any]) -> list[Row]:
    skip, take = int(query.get("skip", 0)), min(int(query.get("take", _DEFAULT_TAKE)), site.maximum)
    if skip < 0 or take < 0:
        raise ValueError("skip and take")
    if site.faults.strikes("short"):
        take = max(2, take // 2)
    return rows[skip : skip + take]


def _shape(rows: list[Row], fields: list[str], names: dict[str, str]) -> list[Row]:
    """Objects as the API returns them: only the requested fields, under camelCase keys."""
    plain = [name.casefold() for name in fields if name.casefold() != "account.name"]
    keys = {"accountId" if name == "account" else _camel(names[name]): names[name] for name in ("id", *plain)}
    shaped = [{shown: row[key] for shown, key in keys.items()} for row in rows]
    if len(plain) < len(fields):
        for row, one in zip(rows, shaped, strict=True):
            one["account"] = {"name": row["AccountName"]}
    return shaped


def _camel(name: str) -> str:
    """As in .NET: `SA_Verified__cf` becomes `sA_Verified__cf`, `PSE_...` becomes `psE_...`, `Id` becomes `id`."""
    capitals = 0
    while capitals < len(name) and name[capitals].isupper():
        capitals += 1
    return name[: max(1, capitals - 1)].lower() + name[max(1, capitals - 1) :]
