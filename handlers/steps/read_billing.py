from collections.abc import Collection
from dataclasses import dataclass

from bot.attribution import UNATTRIBUTED, Attribution, Trace
from bot.policy import Organisation
from bot.sources import Lane, lane_of
from storage.ledger import Ledger


@dataclass(frozen=True)
class Billing:
    """`sources`: which (source, account) is a bill that counts."""

    sources: frozenset[tuple[str, str]]
    attribution: Attribution
    workflows: Collection[str]

    def whose(self, trace: Trace) -> str:
        candidates = self.attribution.candidates(trace)
        return next((name for name, _ in candidates if name in self.workflows), UNATTRIBUTED)

    def of(self, account: str) -> frozenset[str]:
        return frozenset(source for source, billed in self.sources if billed == account)


async def read_billing(
    ledger: Ledger, organisation: Organisation, workflows: Collection[str]
) -> Billing:
    reported, silent = await ledger.source_accounts.all(), await ledger.source_accounts.silent()
    billed = {
        (one.source, one.account)
        for one in reported
        if one.account and lane_of(one.source, one.kind, organisation.sources) is Lane.BILLED
    }
    rules = await ledger.attribution_rules.all()
    return Billing(frozenset(billed - silent), Attribution(rules), workflows)
