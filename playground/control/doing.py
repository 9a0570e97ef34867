from fastapi import APIRouter

from playground.acts import clicks, commands, shortcuts, submits, talk, who
from playground.acts.impossible import Impossible
from playground.control import asked, shown
from playground.link.delivery import Answer
from playground.shapes import Json
from playground.slack import Slack


def routes(slack: Slack) -> APIRouter:
    router = APIRouter(prefix="/control", tags=["what people do"])
    _on_messages(router, slack)
    _on_windows(router, slack)
    _talking(router, slack)
    return router


def _on_messages(router: APIRouter, slack: Slack) -> None:
    @router.post("/command")
    async def command(given: asked.Command) -> Json:
        """Type a slash command; answers when the bot has."""
        since = slack.workspace.new_ts()
        answer = await commands.command(slack, given.user, given.channel, given.text)
        return shown.answer(answer) | shown.seen_by(slack, given.user, since)

    @router.post("/click")
    async def click(given: asked.Click) -> Json:
        """Click a button or pick from a menu: on a message, in a modal or in App Home."""
        since = slack.workspace.new_ts()
        answer = await _click(slack, given)
        return shown.answer(answer) | shown.seen_by(slack, given.user, since)

    @router.post("/shortcut")
    async def shortcut(given: asked.Shortcut) -> Json:
        """Use a shortcut of the manifest, on a message if one is named."""
        since = slack.workspace.new_ts()
        answer = await _shortcut(slack, given)
        return shown.answer(answer) | shown.seen_by(slack, given.user, since)


async def _shortcut(slack: Slack, given: asked.Shortcut) -> Answer:
    if not given.ts:
        return await shortcuts.use_global(slack, given.user, given.callback_id)
    return await shortcuts.use_on_message(
        slack, given.user, given.callback_id, given.channel or "", given.ts
    )


async def _click(slack: Slack, given: asked.Click) -> Answer:
    wanted = _wanted(given)
    if given.view or given.view_id:
        submits.fill(slack, given.user, given.values)
        view = submits.top(slack, given.user, given.view_id)
        return await clicks.click_view(slack, given.user, view, wanted)
    if given.home:
        home = slack.workspace.homes.get(given.user)
        if home is None:
            raise Impossible(f"the bot has published no Home for {given.user}")
        return await clicks.click_view(slack, given.user, home, wanted)
    return await clicks.click_message(slack, given.user, given.channel, given.ts, wanted)


def _wanted(given: asked.Click) -> clicks.Wanted:
    return clicks.Wanted(
        action_id=given.action_id,
        block_id=given.block_id,
        label=given.label,
        value=given.value,
        option=given.option,
        forge=given.forge,
        from_channel=given.from_channel,
    )


def _on_windows(router: APIRouter, slack: Slack) -> None:
    @router.post("/submit")
    async def submit(given: asked.Submit) -> Json:
        """Fill in the top modal and press its button."""
        since = slack.workspace.new_ts()
        outcome = await submits.submit(slack, given.user, given.values, force=given.force)
        seen = shown.seen_by(slack, given.user, since)
        view = seen["views"][-1] if seen["views"] else None
        told = {"outcome": outcome.outcome, "errors": outcome.errors, "by": outcome.by}
        return told | {"problem": outcome.problem, "view": view} | seen

    @router.post("/close")
    async def close(given: asked.ByUser) -> Json:
        """Close the top modal."""
        answer = await submits.close(slack, given.user)
        return shown.answer(answer) | shown.seen_by(slack, given.user)

    @router.post("/home")
    async def home(given: asked.ByUser) -> Json:
        """Open App Home; answers with what the bot has published."""
        await talk.open_home(slack, given.user)
        return {"view": shown.view(slack, slack.workspace.homes.get(given.user))}


def _talking(router: APIRouter, slack: Slack) -> None:
    @router.post("/message")
    async def message(given: asked.Message) -> Json:
        """Post as a person; answers when the bot has taken the events."""
        said = await talk.say(slack, given.user, given.channel, given.text, given.thread_ts)
        return {"ts": said.ts, "channel": said.channel, "message": shown.message(slack, said)}

    @router.post("/reply")
    async def reply(given: asked.Reply) -> Json:
        """Reply in the message's thread."""
        said = await talk.say(slack, given.user, given.channel, given.text, given.ts)
        return {"ts": said.ts, "channel": said.channel, "message": shown.message(slack, said)}

    @router.post("/react")
    async def react(given: asked.React) -> Json:
        """Add a reaction, or take one's own back."""
        await talk.react(slack, given.user, given.channel, given.ts, given.name)
        place = who.channel(slack, given.channel)
        return shown.message(slack, who.message(slack, place, given.ts, given.user))
