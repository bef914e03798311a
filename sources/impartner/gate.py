"""How many requests may be in flight: fewer when the server asks to slow down, gradually more after successes."""

import asyncio
from types import TracebackType

STEADY = 4  # successes in a row that allow one more request in flight


class Gate:
    """Use as `async with` around each request. Belongs to one event loop."""

    def __init__(self, most: int) -> None:
        self.width = most  # how many may be in flight now
        self._most = most
        self._inside = 0
        self._well = 0
        self._closed_until = 0.0
        self._changed = asyncio.Event()

    async def __aenter__(self) -> None:
        while self._inside >= self.width or self._closed_for() > 0:
            if self._closed_for() > 0:
                await asyncio.sleep(self._closed_for())
            else:
                await self._changed.wait()
        self._inside += 1

    async def __aexit__(
        self, _kind: type[BaseException] | None, _problem: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._inside -= 1
        self._wake()

    def went_well(self) -> None:
        """Count a success."""
        self._well += 1
        if self._well >= STEADY and self.width < self._most:
            self._well = 0
            self.width += 1
            self._wake()

    def slow_down(self) -> None:
        """Allow half as many requests from now on, at least one."""
        self._well = 0
        self.width = max(1, self.width // 2)

    def close(self, seconds: float) -> None:
        """Start no request for this long; those in flight go on."""
        self._closed_until = max(self._closed_until, asyncio.get_running_loop().time() + seconds)

    def _closed_for(self) -> float:
        return self._closed_until - asyncio.get_running_loop().time()

    def _wake(self) -> None:
        """Wake all waiting requests."""
        self._changed.set()
        self._changed = asyncio.Event()
