"""Messages of failures for Prefect, without personal data, because Prefect keeps them in plain text.

Of an error's own message, only what is known to name nobody is used.
"""

import re

from schemas.columns import COLUMNS
from schemas.errors import ExportRefused, Stop
from schemas.words import some

RUN = re.compile(r"[0-9]{8}T[0-9]{6}Z-[a-z]{1,10}-[0-9a-f]{6}")  # a run's id
RULES = 5  # broken rules in a message


class StageFailed(Exception):  # noqa: N818  stands in for the original error
    """What Prefect gets to see of a failed stage: a message without personal data."""


class Interrupted(Exception):  # noqa: N818  not an error: somebody stopped the run
    """The run was stopped by a person."""


def safe_message(failure: BaseException) -> str:
    """What happened and what to do next, without personal data, whatever the exception's own message says."""
    if isinstance(failure, ExportRefused):
        return _refusal(failure)
    if isinstance(failure, StageFailed):
        return str(failure)
    if isinstance(failure, Stop):
        return unnamed(str(failure))
    if isinstance(failure, Interrupted) or not isinstance(failure, Exception):
        return "Interrupted by a person. A run is kept whole or not at all; start it again at any time"
    if isinstance(failure, OSError) and failure.strerror:
        return f"Operating system error: {failure.strerror}. Correct the cause, then start the run again"
    return (
        f"Something unforeseen happened ({type(failure).__name__}). "
        "Run the command by hand with --debug (partner-certs nightly, account, release or draft), and report its output"
    )


def unnamed(message: str) -> str:
    """A message without quoted texts, which may be names, except our columns and the ids of runs."""
    clean = _QUOTED.sub(lambda quoted: quoted[0] if _is_ours(quoted[0][1:-1]) else "(not shown here)", message)
    return _REPORT_FILE.sub(r"…-\1", clean)


# ---------------------------------------------------------------------------------------------------------------------

_QUOTED = re.compile(r"""(?<!\w)(['"])(?:\\.|(?!\1).)*\1(?!\w)""")
_REPORT_FILE = re.compile(r"certifications-\S*?([A-Za-z0-9_]+)\.csv")
_COLUMNS = {column.field for column in COLUMNS} | {"Account Name", "Account ID"}


def _refusal(refused: ExportRefused) -> str:
    """The message of a refusal: the rules that the export breaks. Its own message may name accounts."""
    if not refused.faults:
        return (
            "The export does not have exactly one account of that name or id, or has nothing to read; nothing was "
            "kept. Give the account's id. See similar names with: partner-certs account NAME"
        )
    rules = dict.fromkeys(_rule(fault.rule, fault.row) for fault in refused.faults)
    remedies = dict.fromkeys(fault.remedy for fault in refused.faults)
    return f"The export was refused; nothing was kept. Rules it breaks: {some([*rules], RULES)}. {next(iter(remedies))}"


def _rule(rule: str, row: int | None) -> str:
    return f"{rule} (row {row})" if row else rule


def _is_ours(quoted: str) -> bool:
    return quoted in _COLUMNS or RUN.fullmatch(quoted) is not None
