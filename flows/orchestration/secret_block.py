"""The key of Impartner out of a Prefect Secret block: there it is encrypted, and no environment shows it."""

from flows.orchestration.health import reason
from schemas.errors import WrongUsage


def key_from_block(name: str) -> str:
    """What the Secret block `name` holds. Raises WrongUsage if there is no such block, or no server to ask."""
    from prefect.blocks.system import Secret
    from prefect.settings import PREFECT_API_URL

    if PREFECT_API_URL.value() is None:  # Prefect would start a server of its own, which has no such block
        raise _not_to_be_had("PREFECT_API_URL is not set, so no Prefect server can be asked. Set it")
    try:
        return str(Secret.load(name, _sync=True).get())  # type: ignore[call-arg, union-attr]  # not in its signature
    except ValueError:
        problem = "The server has no Secret block of that name. Make it there, on the page Blocks"
    except Exception as trouble:  # noqa: BLE001  the client raises many kinds, and some of them carry the request
        problem = f"The Prefect server could not be asked: {reason(trouble)}"
    raise _not_to_be_had(problem)  # outside the except block: the key and the request stay out of the chain


def _not_to_be_had(problem: str) -> WrongUsage:
    return WrongUsage(f"The key of Impartner is to come from PARTNER_CERTS_IMPARTNER_KEY_BLOCK. {problem}")
