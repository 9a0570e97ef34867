"""What is asked back or explained in a weekly review's thread."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from bot.alerts import CapWatch
from bot.cards.alerts import ask_for_more, enforced
from bot.cards.kit import actions, button, clip, escape, named, person, section
from bot.cards.review_lines import key_said, lines
from bot.money import say
from bot.notices import Card
from bot.review_decisions import Retire
from bot.reviews import Item
from bot.workflows import Workflow

_LISTED = 12
_WHY = 200


def which_period(item: Item, amount: Decimal, asker: str) -> Card:
    text = (
        f"{person(asker)} {say(amount)} a week or a month for {key_said(item.workflow)}? "
        "Press one, or reply `cap … weekly` or `cap … monthly`."
    )
    value = f"{item.notice}|{amount.normalize():f}"
    return Card(
        text,
        (
            section(text),
            actions(
                button("Weekly", "review.cap_weekly", value),
                button("Monthly", "review.cap_monthly", value),
            ),
        ),
    )


def sure_to_retire(item: Item, retire: Retire, asker: str) -> Card:
    text = (
        f"{person(asker)} Retire {key_said(item.workflow)}? It stays active through "
        f"{retire.on:%a %-d %b %Y}; until then it can be kept after all. Press to confirm."
    )
    value = f"{item.notice}|{retire.on.isoformat()}"
    return Card(
        text,
        (
            section(text),
            actions(
                button("Yes, retire it", "review.retire_sure", value, style="danger"),
                button("Leave it", "review.leave", value),
            ),
        ),
    )


def not_taken(workflow: str | None, channel: str, why: str) -> Card:
    """A direct message about what was typed elsewhere. `why` is mrkdwn."""
    about = f" for {key_said(workflow)}" if workflow else ""
    return lines([f"Your answer{about} in <#{channel}> was not taken. {why}"])


def settled(workflow: str, answer: str) -> Card:
    """What a question becomes once it was answered."""
    return lines([f"{key_said(workflow)}: {answer}."])


def examples(asker: str, why: str, workflows: Sequence[str]) -> Card:
    return lines([f"{person(asker)} {escape(clip(why, _WHY))} {_like(workflows)}"])


def unclear(asker: str, why: str) -> Card:
    """Where the examples were said before."""
    return lines([f"{person(asker)} {escape(clip(why, _WHY))}"])


def yes_to_what(waiting: Sequence[Item], asker: str) -> Card:
    """What is suggested is not taken for granted by a yes."""
    one = waiting[0]
    suggested = one.figures.recommendation
    name = f" {one.workflow}" if waiting[1:] else ""
    hint = f" Suggested is *{suggested.choice}* for {key_said(one.workflow)}." if suggested else ""
    choices = f"`keep{name}`, `cap … weekly{name}`, `reroute cheap{name}` or `retire 30 Nov{name}`"
    return lines([f"{person(asker)} Which: {choices}?{hint}"])


def _like(workflows: Sequence[str]) -> str:
    like = "Reply like `keep`, `cap 400 monthly`, `cap 80/week`, `reroute cheap` or `retire 30 Nov`"
    match workflows:
        case [first, second, *_]:
            return f"{like}, and name the workflow: `keep {first}`, `cap 400 monthly {second}`."
        case _:
            return f"{like}."


def which_workflow(asker: str, workflows: Sequence[str]) -> Card:
    shown = ", ".join(f"`keep {key}`" for key in workflows[:_LISTED])
    return lines([f"{person(asker)} For which workflow? Name it, like {shown}."])


def lowered_cap(
    workflow: Workflow, sentences: Iterable[str], reached: tuple[CapWatch, ...]
) -> Card:
    """`reached`: the caps with a threshold behind them; then this is their alert."""
    shown = [
        f"*{named(workflow.name)}* ({key_said(workflow.key)}) has a new cap from the weekly review."
    ]
    shown += [*sentences, *([enforced(workflow)] if reached else [])]
    return Card(" ".join(shown), (section("\n".join(shown)), *ask_for_more(workflow.key, reached)))


def told(asker: str, why: str) -> Card:
    """Why a reply that was understood changes nothing."""
    return lines([f"{person(asker)} {why}"])
