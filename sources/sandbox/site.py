"""One pretend Impartner: its data, its rules, and a record of its requests."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.requests import Request

from sources.sandbox.faults import Faults
from sources.sandbox.people import other_tenant
from sources.sandbox.tenant import Tenant


@dataclass
class Site:
    """Data, rules and requests. `asked`: path and query of each request; `spans`: when it came and was answered."""

    tenant: Tenant
    faults: Faults
    key: str
    tenant_id: str | None = None  # if set, requests that name another get another company's users
    maximum: int = 250  # users per page
    latency: float = 0.0  # seconds per answer
    pause: float = 1.0  # seconds between two requests, with the fault one-a-second
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    spans: list[tuple[float, float]] = field(default_factory=list)
    busiest: int = 0  # the most requests in progress at once
    let_in: int = 0  # requests with a valid key
    _busy: int = 0
    _next: float = 0.0

    def of(self, request: Request) -> Tenant:
        """The tenant that this request sees."""
        named = request.headers.get("x-prm-tenantid")
        wrong = self.tenant_id is not None and named not in (None, self.tenant_id)
        return other_tenant() if wrong or self.faults.strikes("wrong-tenant") else self.tenant

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Count and time one request while it is answered."""
        began = time.monotonic()
        self._busy += 1
        self.busiest = max(self.busiest, self._busy)
        try:
            yield
        finally:
            self._busy -= 1
            self.spans.append((began, time.monotonic()))

    def too_soon(self) -> bool:
        """Whether this request comes too soon after the last accepted one."""
        now = time.monotonic()
        if now < self._next:
            return True
        self._next = now + self.pause
        return False
