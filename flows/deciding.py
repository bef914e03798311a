"""Deciding and releasing: approve, hold, reject, undo, release, and the policies of a night without a reviewer.

Plain functions; who asks, and what time it is, is passed in. Each writes under the home's lock, so that two reviewers
at once lose nothing. What a decision means later is told in `exports/ledger.py`, how ready/ changes in
`exports/ready.py`.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypedDict

from exports import ledger, ready
from exports.home import Home
from exports.standing import Standing, reports_folder
from flows.reviewing import State, accounts_frame, changes, look
from schemas.errors import NotAllowed, WrongUsage

Verdict = Literal["approve", "hold", "reject"]
Policy = Literal["none", "gains", "valid"]


class Decided(TypedDict):
    """One decision as `--json` shows it; `sha256` is null for a gone account."""

    account: str
    account_id: str | None
    sha256: str | None
    what: str


class Decisions(TypedDict):
    """What was decided, and how many accounts still wait."""

    run: str
    decided: list[Decided]
    waiting: int


class Report(TypedDict):
    """A report that came into ready/ or went out of it."""

    account: str
    account_id: str | None
    file: str
    sha256: str


class Release(TypedDict):
    """What a release did, and how many accounts of the run still wait."""

    run: str
    released: list[Report]
    removed: list[Report]
    waiting: int
    ready_dir: str


def decide(
    home: Home,
    what: Verdict,
    run: str = "latest",
    *,
    accounts: Sequence[str] = (),
    every: bool = False,
    by: str,
    reason: str = "",
    now: datetime,
) -> Decisions:
    """Decide about the named accounts, or about `every` one that needs a decision and has none.

    Accounts that need no decision (unchanged, held back) are passed over. Raises WrongUsage, and decides nothing, for
    an unknown or ambiguous account, without accounts, without `by`, or without a reason where one is needed.
    """
    by, reason = _who(by), _said(reason)
    if not accounts and not every:
        raise WrongUsage(f"Say what to {what}: --account NAME_OR_ID (repeatable) or --all")
    if accounts and every:
        raise WrongUsage("Give either --account or --all, not both")
    if what != "approve" and not reason:
        raise WrongUsage(f"To {what} needs a reason: add --reason TEXT")
    with _writing(home):
        state = look(home, home.manifest(run))
        chosen = _named(state, accounts) if accounts else state.missing
        chosen = [one for one in chosen if one.decision != "not needed"]
        if what == "approve" and not reason:
            _refuse_silent_loss(state, chosen)
        return _record(state, chosen, what, by, reason, now)


def undo(home: Home, run: str = "latest", *, accounts: Sequence[str] = (), by: str = "", now: datetime) -> Decisions:
    """Take back the decisions of this run that are not released; those accounts wait again.

    A decision carried over from an earlier run is taken back only for an account that is named. Raises WrongUsage,
    and takes nothing back, for an unknown or ambiguous account.
    """
    with _writing(home):
        state = look(home, home.manifest(run))
        if accounts:
            chosen = [one for one in _named(state, accounts) if one.line]
        else:
            chosen = [one for one in state.accounts if one.line and one.line["run"] == state.run]
        return _record(state, chosen, "undo", _said(by), "", now)


def decide_seen(
    home: Home,
    run: str,
    what: Literal["approve", "hold", "reject", "undo"],
    *,
    account: str,
    account_id: str | None,
    sha256: str | None,
    by: str,
    reason: str = "",
    now: datetime,
) -> Decisions:
    """Decide about one account of a page that shows it: it is known exactly, and so are the bytes that were seen.

    `sha256` is None for a gone account. Raises NotAllowed if the run has no such account with these bytes that could
    be decided about, else as `decide` does.
    """
    by, reason = _who(by), _said(reason)
    if what in ("hold", "reject") and not reason:
        raise WrongUsage(f"To {what} needs a reason")
    with _writing(home):
        state = look(home, home.manifest(run))
        seen = (account, account_id, sha256)
        chosen = [one for one in state.accounts if (one.account, one.account_id, one.sha256) == seen]
        chosen = [one for one in chosen if (one.line if what == "undo" else one.decision != "not needed")]
        if not chosen:
            raise NotAllowed("This account stands otherwise now than in the page. Reload the page and look again")
        if what == "approve" and not reason:
            _refuse_silent_loss(state, chosen)
        return _record(state, chosen, what, by, reason, now)


def approve_unattended(home: Home, run: str, policy: Policy, now: datetime) -> Decisions:
    """Approve what a policy lets through without a reviewer; the ledger names the policy as the decider.

    `gains`: changed accounts where people only joined, gained a course or changed a detail, and fewer than a fifth of
    the people now in the report did. `valid`: all that is not held, gone accounts too. Only where nothing is decided.
    """
    with _writing(home):
        state = look(home, home.manifest(run))
        chosen = state.missing if policy == "valid" else []
        if policy == "gains":
            chosen = _only_gains(state)
        return _record(state, chosen, "approve", policy, f"--approve-unattended {policy}", now)


def release(home: Home, run: str = "latest", *, now: datetime) -> Release:
    """Put the approved reports of a run into ready/, in one step; the others there stay as they are.

    What somebody altered or removed in ready/ becomes again what was approved.

    Raises NotAllowed, and releases nothing, if nothing is approved and something waits, if staged bytes are gone or
    are not those approved, or if two accounts would share a file name.
    """
    with _writing(home):
        state = look(home, home.manifest(run))
        waiting = len(state.missing)
        approved = [one for one in state.accounts if one.decision == "approved"]
        renamed = [one for one in state.accounts if _is_renamed(one, state.run)]
        if not approved and waiting and not _released_before(home, state.run):
            raise NotAllowed(
                f"Nothing of run {state.run} is approved. "
                f"Waiting for a decision: {waiting} of {len(state.accounts)} accounts. "
                f"See them with: partner-certs review {state.run}"
            )
        moved = [*(one for one in approved if one.report), *renamed]
        removed = [one.ready for one in approved if one.ready and not one.report]
        if moved or removed or ready.altered(home):
            _publish(state, approved, renamed, now)
        return {
            "run": state.run,
            "released": [_report(one.report) for one in moved if one.report],
            "removed": [_report(row) for row in removed],
            "waiting": waiting,
            "ready_dir": str(home.ready),
        }


@contextmanager
def _writing(home: Home) -> Iterator[None]:
    """Be the only writer; whoever is, first records a release that was killed before it could."""
    with home.writing():
        ready.finish(home)
        yield


def _who(by: str) -> str:
    if who := _said(by):
        return who
    raise WrongUsage("Say who decides: add --by WHO")


def _said(text: str) -> str:
    """What is going to stand in the ledger, trimmed."""
    if any("\ud800" <= sign <= "\udfff" for sign in text):  # bytes of a command line that are no text
        raise WrongUsage("What --by and --reason say must be UTF-8. Type it once more")
    return text.strip()


def _named(state: State, accounts: Sequence[str]) -> list[Standing]:
    """The accounts of these names or ids, without letter case, each once."""
    by_name: dict[str, list[Standing]] = {}
    for one in state.accounts:
        for name in {ledger.fold(one.account), ledger.fold(one.account_id or "")} - {""}:
            by_name.setdefault(name, []).append(one)
    chosen = [_only_one(name, by_name.get(ledger.fold(name), []), state.run) for name in accounts]
    return list({id(one): one for one in chosen}.values())


def _only_one(name: str, matches: Sequence[Standing], run: str) -> Standing:
    if len(matches) > 1 and all(ledger.fold(one.account_id or "") == ledger.fold(name) for one in matches):
        # ids that differ in letter case only: spelt out, they are told apart
        matches = [one for one in matches if one.account_id == name.strip()] or matches
    if len(matches) == 1:
        return matches[0]
    if not matches:
        raise WrongUsage(f"Run {run} has no account {name!r}. See its accounts with: partner-certs review {run} --json")
    ids = ", ".join(one.account_id or f"{one.account} (without an id)" for one in matches)
    raise WrongUsage(f"Several accounts are called {name!r}. Say which one by its id: {ids}")


def _refuse_silent_loss(state: State, chosen: Sequence[Standing]) -> None:
    """Somebody who approves that a person loses a course says why."""
    changed = [one for one in chosen if one.change == "changed"]
    if not changed:
        return
    lost = changes(state.only(changed)).filter(kind="lost")
    losing = [changed[place].account for place in lost["account"].unique().sort()]
    if losing:
        shown = ", ".join(losing[:5]) + (f" and {len(losing) - 5} more" if len(losing) > 5 else "")
        raise WrongUsage(f"Somebody loses a course in {shown}. Approving that needs --reason TEXT; nothing was decided")


def _only_gains(state: State) -> list[Standing]:
    """Those where nobody left or lost anything, and few people are touched."""
    from transforms.alarms import only_gains

    chosen = state.only(state.missing)
    return [chosen.accounts[place] for place in only_gains(changes(chosen, whole=False), accounts_frame(chosen))]


def _record(
    state: State,
    chosen: Sequence[Standing],
    what: ledger.What,
    by: str,
    reason: str,
    now: datetime,
) -> Decisions:
    """Write the decisions, and say what was decided and how many accounts wait now."""
    lines = [_line(one, what, state.run, by, reason, now) for one in chosen]
    ledger.append(state.home, lines)
    waiting = {id(one) for one in state.missing}
    decided = {id(one) for one in chosen}
    return {
        "run": state.run,
        "decided": [
            {"account": one.account, "account_id": one.account_id, "sha256": one.sha256, "what": what} for one in chosen
        ],
        "waiting": len(waiting | decided) if what == "undo" else len(waiting - decided),
    }


def _line(one: Standing, what: ledger.What, run: str, by: str, reason: str, now: datetime) -> ledger.Line:
    return {
        "at": _at(now),
        "what": what,
        "run": run,
        "account": one.account,
        "account_id": one.account_id,
        "sha256": one.sha256,
        "by": by,
        "reason": reason,
    }


def _at(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_renamed(one: Standing, run: str) -> bool:
    """Whether equal bytes of the same account have a newer name or file name than in ready/; run ids sort by time.

    An account that was known by its name takes the id that it has now; one that has an id keeps it.
    """
    if one.change != "unchanged" or one.report is None or one.ready is None or run <= one.ready["run"]:
        return False
    now, before = ([row[key] for key in ("account", "account_id", "file")] for row in (one.report, one.ready))
    return one.ready["account_id"] in (None, one.account_id) and now != before


def _released_before(home: Home, run: str) -> bool:
    return any(line["what"] == "release" and line["run"] == run for line in ledger.read(home))


def _publish(
    state: State,
    approved: Sequence[Standing],
    renamed: Sequence[Standing],
    now: datetime,
) -> None:
    """Make the new ready/: approved reports come in, gone ones go out, renamed ones take their name, others stay."""
    run = state.run
    replaced = {str(one.ready["file"]) for one in (*approved, *renamed) if one.ready}
    rows = [row for row in (ready.rows_of(state.ready) if state.ready else []) if row["file"] not in replaced]
    sources = {str(row["file"]): _kept(state, row) for row in rows}
    for one in renamed:
        if one.report and one.ready:
            names = {key: one.report[key] for key in ("account", "account_id", "file")}
            rows.append({**one.ready, **names, "run": run})
            sources[one.report["file"]] = _kept(state, one.ready)
    for one in approved:
        if one.report and one.line:
            rows.append({**one.report, "run": run, "approved_by": one.line["by"], "approved_at": one.line["at"]})
            sources[one.report["file"]] = reports_folder(state.home, run) / one.report["file"]
    lines = [_line(one, "release", run, _approver(one), "", now) for one in (*approved, *renamed)]
    ready.publish(state.home, sorted(rows, key=lambda row: str(row["file"])), sources, lines)


def _kept(state: State, row: Mapping[str, Any]) -> Path:
    """Where a report that stays has its bytes: in ready/, or, if somebody altered or removed it there, in a run."""
    wanted = state.ready / str(row["file"]) if state.ready else Path(row["file"])
    if ready.is_intact(wanted, row):
        return wanted
    same = [one.report["file"] for one in state.accounts if one.report and one.report["sha256"] == row["sha256"]]
    elsewhere = [
        reports_folder(state.home, row["run"]) / str(row["file"]),
        *(reports_folder(state.home, state.run) / str(file) for file in same),
    ]
    return next((path for path in elsewhere if ready.is_intact(path, row)), wanted)


def _approver(one: Standing) -> str:
    """Whose decision a release carries out."""
    return one.line["by"] if one.line else str((one.ready or {}).get("approved_by", ""))


def _report(row: Mapping[str, Any]) -> Report:
    return {"account": row["account"], "account_id": row["account_id"], "file": row["file"], "sha256": row["sha256"]}
