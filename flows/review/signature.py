"""Who decides or releases, and why: as it is going to be in the ledger."""

from schemas.errors import WrongUsage

UNATTENDED = "--approve-unattended"  # begins the reason of what a policy decides


def who(by: str) -> str:
    """Who decides, trimmed; raises WrongUsage if nobody is named."""
    if name := clean(by):
        return name
    raise WrongUsage("Say who decides: add --by WHO")


def require_words(by: str, reason: str, *, older: bool) -> None:
    """Raise WrongUsage if the newest truth is to be overruled without who does it and why."""
    if older and not (by.strip() and reason.strip()):
        raise WrongUsage("--older needs --by WHO and --reason TEXT")


def clean(text: str) -> str:
    """What is going to be in the ledger, trimmed; raises WrongUsage if it is no text."""
    if any("\ud800" <= sign <= "\udfff" for sign in text):  # bytes of a command line that are no text
        raise WrongUsage("What --by and --reason say must be UTF-8. Type it once more")
    return text.strip()
