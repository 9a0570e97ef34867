"""The registry's conversations; whatever is shown is also held to Slack's limits."""

from bot.notices import Card
from handlers.desk import Desk
from handlers.slack.calls import Closes, Opens, Pressed, Shows, Slow, Submitted, Typed
from handlers.slack.router import ACTIONS, COMMANDS, VIEWS
from playground.blockkit import problems
from tests.builders import SAM, a_team, an_organisation


async def settled(database, *workflows, teams=None):
    """A desk on a database that holds an organisation, its teams and these workflows."""
    async with database.ledger() as ledger:
        await ledger.organisation.save(an_organisation())
        for team in teams or (a_team(),):
            await ledger.teams.save(team)
        for workflow in workflows:
            await ledger.workflows.add(workflow)
    return Desk(database, (SAM,))


async def types(desk, user, text, channel="C0SEARCH"):
    """`/budget text`."""
    verb, _, words = text.partition(" ")
    return shown(await there(COMMANDS[verb](Typed(user, channel, words, "trigger"), desk)))


async def presses(desk, user, action, value, view=None, **values):
    held = {**entered(view), **values} if view else {}
    call = Pressed(user, action, value, "t", channel="C0SEARCH", ts="1.1", view=view, values=held)
    return shown(await there(ACTIONS[action](call, desk)))


async def submits(desk, user, answer, **values):
    """The form that was shown, with these fields filled in."""
    view = answer.view
    call = Submitted(user, view["callback_id"], view, {**entered(view), **values})
    return shown(await there(VIEWS[view["callback_id"]](call, desk)))


async def there(answering):
    answer = await answering
    return await answer.work() if isinstance(answer, Slow) else answer


def entered(view):
    """What a form holds when it opens, by field."""
    inputs = [block for block in view["blocks"] if block["type"] == "input"]
    return {block["block_id"]: _initial(block["element"]) for block in inputs}


def _initial(element):
    option = element.get("initial_option") or {}
    names = ("initial_value", "initial_date", "initial_time", "initial_user", "initial_channel")
    return option.get("value") or next((element[n] for n in names if n in element), None)


def shown(answer):
    if isinstance(answer, Opens | Shows):
        assert problems(answer.view, "modal") == []
    card = answer.card if isinstance(answer, Closes) else answer
    if isinstance(card, Card):
        holds(card)
    return answer


def holds(card):
    """The card, after Slack would have taken it."""
    assert card.text.strip()
    assert problems({"text": card.text, "blocks": list(card.blocks)}, "message") == []
    return card


async def stored(database, key="search-ranking"):
    async with database.reading() as ledger:
        return await ledger.workflows.get(key)


async def trail(database, key="search-ranking"):
    async with database.reading() as ledger:
        return await ledger.changes.of(key)
