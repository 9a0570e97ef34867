"""Modals and Home tabs as the workspace keeps them: ids, hashes, stacks."""

import secrets
import time
from dataclasses import replace

from playground.forms import first_values, kept_values
from playground.refusals import Refused
from playground.shapes import Json, Stack, View
from playground.workspace import Workspace

MOST_IN_A_STACK = 3


def new(body: Json, previous: View | None = None) -> View:
    id_ = f"V{secrets.token_hex(5).upper()}"
    return View(
        id=id_,
        body=body,
        hash=new_hash(),
        root_id=previous.root_id if previous else id_,
        previous_id=previous.id if previous else None,
        values=first_values(body["blocks"]),
    )


def new_hash() -> str:
    return f"{int(time.time())}.{secrets.token_hex(4)}"


def open_first(space: Workspace, user: str, body: Json) -> View:
    """A new stack with this one modal; what was open is gone."""
    view = new(body)
    space.show(Stack(user=user, views=(view,)))
    return view


def push(space: Workspace, user: str, body: Json) -> View:
    stack = space.stack(user)
    if len(stack.views) >= MOST_IN_A_STACK:
        raise Refused("push_limit_reached")
    view = new(body, stack.views[-1])
    space.show(replace(stack, views=(*stack.views, view)))
    return view


def changed(view: View, body: Json) -> View:
    """What a person has typed stays where block and element kept their ids."""
    values = kept_values(body["blocks"], view.values)
    return replace(view, body=body, hash=new_hash(), values=values, errors={})


def pop(space: Workspace, user: str, *, everything: bool = False) -> None:
    """Close the top modal; with `clear_on_close` or on demand, all of them."""
    stack = space.stack(user)
    left = () if everything else stack.views[:-1]
    space.show(replace(stack, views=left))


def find(space: Workspace, id_: str, external_id: str) -> tuple[str, View] | None:
    """Whose open modal this is, and the modal."""
    for stack in space.stacks:
        for view in stack.views:
            if view.id == id_ or (external_id and view.body.get("external_id") == external_id):
                return stack.user, view
    return None
