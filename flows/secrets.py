"""Secrets: as the settings have them, or out of the Secret block of Prefect that they name."""

from flows.settings import PREFIX


def secret(value: str | None, block: str | None, setting: str) -> str | None:
    """The secret in the block, if one is named, else the value. setting: the variable that names the block, without
    what all begin with. Raises WrongUsage if the block can't be read."""
    if not block:
        return value
    from flows.orchestration.secret_block import secret_from_block  # late: Prefect, for those who keep secrets there

    return secret_from_block(block, f"{PREFIX}{setting}")
