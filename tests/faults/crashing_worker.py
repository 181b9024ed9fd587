"""A worker that ends without a word before or after a step of the chain, at its n-th time.

`DRIPLINE_TEST_CRASH=POINT:N`, the points named as in `POINTS`. Run as a module in place of the worker.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from streams import cli, outbox, store, transport
from streams.app import WorkerApp

POINTS = {
    "outputs": (outbox.Outbox, "send"),
    "changelog": (outbox.Outbox, "write"),
    "store": (store.MemoryStore, "apply"),
    "acknowledged": (WorkerApp, "finished"),
    "committed": (transport.CommittedThread, "commit"),
}


def crash_at(where: str, name: str, times: int) -> None:
    """Make the process end `before` or `after` the n-th call of a step."""
    owner, method = POINTS[name]
    real: Callable[..., Any] = getattr(owner, method)
    calls = 0

    def due() -> bool:
        nonlocal calls
        calls += 1
        return calls >= times

    async def awaited(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - stands in for any step
        last = due()
        if last and where == "before":
            os._exit(9)
        result = await real(*arguments, **options)
        if last:
            os._exit(9)
        return result

    def called(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - stands in for any step
        last = due()
        if last and where == "before":
            os._exit(9)
        result = real(*arguments, **options)
        if last:
            os._exit(9)
        return result

    is_async = name in ("outputs", "changelog", "committed")
    setattr(owner, method, awaited if is_async else called)


if __name__ == "__main__":
    point, _, times = os.environ["DRIPLINE_TEST_CRASH"].partition(":")
    where, _, name = point.partition("_")
    crash_at(where, name, int(times))
    cli.main()
