"""Where spend is heard of: which sources count, and which only inform."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

BILL = "bill/"
# Vendors' reports beside the bill: tokens without money, and estimates of what is in it.
REPORTS = frozenset({f"{BILL}openai-usage", f"{BILL}claude-code"})
# What reconciling books, by account.
RECONCILED = "reconciled/"
ADJUSTMENTS = "adjustments"
# The sender of what is imported from files.
IMPORT = "import"


class Kind(StrEnum):
    """How a source sees calls: the caller itself, a gateway in front of the vendor, an agent's
    telemetry, a file, the vendor's bill, a cost export in a file, a person.
    """

    API = "api"
    GATEWAY = "gateway"
    TELEMETRY = "telemetry"
    FILE = "file"
    BILL = "bill"
    EXPORT = "export"
    MANUAL = "manual"


# What somebody brings once: nobody waits for more.
BY_HAND = frozenset({Kind.FILE, Kind.EXPORT, Kind.MANUAL})
_BILLS = frozenset({Kind.BILL, Kind.EXPORT})


class Lane(StrEnum):
    """Lanes are reconciled per account and day, never added. INFORMATION counts nowhere."""

    REALTIME = "realtime"
    BILLED = "billed"
    INFORMATION = "information"


class Signal(StrEnum):
    """Of one client exactly one counts: logs before spans before metrics."""

    LOGS = "logs"
    SPANS = "spans"
    METRICS = "metrics"


def kind_kept(kind: str, sender: str) -> Kind:
    """Once, files were kept as what an API key sends."""
    kept = Kind(kind)
    return Kind.FILE if kept is Kind.API and sender == IMPORT else kept


def is_reconciled(name: str) -> bool:
    return name.startswith(RECONCILED)


def is_book_keeping(name: str) -> bool:
    """What the bot books by itself, and what people book by hand."""
    return name == ADJUSTMENTS or is_reconciled(name)


def client_source(key: str, client: str) -> str:
    """Of a client that tells by OpenTelemetry, under the API key that sends it."""
    return f"{key}/{client}"


def key_of(source: str) -> str:
    """The API key whose name a source bears, alone or before a client's."""
    return source.partition("/")[0]


def is_own(name: str) -> bool:
    """Nobody may send under it."""
    return is_book_keeping(name) or name.startswith(BILL)


def is_reserved(name: str) -> bool:
    """No machine is to be called so, as what it sends would be taken for the bot's own."""
    return name == IMPORT or is_own(name)


@dataclass(frozen=True)
class SourceSetting:
    """What the contract says of a source by name; None leaves the default.

    `account`: the vendor's billing account that its records belong to. `signal`: which one counts
    of a client that can send several.
    """

    name: str
    lane: Lane | None = None
    account: str | None = None
    signal: Signal | None = None

    def misfits(self) -> Iterator[tuple[str, str]]:
        """What would do nothing: the field, and why."""
        is_bill = self.name.startswith(BILL)
        if self.lane is Lane.BILLED and not is_bill:
            yield (
                "lane",
                (
                    "takes realtime or information here: what is sent call by call is no bill. "
                    f"Bills are a vendor's own ({BILL}openai) and FOCUS files"
                ),
            )
        if self.lane is Lane.REALTIME and is_bill:
            yield "lane", "takes billed or information here: a bill is no realtime estimate"
        if self.account and is_bill:
            yield "account", "is for what is sent call by call: each line of a bill names its own"
        if self.signal and (is_bill or "/" not in self.name):
            yield (
                "signal",
                "is for what comes by OpenTelemetry, as gateway/claude-code (API key/client)",
            )


@dataclass(frozen=True, order=True)
class Reported:
    """A source has brought something of an account: as its sender named it, its provider where
    nothing was said.
    """

    source: str
    account: str
    kind: Kind


def lane_of(source: str, kind: Kind, settings: Iterable[SourceSetting]) -> Lane:
    """As the contract says, where that can be."""
    own = Lane.BILLED if kind in _BILLS else Lane.REALTIME
    said = next((one.lane for one in settings if one.name == source), None)
    if said in {own, Lane.INFORMATION}:
        return said
    return Lane.INFORMATION if source in REPORTS else own


def as_told(reported: Iterable[Reported], settings: Iterable[SourceSetting]) -> frozenset[Reported]:
    """Under the accounts that the contract gives by now. Each line of a bill names its own."""
    given = {one.name: one.account for one in settings if one.account}
    return frozenset(
        one if one.kind in _BILLS else replace(one, account=given.get(one.source, one.account))
        for one in reported
    )


def billing(
    reported: Iterable[Reported], settings: tuple[SourceSetting, ...]
) -> frozenset[tuple[str, str]]:
    """(source, account) of the bills that count."""
    known = frozenset(reported)
    bills = {
        (one.source, one.account)
        for one in known
        if one.account and lane_of(one.source, one.kind, settings) is Lane.BILLED
    }
    return frozenset(bills - silenced(known, settings))


def silenced(
    reported: Iterable[Reported], settings: tuple[SourceSetting, ...]
) -> frozenset[tuple[str, str]]:
    """(source, account) that count nowhere: information, or what another source sees better.

    The same call is seen by a gateway and by the telemetry of the client that calls through it:
    the gateway counts. An account has one bill of its vendor, the first by name, which stands for
    all exports. Without one all exports count: each is another payer's, or it would replace what
    was told under its name.
    """
    known = sorted(as_told(reported, settings))
    lanes = {one: lane_of(one.source, one.kind, settings) for one in known}
    silent = {(one.source, one.account) for one in known if lanes[one] is Lane.INFORMATION}
    by_account: dict[str, list[Reported]] = defaultdict(list)
    for one in known:
        if lanes[one] is not Lane.INFORMATION and one.account:
            by_account[one.account].append(one)
    for many in by_account.values():
        silent |= {(one.source, one.account) for one in _outranked(many, lanes)}
    return frozenset(silent)


def _outranked(many: list[Reported], lanes: dict[Reported, Lane]) -> Iterable[Reported]:
    realtime = [one for one in many if lanes[one] is Lane.REALTIME]
    if any(one.kind is Kind.GATEWAY for one in realtime):
        yield from (one for one in realtime if one.kind is Kind.TELEMETRY)
    bills = [one for one in many if lanes[one] is Lane.BILLED]
    bills.sort(key=lambda one: (one.kind is not Kind.BILL, one.source))
    yield from (one for one in bills[1:] if {one.kind, bills[0].kind} != {Kind.EXPORT})
