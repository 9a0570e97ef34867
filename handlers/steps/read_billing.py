from collections.abc import Collection
from dataclasses import dataclass

from bot.attribution import Attribution, Trace
from bot.policy import Organisation
from bot.rule_trials import Choice
from bot.sources import billing
from storage.ledger import Ledger


@dataclass(frozen=True)
class Billing:
    """`sources`: which (source, account) is a bill that counts."""

    sources: frozenset[tuple[str, str]]
    choice: Choice

    def whose(self, trace: Trace) -> str:
        return self.choice.of(trace).workflow

    def of(self, account: str) -> frozenset[str]:
        return frozenset(source for source, billed in self.sources if billed == account)


async def read_billing(
    ledger: Ledger, organisation: Organisation, workflows: Collection[str]
) -> Billing:
    counting = billing(await ledger.source_accounts.all(), organisation.sources)
    rules = await ledger.attribution_rules.all()
    return Billing(counting, Choice(Attribution(rules), workflows))
