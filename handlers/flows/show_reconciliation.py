from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.account_months import (
    AccountMonth,
    BilledDay,
    Reconciled,
    as_they_stand,
    check_may_reconcile,
    month_of,
)
from bot.cards import reconciliation as cards
from bot.cards.freshness import with_freshness
from bot.charges import DAY, utc_day
from bot.names import quoted
from bot.notices import Card
from bot.policy import Organisation
from bot.refusal import Unknown
from handlers.steps.read_billing import Billing, read_billing
from handlers.steps.read_feeds import read_all_feeds
from handlers.steps.read_unmatched import read_unmatched
from storage.ledger import Ledger

_MOST_CORRECTED = 30


@dataclass(frozen=True)
class _Stand:
    """Days of a month that wait for the clock and days ahead, by account; and how far each source
    has told.
    """

    month: datetime
    waiting: Mapping[str, int]
    ahead: Mapping[str, int]
    fresh: Mapping[str, datetime]


class Reconciliation:
    """What one person is shown of bills. Raises NotAllowed."""

    def __init__(self, by: str, ledger: Ledger, organisation: Organisation, now: datetime) -> None:
        check_may_reconcile(by, organisation, now)
        self._ledger = ledger
        self._organisation = organisation
        self._now = now

    async def accounts(self, month: datetime) -> Card:
        billing, stand = await self._billing(), await self._stand(month)
        noted = await self._ledger.reconciliations.between(*month_of(month))
        waiting = {name for name in (*stand.waiting, *stand.ahead) if billing.of(name)}
        named = sorted({one.account for one in noted} | waiting)
        months = [await self._month(billing, name, stand) for name in named]
        return await self._with_freshness(cards.accounts(months, month), month)

    async def account(self, account: str, month: datetime, start: int = 0) -> Card:
        billing = await self._known(account)
        seen = await self._month(billing, account, await self._stand(month))
        return await self._with_freshness(cards.account(seen, month, start), month, account)

    async def unmatched(self, account: str, month: datetime, start: int = 0) -> Card:
        """Lines that no rule matches."""
        billing = await self._known(account)
        nobodys = await read_unmatched(account, month, billing, self._ledger)
        shown = cards.unmatched(account, month, nobodys, start)
        return await self._with_freshness(shown, month, account)

    async def day(self, account: str, day: datetime, start: int = 0) -> Card:
        billing = await self._known(account)
        sources = billing.of(account)
        came_to = await self._days(billing, account, day, day + DAY)
        charges = await self._ledger.charges.of_day(account, day)
        lines = [
            (charge, billing.whose(charge.trace(source)))
            for source, charge in charges
            if source in sources
        ]
        lines.sort(key=lambda line: (-abs(line[0].cost), line[0].id))
        corrected = await self._ledger.bill_lines.corrected(account, sources, day, _MOST_CORRECTED)
        seen = BilledDay(account, day, came_to[0] if came_to else None, lines, corrected)
        shown = cards.day(seen, start, self._organisation.policy.timezone)
        return await self._with_freshness(shown, day, account)

    async def _with_freshness(
        self, card: Card, since: datetime, account: str | None = None
    ) -> Card:
        feeds = await read_all_feeds(self._ledger, since, self._now, account=account)
        return with_freshness(card, feeds, self._organisation.policy.timezone)

    async def _billing(self) -> Billing:
        keys = {one.key for one in await self._ledger.workflows.all()}
        return await read_billing(self._ledger, self._organisation, keys)

    async def _known(self, account: str) -> Billing:
        """Raises Unknown naming those there are."""
        billing = await self._billing()
        if billing.of(account):
            return billing
        there = ", ".join(f"`{name}`" for name in sorted({name for _, name in billing.sources}))
        known = f"There are {there}." if there else "No bill has come yet."
        raise Unknown(f"No bill is known of an account {quoted(account)}. {known}")

    async def _stand(self, month: datetime) -> _Stand:
        (start, end), marks = month_of(month), self._ledger.reconciliations
        tomorrow = utc_day(self._now) + DAY
        return _Stand(
            month,
            await marks.waiting_between(start, min(end, tomorrow)),
            await marks.waiting_between(max(start, tomorrow), end),
            await self._ledger.freshness.fresh_through(),
        )

    async def _days(
        self, billing: Billing, account: str, start: datetime, end: datetime
    ) -> tuple[Reconciled, ...]:
        noted = await self._ledger.reconciliations.between(start, end, account)
        figures = await self._ledger.account_figures.of(account, billing.of(account), start, end)
        return as_they_stand(account, noted, figures, self._now)

    async def _month(self, billing: Billing, account: str, stand: _Stand) -> AccountMonth:
        told = [stand.fresh[source] for source in billing.of(account) if source in stand.fresh]
        return AccountMonth(
            account,
            await self._days(billing, account, *month_of(stand.month)),
            stand.waiting.get(account, 0),
            stand.ahead.get(account, 0),
            # Of several payers the one told least far.
            min(told).astimezone(UTC) if told else None,
        )
