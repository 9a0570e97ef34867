from collections.abc import Collection
from dataclasses import dataclass

from bot.attribution import Attribution, Trace, whose
from bot.policy import Organisation
from bot.sources import billing
from storage.ledger import Ledger


@dataclass(frozen=True)
class Billing:
    """`sources`: which (source, account) is a bill that counts."""

    sources: frozenset[tuple[str, str]]
    attribution: Attribution
    workflows: Collection[str]

    def whose(self, trace: Trace) -> str:
        return whose(self.attribution, trace, self.workflows).workflow

    def of(self, account: str) -> frozenset[str]:
        return frozenset(source for source, billed in self.sources if billed == account)


async def read_billing(
    ledger: Ledger, organisation: Organisation, workflows: Collection[str]
) -> Billing:
    counting = billing(await ledger.source_accounts.all(), organisation.sources)
    rules = await ledger.attribution_rules.all()
    return Billing(counting, Attribution(rules), workflows)
