"""Checks whether a Prefect server answers. Does not import Prefect, because a person is waiting for the answer."""

from http import HTTPStatus

from flows.orchestration.server import Server


def reachable(api_url: str) -> bool:
    """Whether the server at `api_url` (`http://host:4200/api`) reports that it is healthy."""
    return Server(api_url).is_healthy()


def accepts(api_url: str, user_and_password: str | None) -> bool:
    """Whether a healthy server accepts `user:password`, or does not ask for them."""
    answer = Server(api_url, user_and_password).ask("GET", "admin/version")
    return answer is None or answer.status not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


def reason(trouble: Exception) -> str:
    """Why Prefect's server could not be asked, and what to do; without the request."""
    status = getattr(getattr(trouble, "response", None), "status_code", None)
    if status == HTTPStatus.UNAUTHORIZED:
        return "it asks for user and password. Set PREFECT_API_AUTH_STRING to user:password"
    return f"{type(trouble).__name__}. Check that it runs" if status is None else f"it answers with {status}"
