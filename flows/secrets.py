"""Secrets: from the settings, or from the Prefect Secret block that the settings name."""

from flows.setting_values import PREFIX


def secret(value: str | None, block: str | None, setting: str) -> str | None:
    """The secret in the block, if one is named, else the value. setting: the variable that names the block, without
    PREFIX. Raises WrongUsage if the block can't be read."""
    if not block:
        return value
    from flows.orchestration.secret_block import secret_from_block  # late: Prefect, only for a Secret block

    return secret_from_block(block, f"{PREFIX}{setting}")
