"""The App Home: my workflows with bars, what waits for me, and what one does most."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bot.cards.glance import fed, role_of, standing, waiting_lines
from bot.cards.kit import actions, button, context, divider, header, section, when
from bot.cards.terms import titled
from bot.glances import Glance
from bot.notices import Block
from bot.positions import Position
from bot.workflows import Status

# Slack takes 100 blocks; each workflow is one, and the rest of the page needs some.
_SHOWN = 60


def home(seen: Glance, user: str, zone: str, now: datetime) -> dict[str, Any]:
    """A view of type `home`."""
    return {"type": "home", "blocks": list(_blocks(seen, user, zone, now))}


def _blocks(seen: Glance, user: str, zone: str, now: datetime) -> Iterator[Block]:
    yield from (header("Waiting for you"), *_waiting(seen))
    yield divider()
    yield from (header("My workflows"), *_workflows(seen, user))
    yield divider()
    yield _quick()
    data = fed(seen.positions[:_SHOWN])
    yield from [context(data)] if data else []
    yield context(f"As of {when(now, zone)}. `/budget help` lists every command.")


def _waiting(seen: Glance) -> list[Block]:
    lines = list(waiting_lines(seen))
    return [section(one) for one in lines] or [section("Nothing waits for you.")]


def _workflows(seen: Glance, user: str) -> Iterator[Block]:
    if not seen.positions:
        yield section("You own no workflow yet. *Register…* makes one.")
    for one in seen.positions[:_SHOWN]:
        yield section("\n".join(_entry(one, user)), _more(one))
    rest = len(seen.positions) - _SHOWN
    if rest > 0:
        yield context(f"and {rest} more: `/budget status` pages through them all.")


def _entry(position: Position, user: str) -> Iterator[str]:
    workflow = position.workflow
    yield f"{titled(workflow)} · *{workflow.status}* · {role_of(workflow, user)}"
    yield from standing(position)


def _more(position: Position) -> Block:
    """Asking for more on the cap with the least money left; the contract where there is none."""
    workflow, first = position.workflow, position.tightest
    if workflow.status is not Status.ACTIVE or first is None:
        return button("Show contract", "home.show", workflow.key)
    return button("Ask for more…", "request.open", f"{workflow.key}|{first.cap.kind.value}")


def _quick() -> Block:
    return actions(
        button("Ask for more…", "home.request", "-"),
        button("Register…", "home.register", "-"),
        button("Settings…", "settings.open", "-"),
        button("Refresh", "home.refresh", "-"),
    )
