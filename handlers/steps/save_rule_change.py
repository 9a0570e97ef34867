from datetime import datetime

from bot.attribution import Rule
from bot.cards import rule_changes as cards
from bot.changes import Change
from bot.rule_changes import ABOUT, MadeChange, Reach, RuleChange, applied, place_of
from bot.rule_trials import Found, RegistryChanged
from storage.ledger import Ledger


async def save_rule_change(found: Found, by: str, ledger: Ledger, now: datetime) -> MadeChange:
    """Keep it, and have the records of before told anew. The organisation is held. Raises TooLate,
    RegistryChanged, and Unknown where the workflow is not registered.
    """
    change = found.change
    rules = await ledger.attribution_rules.all()
    if change.after is not None:
        await ledger.workflows.get(change.after.workflow)
    if found.version != await ledger.organisation.version():
        raise RegistryChanged("The registry has changed while this was tried. Try it again.")
    stood = None if change.before is None else place_of(change.before, rules)
    await ledger.attribution_rules.arrange(applied(change, rules), by, now)
    recount = await ledger.recounts.want(found.since, by, now)
    await ledger.changes.add(_audited(change, found.reach, by, now))
    made = await ledger.rule_changes.add(
        MadeChange(
            0,
            change.before,
            change.after,
            stood,
            recount.id,
            found.reach,
            found.moved.cost,
            found.moved.number,
            by,
            now,
            "",
            undoes=found.undoes.recount if found.undoes else None,
        )
    )
    await ledger.notices.post(made.notice, by, cards.moving(made, 0), now)
    return made


def _audited(change: RuleChange, reach: Reach, by: str, now: datetime) -> Change:
    before, after = _fields(change.before), _fields(change.after)
    if before == after and change.place is not None:
        after = {**after, "place": change.place + 1}
    reason = "" if reach is Reach.OPEN else reach.label
    return Change(now, by, ABOUT, f"rule {change.verb}", before, after, reason)


def _fields(rule: Rule | None) -> dict[str, str | int]:
    if rule is None:
        return {}
    return {"clue": rule.clue.value, "pattern": rule.pattern, "workflow": rule.workflow}
