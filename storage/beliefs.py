"""What the registry says of spend at one moment: whose a record is, what it costs, if it counts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from bot.attribution import ASSIGNED, DECLARED, UNATTRIBUTED, UNMETERED, Attribution
from bot.prices import PriceList, price
from bot.providers import standard_provider
from bot.sources import Reported, SourceSetting, billing, silenced
from bot.usage import CostBasis, Grain, Usage
from storage.rulers import Ruler, Rulers

_OURS = frozenset({CostBasis.COMPUTED, CostBasis.ASSUMED})


@dataclass(frozen=True)
class Beliefs:
    """All of one `version` of the registry. `reported`: which source has brought what account, as
    its sender named it.
    """

    version: int
    rulers: Rulers = field(default_factory=Rulers)
    attribution: Attribution = field(default_factory=Attribution)
    prices: PriceList = field(default_factory=PriceList)
    settings: Mapping[str, SourceSetting] = field(default_factory=dict)
    reported: frozenset[Reported] = frozenset()
    silent: frozenset[tuple[str, str]] = frozenset()
    # The accounts that somebody sends bills for.
    billed: frozenset[str] = frozenset()
    # Of each source, the accounts of `reported`.
    brought: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def names(self, batch: Iterable[Usage]) -> set[str]:
        """The workflows a batch may come to belong to."""
        names = {UNATTRIBUTED, UNMETERED, *(rule.workflow for rule in self.attribution.rules)}
        for usage in batch:
            names |= {usage.workflow, usage.clues.key_workflow}
        return names

    def attributed(self, usage: Usage) -> tuple[Ruler, str]:
        """With the rule that decided; none for the unattributed."""
        if usage.assigned:
            return self.rulers[usage.workflow], ASSIGNED
        for name, rule in self.attribution.candidates(usage.trace):
            ruler = self.rulers[name]
            if ruler.key:
                return ruler, rule
        return self.rulers[UNATTRIBUTED], ""

    @staticmethod
    def declared(usage: Usage, rule: str) -> str:
        """What is kept of the sender's word: nothing where it is the workflow by itself."""
        return "" if rule in {DECLARED, ASSIGNED} else usage.workflow

    def account(self, usage: Usage) -> str:
        return self._given(usage.source) or usage.account

    def account_anew(self, usage: Usage) -> str:
        """Of one that was booked before. Where its source has brought nothing of its account, that
        was the contract's word, which is taken back.
        """
        given, brought = self._given(usage.source), self.brought.get(usage.source)
        if given or brought is None or usage.account in brought:
            return given or usage.account
        own = standard_provider(usage.provider)
        return own if own in brought or len(brought) > 1 else next(iter(brought))

    def _given(self, source: str) -> str:
        setting = self.settings.get(source) if self.settings else None
        return (setting and setting.account) or ""

    def counts(self, source: str, account: str) -> bool:
        return not self.silent or (source, account) not in self.silent

    def nanos(self, usage: Usage) -> tuple[int | None, CostBasis]:
        """The organisation's own price goes before the table's."""
        if self.prices and usage.basis in _OURS and not usage.assigned:
            own = self.prices.price(usage.provider, usage.model, usage.tokens)
            if own is not None:
                return own, CostBasis.COMPUTED
        return usage.nanos, usage.basis

    def repriced(self, usage: Usage) -> tuple[int | None, CostBasis]:
        """Of a record that was booked before: a price of ours is that of now, whether it was one's
        own or the table's; the table has it by date. What is assumed still stays.
        """
        sold = usage.input_tokens is not None or usage.output_tokens is not None
        if usage.basis not in _OURS or not sold:
            return usage.nanos, usage.basis
        bucket = usage.grain is Grain.BUCKET
        now, assumed = price(usage.provider, usage.model, usage.tokens, usage.at, bucket=bucket)
        if not (assumed and usage.basis is CostBasis.ASSUMED):
            basis = CostBasis.ASSUMED if assumed else CostBasis.COMPUTED
            usage = msgspec.structs.replace(usage, nanos=now, basis=basis)
        return self.nanos(usage)

    def unreported(self, batch: Iterable[Usage]) -> frozenset[Reported]:
        """What nobody was known to bring. One key may send in several ways. What costs nothing, as
        a call that failed, says nothing of who sees an account.
        """
        brought = {(usage.source, usage.account, usage.kind) for usage in batch if usage.nanos != 0}
        return frozenset(Reported(*one) for one in brought) - self.reported


def believed(
    version: int,
    attribution: Attribution,
    prices: PriceList,
    settings: tuple[SourceSetting, ...],
    reported: frozenset[Reported],
) -> Beliefs:
    return Beliefs(
        version,
        Rulers(),
        attribution,
        prices,
        {one.name: one for one in settings},
        reported,
        silenced(reported, settings),
        frozenset(account for _, account in billing(reported, settings)),
        _by_source(reported),
    )


def _by_source(reported: Iterable[Reported]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for one in reported:
        found[one.source].add(one.account)
    return {source: frozenset(accounts) for source, accounts in found.items()}
