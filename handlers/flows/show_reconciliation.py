from collections.abc import Mapping
from datetime import UTC, datetime

from bot.account_months import (
    AccountMonth,
    BilledDay,
    Reconciled,
    as_they_stand,
    check_may_reconcile,
    month_of,
)
from bot.attribution import UNATTRIBUTED
from bot.cards import reconciliation as cards
from bot.charges import DAY, utc_day
from bot.names import quoted
from bot.notices import Card
from bot.policy import Organisation
from bot.refusal import Unknown
from handlers.steps.read_billing import Billing, read_billing
from storage.ledger import Ledger

_MOST_SUMS = 2_000
_MOST_CORRECTED = 30


class Reconciliation:
    """What one person is shown of bills. Raises NotAllowed."""

    def __init__(self, by: str, ledger: Ledger, organisation: Organisation, now: datetime) -> None:
        check_may_reconcile(by, organisation, now)
        self._ledger = ledger
        self._organisation = organisation
        self._now = now

    async def accounts(self, month: datetime) -> Card:
        billing = await self._billing()
        noted = await self._ledger.reconciliations.between(*month_of(month))
        named = {one.account for one in noted} | {
            account
            for waiting in await self._waiting(month)
            for account in waiting
            if billing.of(account)
        }
        found = [await self._month(billing, name, month) for name in sorted(named)]
        return cards.accounts(found, month)

    async def account(self, account: str, month: datetime, start: int = 0) -> Card:
        billing = await self._known(account)
        return cards.account(await self._month(billing, account, month), month, start)

    async def unmatched(self, account: str, month: datetime, start: int = 0) -> Card:
        """Lines that no rule matches."""
        billing = await self._known(account)
        sums = await self._ledger.bill_lines.sums(
            account, billing.of(account), *month_of(month), _MOST_SUMS
        )
        nobodys = [one for one in sums if billing.whose(one.trace) == UNATTRIBUTED]
        return cards.unmatched(account, month, nobodys, start)

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
        return cards.day(seen, start, self._organisation.policy.timezone)

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

    async def _waiting(self, month: datetime) -> tuple[Mapping[str, int], Mapping[str, int]]:
        """By account: days that have begun, and days ahead."""
        (start, end), marks = month_of(month), self._ledger.reconciliations
        tomorrow = utc_day(self._now) + DAY
        return (
            await marks.waiting_between(start, min(end, tomorrow)),
            await marks.waiting_between(max(start, tomorrow), end),
        )

    async def _days(
        self, billing: Billing, account: str, start: datetime, end: datetime
    ) -> tuple[Reconciled, ...]:
        noted = await self._ledger.reconciliations.between(start, end, account)
        figures = await self._ledger.account_figures.of(account, billing.of(account), start, end)
        return as_they_stand(account, noted, figures, self._now)

    async def _month(self, billing: Billing, account: str, month: datetime) -> AccountMonth:
        fresh = await self._ledger.spend.fresh_through()
        told = [fresh[source] for source in billing.of(account) if source in fresh]
        waiting, ahead = await self._waiting(month)
        return AccountMonth(
            account,
            await self._days(billing, account, *month_of(month)),
            waiting.get(account, 0),
            ahead.get(account, 0),
            # Of several payers the one told least far.
            min(told).astimezone(UTC) if told else None,
        )
