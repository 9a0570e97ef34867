from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import TypeVar

import structlog

from storage.ledger import Ledger

_One = TypeVar("_One")
_Done = TypeVar("_Done")

log = structlog.get_logger()


async def each_apart(
    ledger: Ledger, due: Iterable[_One], act: Callable[[_One], Awaitable[_Done]]
) -> list[_Done]:
    """What came of each that is due; one that fails is undone, logged and left out, so that it
    never stands in the way of the others.
    """
    done = []
    for one in due:
        try:
            async with ledger.attempt():
                done.append(await act(one))
        except Exception:
            log.exception("one of several failed; the others go on", **_named(act, one))
    return done


async def together_or_apart(
    ledger: Ledger, due: Collection[_One], act: Callable[[Collection[_One]], Awaitable[object]]
) -> None:
    """All in one go, with as few questions as that takes; where that fails, each by itself."""
    if not due:
        return
    try:
        async with ledger.attempt():
            await act(due)
    except Exception:
        log.exception("failed for all at once; each is tried apart", **_named(act, None))
        await each_apart(ledger, due, lambda one: act([one]))


def _named(act: object, one: object) -> dict[str, str]:
    """What the log says of it, without any text of people."""
    known = (getattr(one, name, None) for name in ("workflow", "key", "team", "person", "id"))
    row = next((each for each in known if isinstance(each, str)), None)
    return {"act": getattr(act, "__qualname__", "act"), "row": row or type(one).__name__}
