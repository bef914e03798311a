"""The result pages of flow runs, as Markdown for Prefect. Accounts appear by id, and no people."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256

from flows.approvals import Released
from flows.certify import Outcome
from flows.mail.drafted import Drafted
from flows.mail.drafted import Row as DraftedRow
from flows.orchestration.safe_message import unnamed
from schemas.manifest import AccountRow, HeldRow, ReportRow
from schemas.words import plural

LISTED = 2_000  # accounts on a page; with a hundred thousand it would take megabytes in Prefect's database


def outcome_page(outcome: Outcome) -> str:
    """The page of a nightly or account run: its counts and accounts, held and changed ones first."""
    held = [
        (account_without_name(row), row["rows"], "", plural(row["faults"], "fault")) for row in held_accounts(outcome)
    ]
    reports = [(account_without_name(row), row["rows"], row["change"], "") for row in _reports(outcome)]
    reports.sort(key=lambda line: line[2] == "unchanged")
    changes = Counter(change for _, _, change, _ in reports)
    facts = {
        "Run": outcome.run,
        "Folder": str(outcome.run_dir),
        **{what.replace("_", " ").capitalize(): f"{count:,}" for what, count in outcome.totals.items()},
        **{change.capitalize(): f"{changes[change]:,}" for change in ("new", "changed", "unchanged")},
    }
    facts |= {"Notice": unnamed(" ".join(outcome.notices))} if outcome.notices else {}
    return _page(facts, ("account", "rows", "change", "held"), [*held, *reports])


def release_page(released: Released) -> str:
    """The page of a release: what was released, removed or passed over."""
    release = released.release
    moves = {"released": release["released"], "removed": release["removed"], "not released": release["passed_over"]}
    lines = [
        (account_without_name(row), what, *released.reports.get(row["file"], ("", "")), "")
        for what, reports in moves.items()
        for row in reports
    ]
    facts = {
        "Run": release["run"],
        "Folder": str(released.run_dir),
        "Ready": release["ready_dir"],
        "Waiting": f"{release['waiting']:,}",
    }
    return _page(facts, ("account", "what", "rows", "change", "held"), lines)


def drafts_page(drafted: Drafted) -> str:
    """The page of drafts: the accounts that got one, had one, or got none."""
    kinds = {"refused": drafted.refused, "drafted": drafted.made, "drafted before": drafted.before}
    lines = [(account_without_name(row), what, row.get("rows", "")) for what, rows in kinds.items() for row in rows]
    facts = {what.capitalize(): f"{len(rows):,}" for what, rows in kinds.items()}
    facts |= {"Notice": unnamed(" ".join(drafted.notices))} if drafted.notices else {}
    return _page(facts, ("account", "what", "rows"), lines)


def held_accounts(outcome: Outcome) -> list[HeldRow]:
    """The held accounts of a run; none if nothing was kept."""
    return outcome.manifest["held"] if outcome.manifest else []


def account_without_name(row: AccountRow | DraftedRow) -> str:
    """An account without its name: its id, else the hash in its file name, else a text for rows without an account."""
    if row["account_id"]:
        return re.sub(r"[^\w.-]", "_", str(row["account_id"]), flags=re.ASCII)
    if not row["account"]:
        return "(rows without an account)"
    name = str(row["account"]).strip()
    return f"(no id) {sha256(name.encode()).hexdigest()[:8]}"


# ---------------------------------------------------------------------------------------------------------------------


def _reports(outcome: Outcome) -> list[ReportRow]:
    return outcome.manifest["reports"] if outcome.manifest else []


def _page(facts: dict[str, str], headings: tuple[str, ...], lines: Sequence[tuple[object, ...]]) -> str:
    listed = [f"- {what}: `{fact}`" for what, fact in facts.items()]
    table = [_line(headings), _line(["---"] * len(headings)), *(_line(line) for line in lines[:LISTED])]
    if len(lines) > LISTED:
        table += ["", f"and {len(lines) - LISTED:,} more accounts: manifest.json in the folder lists all"]
    return "\n".join([*listed, "", *table, ""])


def _line(cells: Iterable[object]) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"
