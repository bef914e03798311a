"""Reads secrets from Prefect's Secret blocks, where they are encrypted and in no environment variable."""

from prefect.blocks.system import Secret
from prefect.settings import PREFECT_API_URL

from flows.orchestration.health import reason
from schemas.errors import WrongUsage


def secret_from_block(name: str, setting: str) -> str:
    """The value of the Secret block `name`, which the variable `setting` names.

    Raises WrongUsage if there is no such block, or no server to ask.
    """
    if PREFECT_API_URL.value() is None:  # Prefect would start a temporary server, which has no such block
        raise _no_secret(setting, "PREFECT_API_URL is not set, so no Prefect server can be asked. Set it")
    try:
        return str(Secret.load(name, _sync=True).get())  # type: ignore[call-arg, union-attr]  # not in its signature
    except ValueError:
        problem = "The server has no Secret block of that name. Create it on the page Blocks"
    except Exception as trouble:  # noqa: BLE001  the client raises many kinds, and some carry the request
        problem = f"The Prefect server could not be asked: {reason(trouble)}"
    raise _no_secret(setting, problem)  # outside the except block, so that the traceback has no request


def _no_secret(setting: str, problem: str) -> WrongUsage:
    return WrongUsage(f"{setting} names a Secret block of Prefect, but it can't be read. {problem}")
