"""The words of refusals: why an account gets no draft, and what to do about it."""

from collections.abc import Sequence

from exports.reports.rows import people
from flows.mail.accounts import Row
from flows.mail.recipients import Doubt
from flows.mail.request import Refused
from schemas.columns import COLUMNS
from schemas.faults import Fault
from schemas.names import SHOWN


def refused(row: Row, to: Sequence[str], why: str) -> Refused:
    """A refusal whose words name no addresses."""
    return Refused(row, to, why, why)


def without_recipient(row: Row, report: bytes) -> Refused:
    """Nobody is named as recipient; the report's administrators are suggested."""
    return Refused(row, (), f"{_NOBODY}{_candidates(report)}. {_SAY_WHO}", f"{_NOBODY}. {_SAY_WHO}")


def doubtful(row: Row, to: Sequence[str], doubts: Sequence[Doubt]) -> Refused:
    """Recipients may not have the report, or must be confirmed first."""
    new = [doubt.address for doubt in doubts if doubt.kind == "new"]
    why, plain = (" ".join(words) for words in zip(*((doubt.why, doubt.plain) for doubt in doubts), strict=True))
    return Refused(row, to, why, plain, new if len(new) == len(doubts) else ())


def faulty_contact(row: Row, to: Sequence[str], file: str, faults: Sequence[Fault]) -> Refused:
    """The account's row in a file of contacts has faults."""
    return Refused(row, to, _of_faults(file, faults), _of_faults(file, faults, found=False))


# ---------------------------------------------------------------------------------------------------------------------

_NOBODY = "No recipient is set for the report"
_SAY_WHO = "Say who: partner-certs contacts set, or --to ADDRESS, or --no-to for a draft without a recipient"
_ADMINISTRATOR = COLUMNS[9].heading


def _of_faults(file: str, faults: Sequence[Fault], *, found: bool = True) -> str:
    return " ".join(
        f"{file}, row {fault.row}, column {fault.column}: {fault.rule}."
        + (f" Found: {fault.found!r}." if found else "")
        + f" {fault.remedy}."
        for fault in faults
    )


def _candidates(report: bytes) -> str:
    administrators = [one for one in people(report) if one.get(_ADMINISTRATOR)]
    shown = ", ".join(f"{one['Full Name']} <{one['Email']}>" for one in administrators[:SHOWN])
    return f"; its administrators are {shown}" if shown else ""
