from collections.abc import Collection
from dataclasses import dataclass

from bot.attribution import Attribution, Trace
from bot.policy import Organisation
from bot.rule_trials import Choice
from bot.sources import billing
from storage.ledger import Ledger


@dataclass(frozen=True)
class Bills:
    """`sources`: which (source, account) is a bill that counts."""

    sources: frozenset[tuple[str, str]]

    def of(self, account: str) -> frozenset[str]:
        return frozenset(source for source, billed in self.sources if billed == account)


@dataclass(frozen=True)
class Billing(Bills):
    """Bills, and whose their lines are."""

    choice: Choice

    def whose(self, trace: Trace) -> str:
        return self.choice.of(trace).workflow


async def read_bills(ledger: Ledger, organisation: Organisation) -> Bills:
    return Bills(billing(await ledger.source_accounts.all(), organisation.sources))


async def read_billing(
    ledger: Ledger, organisation: Organisation, workflows: Collection[str]
) -> Billing:
    bills = await read_bills(ledger, organisation)
    rules = await ledger.attribution_rules.all()
    return Billing(bills.sources, Choice(Attribution(rules), workflows))
