"""Rules of attribution as a test wants them, beside those that are there."""

from datetime import datetime

from bot.attribution import Rule
from storage.ledger import Ledger


async def add_rule(ledger: Ledger, rule: Rule, by: str, now: datetime) -> None:
    """In the place of the one with its clue and pattern, else after all others."""
    rules = {(one.clue, one.pattern): one for one in await ledger.attribution_rules.all()}
    rules[rule.clue, rule.pattern] = rule
    await ledger.attribution_rules.arrange(list(rules.values()), by, now)


async def drop_rule(ledger: Ledger, rule: Rule, by: str, now: datetime) -> None:
    rules = await ledger.attribution_rules.all()
    left = [one for one in rules if (one.clue, one.pattern) != (rule.clue, rule.pattern)]
    await ledger.attribution_rules.arrange(left, by, now)
