"""What the registry says of spend at one moment: whose a record is, what it costs, if it counts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import msgspec

from bot.attribution import (
    ASSIGNED,
    DECLARED,
    NO_CLUES,
    UNATTRIBUTED,
    UNMETERED,
    Attribution,
    Clues,
)
from bot.prices import PriceList, price
from bot.sources import Reported, SourceSetting, billing, silenced
from bot.usage import CostBasis, Grain, Usage
from storage.rulers import Ruler, Rulers
from storage.usage_sums import Group

_MOST_REMEMBERED = 50_000
_OURS = frozenset({CostBasis.COMPUTED, CostBasis.ASSUMED})


@dataclass(frozen=True, slots=True)
class Belief:
    """Of all records that say the same of who called. `clues` as they are kept; `own_account`:
    their sender's word, where the contract gives another account.
    """

    ruler: Ruler
    declared: str
    rule: str
    clues: str
    group: Group
    own_account: str


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
    _remembered: dict[object, Belief] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def names(self, batch: Collection[Usage]) -> set[str]:
        """The workflows a batch may come to belong to."""
        names = {UNATTRIBUTED, UNMETERED, *(rule.workflow for rule in self.attribution.rules)}
        names |= {usage.workflow for usage in batch}
        return names | {usage.clues.key_workflow for usage in batch}

    def of(self, usage: Usage) -> Belief:
        """Looked up once for all records that say the same of who called."""
        told = self.attribution.told(usage.user, usage.tags)
        alike = (usage.source, usage.workflow, usage.account, usage.clues, usage.assigned, told)
        found = self._remembered.get(alike)
        if found is None:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            found = self._remembered[alike] = self._believed(usage)
        return found

    def _believed(self, usage: Usage) -> Belief:
        ruler, rule = self._attributed(usage)
        # Nothing is kept of the sender's word where it is the workflow by itself.
        declared = "" if rule in {DECLARED, ASSIGNED} else usage.workflow
        account = self._given(usage.source) or usage.account
        counts = not self.silent or (usage.source, account) not in self.silent
        group = Group(usage.source, account, int(counts))
        own = usage.account if usage.account != account else ""
        return Belief(ruler, declared, rule, _said(usage.clues), group, own)

    def _attributed(self, usage: Usage) -> tuple[Ruler, str]:
        """With the rule that decided; none for the unattributed."""
        if usage.assigned:
            return self.rulers[usage.workflow], ASSIGNED
        for name, rule in self.attribution.candidates(usage.trace):
            ruler = self.rulers[name]
            if ruler.key:
                return ruler, rule
        return self.rulers[UNATTRIBUTED], ""

    def _given(self, source: str) -> str:
        setting = self.settings.get(source) if self.settings else None
        return (setting and setting.account) or ""

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

    def unreported(self, batch: Collection[Usage]) -> frozenset[Reported]:
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
    )


def _said(clues: Clues) -> str:
    return "" if clues == NO_CLUES else msgspec.json.encode(clues).decode()
