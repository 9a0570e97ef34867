from dataclasses import replace

from fastapi import APIRouter

from playground.control import asked
from playground.link import joining
from playground.shapes import Channel, Json, Person
from playground.slack import Slack


def routes(slack: Slack) -> APIRouter:
    router = APIRouter(prefix="/control", tags=["the workspace"])

    @router.post("/channel")
    async def channel(given: asked.EditChannel) -> Json:
        """Make or change a channel; the bot hears of who joins."""
        before = slack.workspace.channels.get(given.id)
        after = _edited(before or Channel(id=given.id, name=given.id.lower()), given, slack)
        newcomers = set(after.members) - set(before.members if before else ())
        joining.admit(slack.workspace, slack.events, after, sorted(newcomers))
        return {"channel": after}

    @router.post("/user")
    async def user(given: asked.EditUser) -> Json:
        """Make or change a person; the bot hears of a change."""
        return {"user": await _kept(slack, given)}

    @router.post("/reset")
    async def reset() -> Json:
        """Everything as the seed has it; faults end and the call log is empty."""
        await slack.events.close()
        slack.workspace.reset()
        slack.faults.end()
        slack.calls.clear()
        slack.limits.clear()
        return {"ok": True}

    return router


async def _kept(slack: Slack, given: asked.EditUser) -> Person:
    known = slack.workspace.people.get(given.id)
    before = known or Person(id=given.id, name=given.id.lower())
    after = replace(before, **given.model_dump(exclude_none=True))
    slack.workspace.people[after.id] = after
    slack.workspace.tell("user", user=after.id)
    if known is not None:
        await joining.account_changed(slack.workspace, slack.events, after)
    return after


def _edited(channel: Channel, given: asked.EditChannel, slack: Slack) -> Channel:
    archived = channel.is_archived if given.archive is None else given.archive
    private = channel.is_private if given.is_private is None else given.is_private
    return replace(
        channel,
        name=given.name or channel.name,
        is_archived=archived,
        is_private=private,
        members=_members(channel, given, slack.workspace.bot.user_id),
    )


def _members(channel: Channel, given: asked.EditChannel, bot: str) -> tuple[str, ...]:
    members = list(channel.members if given.members is None else given.members)
    if given.kick_bot:
        members = [user for user in members if user != bot]
    if given.invite_bot and bot not in members:
        members.append(bot)
    return tuple(members)
