"""The forms of a weekly review: what stands in them, and what was entered."""

from datetime import date
from typing import Any

from bot.cards.kit import named, section
from bot.money import as_typed, read_usd, say
from bot.names import tidy
from bot.periods import CapKind
from bot.refusal import Refusal
from bot.review_decisions import Cap, Recommendation, Reroute, Retire
from bot.workflows import Tier, Workflow
from handlers.slack.calls import View
from handlers.slack.forms import choice_input, date_input, modal, text_input

_ALWAYS = (CapKind.WEEKLY, CapKind.MONTHLY)


def cap_form(
    workflow: Workflow, private: dict[str, Any], meant: Recommendation | None = None
) -> View:
    """Filled in with the cap that is recommended, where one is."""
    kinds = [kind for kind in CapKind if kind in _ALWAYS or workflow.caps.of(kind) is not None]
    choices = [(kind.value, _cap_now(workflow, kind)) for kind in kinds]
    present = [kind for kind, _ in workflow.caps.present() if kind in _ALWAYS]
    kind, amount = (meant.kind, meant.amount) if meant else (None, None)
    first = next((one.value for one in (kind, *present) if one), None)
    return modal(
        "review.cap",
        "Change a cap",
        (
            section(_about(workflow)),
            choice_input("cap", "Which cap", choices, first, radio=True),
            text_input(
                "amount",
                "New cap, in USD",
                None if amount is None else as_typed(amount),
                placeholder="400",
                hint="Lower holds at once. Higher is asked of the approver first.",
                limit=40,
            ),
        ),
        private=private,
    )


def read_cap(values: dict[str, Any]) -> Cap:
    """Raises Refusal naming the field."""
    amount = values.get("amount")
    if not amount:
        raise Refusal("Write an amount in US dollars.", field="amount")
    return Cap(CapKind(values["cap"]), read_usd(tidy(amount), field="amount"))


def reroute_form(
    workflow: Workflow, private: dict[str, Any], meant: Recommendation | None = None
) -> View:
    choices = [(tier.value, _tier_now(workflow, tier)) for tier in Tier]
    return modal(
        "review.reroute",
        "Reroute",
        (
            section(_about(workflow)),
            choice_input(
                "tier",
                "Default model tier",
                choices,
                meant.tier.value if meant and meant.tier else None,
                hint="The record changes at once, and can be undone for a day. "
                "The bot switches no models itself.",
                radio=True,
            ),
        ),
        submit="Reroute",
        private=private,
    )


def read_tier(values: dict[str, Any]) -> Reroute:
    return Reroute(Tier(values["tier"]))


def retire_form(workflow: Workflow, today: date, private: dict[str, Any]) -> View:
    return modal(
        "review.retire",
        "Retire",
        (
            section(_about(workflow)),
            date_input(
                "retire_on",
                "Last day",
                workflow.retire_on or today,
                hint="It stays active through that day; until then it can be kept after all.",
            ),
        ),
        submit="Next",
        private=private,
    )


def read_last_day(values: dict[str, Any]) -> Retire:
    return Retire(date.fromisoformat(values["retire_on"]))


def sure_form(workflow: Workflow, retire: Retire, private: dict[str, Any]) -> View:
    """The second look before a retirement is set."""
    text = (
        f"{_about(workflow)} stays active through *{retire.on:%a %-d %b %Y}* and is retired after "
        "it. Until then it can be kept after all. Later spend is flagged; the bot revokes no keys."
    )
    return modal(
        "review.retire_sure",
        "Retire it?",
        (section(text),),
        submit="Yes, retire it",
        private={**private, "retire_on": retire.on.isoformat()},
    )


def _about(workflow: Workflow) -> str:
    return f"*{named(workflow.name)}* (`{workflow.key}`)"


def _cap_now(workflow: Workflow, kind: CapKind) -> str:
    cap = workflow.caps.of(kind)
    return f"{kind.value.capitalize()} cap, {f'now {say(cap)}' if cap is not None else 'none yet'}"


def _tier_now(workflow: Workflow, tier: Tier) -> str:
    return f"{tier.value.capitalize()}{' (now)' if tier is workflow.tier else ''}"
