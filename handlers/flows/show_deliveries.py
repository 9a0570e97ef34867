from datetime import datetime

from bot.cards import sendings as cards
from bot.cards.sendings import Seen
from bot.notices import Card
from bot.people import check_may_edit
from bot.periods import local_day, midnight
from bot.policy import Organisation
from handlers.steps.delivery_scope import delivery_scope
from handlers.steps.find_workflow import find_workflow
from handlers.steps.skipped_alerts import skipped_alerts
from storage.ledger import Ledger

_MOST = 40
_MOST_QUIET = 10


async def show_deliveries(
    words: str, *, by: str, start: int, ledger: Ledger, organisation: Organisation, now: datetime
) -> Card:
    """What was sent, waits and failed: of one workflow, or of all the person answers for. Raises
    Refusal.
    """
    key = await _meant(words, by, ledger, organisation, now) if words else ""
    about = [key] if key else await delivery_scope(ledger, organisation, by, now)
    found = await ledger.sendings.latest(about, _MOST + 1, start)
    zone = organisation.policy.timezone
    today = midnight(local_day(now, zone), zone)
    skipped = await skipped_alerts(ledger, key, now) if key else ()
    tally = await ledger.sendings.tally(about, today)
    quiet = await ledger.sendings.quiet(about, _MOST_QUIET) if start == 0 else ()
    more = len(found) > _MOST
    return cards.listed(Seen(key, tally, found[:_MOST], zone, start, more, skipped, quiet))


async def _meant(
    words: str, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> str:
    workflow = await find_workflow(ledger, words, by=by, verb="deliveries")
    team = await ledger.teams.get(workflow.team)
    check_may_edit(by, workflow, team, organisation, now, deed="see the deliveries of")
    return workflow.key
