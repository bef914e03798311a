"""The final state of a run in Prefect: its name, a message that says what to do next, and a page of accounts by id.

Imports no Prefect, and lets no personal data through, because Prefect keeps it in plain text. Accounts appear by id,
people by row; of an error's message only what is known to name nobody is used.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Literal

from flows.approvals import OnDemand, Released
from flows.certify import Outcome
from flows.mail.drafted import Drafted
from flows.mail.drafted import Row as DraftedRow
from flows.review.release import Release
from schemas.columns import COLUMNS
from schemas.errors import ExportRefused, Stop
from schemas.manifest import AccountRow, HeldRow, ReportRow
from schemas.words import plural

RUN = re.compile(r"[0-9]{8}T[0-9]{6}Z-[a-z]{1,10}-[0-9a-f]{6}")  # a run's id
Name = Literal["Completed", "CompletedWithHeld", "CompletedWithRefused", "Failed"]
LISTED = 2_000  # accounts on a page; with a hundred thousand it would take megabytes in Prefect's database
NAMED = 5  # held accounts or broken rules in a message


@dataclass(frozen=True)
class FinalState:
    """The name and message of the final state, and the result as a Markdown page."""

    name: Name
    message: str
    page: str


class StageFailed(Exception):  # noqa: N818  stands in for the original error
    """What Prefect gets to see of a failed stage: a message without personal data."""


class Interrupted(Exception):  # noqa: N818  not an error: somebody stopped the run
    """The run was stopped by a person."""


def final_state(result: Outcome | OnDemand | Released | Drafted) -> FinalState:
    """The final state of a run with this result."""
    if isinstance(result, Drafted):
        return drafts_state(result)
    if isinstance(result, OnDemand):
        return on_demand_state(result)
    if isinstance(result, Released):
        return release_state(result)
    return outcome_state(result)


def on_demand_state(done: OnDemand) -> FinalState:
    """The final state of `account` where somebody approves."""
    final, approval = outcome_state(done.outcome), "Not approved: the account is held back"
    if done.needs_reason:
        approval = f"Not approved: {done.needs_reason}. Start it again with a reason, or review it"
    elif done.release:
        approval = _what_was_released(done.release)
    return replace(final, message=f"{approval}. {final.message}", page=f"{approval}\n\n{final.page}")


def outcome_state(outcome: Outcome) -> FinalState:
    """The final state of `nightly` or `account`."""
    totals, held = outcome.totals, [_account(row) for row in _held(outcome)]
    done = f"{plural(totals['written'], 'report')} with {plural(totals['people'], 'person', 'people')}"
    if outcome.kind == "nightly":
        next_step = f"Review with: partner-certs review {outcome.run}"
    else:
        next_step = f"See it with: partner-certs show {outcome.run}"
    if held:
        what = f"{plural(len(held), 'account')} held back: {_first(held)}"
        fix = f"Correct the rows that faults.csv in the run's folder names. {next_step}"
        return FinalState("CompletedWithHeld", f"{done}; {what}. {fix}", _outcome_page(outcome))
    return FinalState("Completed", f"{done}, no account held back. {next_step}", _outcome_page(outcome))


def release_state(released: Released) -> FinalState:
    """The final state of `release`."""
    release = released.release
    waiting = release["waiting"]
    done = f"{plural(len(release['released']), 'report')} released, {len(release['removed']):,} removed"
    if release["passed_over"]:
        newer = plural(len(release["passed_over"]), "report")
        done += f"; {newer} not released: what is ready is from a run that finished later"
    if waiting:
        done += f"; {plural(waiting, 'account')} still waiting: partner-certs review {release['run']}"
    return FinalState("Completed", done, _release_page(released))


def drafts_state(drafted: Drafted) -> FinalState:
    """The final state of `drafts`."""
    where = "in the mailbox" if drafted.imap else "in drafts/ of the home"
    done = f"{plural(len(drafted.made), 'draft')} {where}, {len(drafted.before):,} made before"
    if not drafted.refused:
        return FinalState("Completed", f"{done}. Check them, then send them yourself", _drafts_page(drafted))
    command = f"partner-certs draft {'--changed' if drafted.changed else '--all'}{' --imap' if drafted.imap else ''}"
    without = f"{plural(len(drafted.refused), 'account')} without a draft: {_first(map(_account, drafted.refused))}"
    return FinalState("CompletedWithRefused", f"{done}; {without}. See why with: {command}", _drafts_page(drafted))


def failure_state(failure: BaseException) -> FinalState:
    """The final state of a run that failed."""
    message = safe_message(failure)
    return FinalState("Failed", message, f"{message}\n")


def safe_message(failure: BaseException) -> str:
    """What happened and what to do next, without personal data, whatever the exception's own message says."""
    if isinstance(failure, ExportRefused):
        return _refusal(failure)
    if isinstance(failure, StageFailed):
        return str(failure)
    if isinstance(failure, Stop):
        return _unnamed(str(failure))
    if isinstance(failure, Interrupted) or not isinstance(failure, Exception):
        return "Interrupted by a person. A run is kept whole or not at all; start it again at any time"
    if isinstance(failure, OSError) and failure.strerror:
        return f"Operating system error: {failure.strerror}. Correct the cause, then start the run again"
    return (
        f"Something unforeseen happened ({type(failure).__name__}). "
        "Run the command by hand with --debug (partner-certs nightly, account, release or draft), and report its output"
    )


# ---------------------------------------------------------------------------------------------------------------------

_QUOTED = re.compile(r"""(?<!\w)(['"])(?:\\.|(?!\1).)*\1(?!\w)""")
_REPORT_FILE = re.compile(r"certifications-\S*?([A-Za-z0-9_]+)\.csv")
_COLUMNS = {column.field for column in COLUMNS} | {"Account Name", "Account ID"}


def _what_was_released(release: Release) -> str:
    if release["released"]:
        return "Approved and released"
    if release["passed_over"]:
        return "Approved, not released: what is ready is from a run that finished later"
    return "Nothing to release: ready/ has this report already"


def _refusal(refused: ExportRefused) -> str:
    """The message of a refusal: the rules that the export breaks. Its own message may name accounts."""
    if not refused.faults:
        return (
            "The export does not have exactly one account of that name or id, or has nothing to read; nothing was "
            "kept. Give the account's id. See similar names with: partner-certs account NAME"
        )
    rules = dict.fromkeys(_rule(fault.rule, fault.row) for fault in refused.faults)
    remedies = dict.fromkeys(fault.remedy for fault in refused.faults)
    return f"The export was refused; nothing was kept. Rules it breaks: {_first(rules)}. {next(iter(remedies))}"


def _rule(rule: str, row: int | None) -> str:
    return f"{rule} (row {row})" if row else rule


def _unnamed(message: str) -> str:
    """The message without quoted texts, which may be names, except our columns and the ids of runs."""
    clean = _QUOTED.sub(lambda quoted: quoted[0] if _is_ours(quoted[0][1:-1]) else "(not shown here)", message)
    return _REPORT_FILE.sub(r"…-\1", clean)


def _is_ours(quoted: str) -> bool:
    return quoted in _COLUMNS or RUN.fullmatch(quoted) is not None


def _held(outcome: Outcome) -> list[HeldRow]:
    return outcome.manifest["held"] if outcome.manifest else []


def _reports(outcome: Outcome) -> list[ReportRow]:
    return outcome.manifest["reports"] if outcome.manifest else []


def _outcome_page(outcome: Outcome) -> str:
    held = [(_account(row), row["rows"], "", plural(row["faults"], "fault")) for row in _held(outcome)]
    reports = [(_account(row), row["rows"], row["change"], "") for row in _reports(outcome)]
    reports.sort(key=lambda line: line[2] == "unchanged")
    changes = Counter(change for _, _, change, _ in reports)
    facts = {
        "Run": outcome.run,
        "Folder": str(outcome.run_dir),
        **{what.replace("_", " ").capitalize(): f"{count:,}" for what, count in outcome.totals.items()},
        **{change.capitalize(): f"{changes[change]:,}" for change in ("new", "changed", "unchanged")},
    }
    facts |= {"Notice": _unnamed(" ".join(outcome.notices))} if outcome.notices else {}
    return _page(facts, ("account", "rows", "change", "held"), [*held, *reports])


def _release_page(released: Released) -> str:
    release = released.release
    moves = {"released": release["released"], "removed": release["removed"], "not released": release["passed_over"]}
    lines = [
        (_account(row), what, *released.reports.get(row["file"], ("", "")), "")
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


def _drafts_page(drafted: Drafted) -> str:
    kinds = {"refused": drafted.refused, "drafted": drafted.made, "drafted before": drafted.before}
    lines = [(_account(row), what, row.get("rows", "")) for what, rows in kinds.items() for row in rows]
    facts = {what.capitalize(): f"{len(rows):,}" for what, rows in kinds.items()}
    facts |= {"Notice": _unnamed(" ".join(drafted.notices))} if drafted.notices else {}
    return _page(facts, ("account", "what", "rows"), lines)


def _page(facts: dict[str, str], headings: tuple[str, ...], lines: Sequence[tuple[object, ...]]) -> str:
    listed = [f"- {what}: `{fact}`" for what, fact in facts.items()]
    table = [_line(headings), _line(["---"] * len(headings)), *(_line(line) for line in lines[:LISTED])]
    if len(lines) > LISTED:
        table += ["", f"and {len(lines) - LISTED:,} more accounts: manifest.json in the folder lists all"]
    return "\n".join([*listed, "", *table, ""])


def _line(cells: Iterable[object]) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def _account(row: AccountRow | DraftedRow) -> str:
    """An account without its name: its id, else the hash in its file name, else a text for rows without an account."""
    if row["account_id"]:
        return re.sub(r"[^\w.-]", "_", str(row["account_id"]), flags=re.ASCII)
    if not row["account"]:
        return "(rows without an account)"
    name = str(row["account"]).strip()
    return f"(no id) {sha256(name.encode()).hexdigest()[:8]}"


def _first(names: Iterable[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:NAMED]) + (f" and {len(listed) - NAMED:,} more" if len(listed) > NAMED else "")
