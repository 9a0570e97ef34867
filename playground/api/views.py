import json
from dataclasses import replace
from typing import Any

from playground import blockkit, rendered, windows
from playground.api import places
from playground.api.arguments import Arguments
from playground.api.content import with_ids
from playground.refusals import Refused, invalid
from playground.shapes import Json, View
from playground.slack import Slack

LARGEST = 250_000


def open_(slack: Slack, args: Arguments) -> Json:
    body = _sent(slack, args, "modal")
    trigger = slack.triggers.exchange(args.text("trigger_id"))
    return _answer(slack, windows.open_first(slack.workspace, trigger.user, body))


def push(slack: Slack, args: Arguments) -> Json:
    """Only a trigger from inside an open modal can push another onto it."""
    body = _sent(slack, args, "modal")
    trigger = slack.triggers.exchange(args.text("trigger_id"))
    if trigger.view is None or not slack.workspace.stack(trigger.user).views:
        raise Refused("invalid_trigger_id")
    return _answer(slack, windows.push(slack.workspace, trigger.user, body))


def update(slack: Slack, args: Arguments) -> Json:
    body = _sent(slack, args, "modal", itself=args.maybe("view_id"))
    found = windows.find(slack.workspace, args.maybe("view_id"), args.maybe("external_id"))
    if found is None:
        raise Refused("not_found")
    user, view = found
    _same_hash(args, view)
    after = windows.changed(view, body)
    slack.workspace.keep_view(user, after)
    return _answer(slack, after)


def publish(slack: Slack, args: Arguments) -> Json:
    user = places.person(slack, args.text("user_id")).id
    if not slack.has_home:
        raise Refused("not_enabled")
    before = slack.workspace.homes.get(user)
    body = _sent(slack, args, "home")
    if before:
        _same_hash(args, before)
    after = windows.changed(before, body) if before else windows.new(body)
    slack.workspace.homes[user] = after
    slack.workspace.tell("home", user=user)
    return _answer(slack, after)


def _same_hash(args: Arguments, view: View) -> None:
    if args.maybe("hash") and args.maybe("hash") != view.hash:
        raise Refused("hash_conflict")


def _sent(slack: Slack, args: Arguments, surface: blockkit.Surface, itself: str = "") -> Json:
    body = read_view(args.json("view"), surface)
    taken = windows.find(slack.workspace, "", body.get("external_id", ""))
    if (
        taken
        and taken[1].id != itself
        and taken[1].body.get("external_id") != args.maybe("external_id")
    ):
        raise Refused("duplicate_external_id")
    return body


def read_view(view: Any, surface: blockkit.Surface) -> Json:  # noqa: ANN401 - JSON
    """A view as sent, checked; `view_too_large` past 250 kB."""
    if not isinstance(view, dict):
        raise invalid("invalid_arguments", ["missing required field: view"])
    if len(json.dumps(view)) > LARGEST:
        raise Refused("view_too_large")
    problems = blockkit.problems(view, surface)
    if problems:
        raise invalid("invalid_arguments", problems)
    return view | {"blocks": with_ids(view["blocks"])}


def _answer(slack: Slack, view: View) -> Json:
    return {"view": rendered.view(replace(view, values={}), slack.workspace)}
