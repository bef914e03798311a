"""Checks who decides or releases, and why, before it is written to the ledger."""

from schemas.errors import WrongUsage

UNATTENDED = "--approve-unattended"  # the beginning of the reason of a policy's decisions


def who(by: str) -> str:
    """Who decides, trimmed; raises WrongUsage if nobody is named."""
    if name := clean(by):
        return name
    raise WrongUsage("Say who decides: add --by WHO")


def require_words(by: str, reason: str, *, older: bool) -> None:
    """Raise WrongUsage if `older` is used without who and why."""
    if older and not (by.strip() and reason.strip()):
        raise WrongUsage("--older needs --by WHO and --reason TEXT")


def clean(text: str) -> str:
    """The text for the ledger, trimmed; raises WrongUsage if it is not UTF-8."""
    if any("\ud800" <= sign <= "\udfff" for sign in text):  # bytes of the command line that are not UTF-8
        raise WrongUsage("--by and --reason must be UTF-8. Type them again")
    return text.strip()
