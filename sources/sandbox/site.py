"""One pretend Impartner: its data, its rules, and what it was asked."""

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
    """Its data and its rules. `asked`: path and query of each request; `spans`: when it came and was answered."""

    tenant: Tenant
    faults: Faults
    key: str
    tenant_id: str | None = None  # with one, requests that name another get another company's users
    maximum: int = 250
    latency: float = 0.0
    pause: float = 1.0  # seconds between two requests, if more are too many
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    spans: list[tuple[float, float]] = field(default_factory=list)
    busiest: int = 0  # the most requests that were answered at one time
    let_in: int = 0  # requests with a valid key
    _busy: int = 0
    _next: float = 0.0

    def of(self, request: Request) -> Tenant:
        """The tenant that this request gets to see."""
        named = request.headers.get("x-prm-tenantid")
        wrong = self.tenant_id is not None and named not in (None, self.tenant_id)
        return other_tenant() if wrong or self.faults.strikes("wrong-tenant") else self.tenant

    @contextmanager
    def answering(self) -> Iterator[None]:
        """One more request is being answered."""
        began = time.monotonic()
        self._busy += 1
        self.busiest = max(self.busiest, self._busy)
        try:
            yield
        finally:
            self._busy -= 1
            self.spans.append((began, time.monotonic()))

    def too_soon(self) -> bool:
        """Whether this request comes too soon after the last one that did not."""
        now = time.monotonic()
        if now < self._next:
            return True
        self._next = now + self.pause
        return False

    def answers_in_a_row(self) -> int:
        """How many answers were waited for one after another: requests in flight together are one."""
        count, until = 0, 0.0
        for began, ended in sorted(self.spans, key=lambda span: span[1]):
            if began >= until:
                count, until = count + 1, ended
        return count
