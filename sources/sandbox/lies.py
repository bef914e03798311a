"""Wrong data in answers that look right, and users who leave and join during a pull."""

from sources.sandbox.site import Site
from sources.sandbox.tenant import PICKLISTS, Row, Tenant

_PICKLIST = "psE_Certified_2021__cf"


def spoil_users(site: Site, results: list[Row], *, filtered: bool) -> list[Row]:
    """One page of users, with the faults that are on."""
    if not results:
        return results
    strikes, last = site.faults.strikes, results[-1]
    if strikes("repeat"):
        results = [*results, last]
    if "name" in last and strikes("nul"):
        results[0]["name"] += "\0"
    if "sA_Verified__cf" in last:
        _spoil_cells(site, results)
    if filtered and "accountId" in last and strikes("stray"):
        last["accountId"], last["accountName"] = 1, "Stray & Sons"
    if "accountId" in last:
        _spoil_accounts_of_users(site, results)
    return results


def spoil_accounts(site: Site, rows: list[Row]) -> list[Row]:
    """All accounts, with the faults that are on."""
    if rows and site.faults.strikes("account-unlisted"):
        return rows[:-1]
    if rows and site.faults.strikes("account-renamed"):
        return [*rows[:-1], rows[-1] | {"Name": f"Former {rows[-1]['Name']}"}]
    return rows


def live_on(site: Site, tenant: Tenant) -> None:
    """People leave and join during a pull."""
    if site.faults.strikes("churn"):
        tenant.users.pop(0)
        tenant.users.append(tenant.users[-1] | {"Id": tenant.next_id(), "Name": "New Somebody"})
    if site.faults.strikes("join"):
        tenant.users.append(tenant.users[-1] | {"Id": tenant.next_id(), "Name": "New Somebody"})


# ---------------------------------------------------------------------------------------------------------------------


def _spoil_cells(site: Site, results: list[Row]) -> None:
    strikes = site.faults.strikes
    if strikes("leave-out"):
        del results[-1]["sA_Verified__cf"]
    if strikes("picklist-number"):
        numbers = {name: number for number, name in PICKLISTS["PSE_Certified_2021__cf"].items()}
        for row in results:
            row[_PICKLIST] = numbers.get(row[_PICKLIST])
    if strikes("picklist-unknown"):
        results[-1][_PICKLIST] = 99
    if strikes("empty-column"):
        for row in results:
            row["phone"] = None


def _spoil_accounts_of_users(site: Site, results: list[Row]) -> None:
    strikes, last = site.faults.strikes, results[-1]
    if strikes("account-missing"):
        del last["accountId"]
    if strikes("account-shape"):
        last["accountId"] = [last["accountId"]]
    if strikes("account-zero"):
        last["accountId"] = 0
    if strikes("account-null"):
        for row in results:
            row["accountId"] = row["accountName"] = None
