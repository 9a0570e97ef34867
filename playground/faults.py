import random
import time
from dataclasses import dataclass, replace

AFTER_THE_WORK = {"accept_then_500", "accept_then_drop"}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What a Web API call meets.

    `times` is how many calls it still strikes and `until` the monotonic second it ends at (None:
    until taken away); `probability` is the share of calls struck.
    """

    method: str
    kind: str
    times: int | None = None
    until: float | None = None
    retry_after: int = 1
    probability: float = 1.0

    @property
    def after_the_work(self) -> bool:
        """The call does what it should, and only its answer is lost."""
        return self.kind in AFTER_THE_WORK

    def strikes(self, method: str, now: float) -> bool:
        if self.method not in {"*", method} or self.is_over(now):
            return False
        return random.random() < self.probability  # noqa: S311 - weather, not secrecy

    def is_over(self, now: float) -> bool:
        return self.times == 0 or (self.until is not None and now >= self.until)


@dataclass(frozen=True, kw_only=True)
class DeliveryFault:
    """What happens to the next `times` deliveries (None: all). `repeat` counts extra copies."""

    repeat: int = 0
    reorder: bool = False
    wrong_signature: bool = False
    stale_timestamp: bool = False
    bad_timestamp: bool = False
    times: int | None = None


class Faults:
    """The faults asked for and not yet used up."""

    def __init__(self) -> None:
        self.calls: list[Fault] = []
        self.signing: list[DeliveryFault] = []
        self.ordering: list[DeliveryFault] = []

    def strike(self, method: str) -> Fault | None:
        now = time.monotonic()
        for number, fault in enumerate(self.calls):
            if fault.strikes(method, now):
                self.calls[number] = replace(fault, times=_one_less(fault.times))
                return fault
        return None

    def next_delivery(self) -> DeliveryFault:
        """What is wrong with the signature of the next delivery."""
        return _next(self.signing)

    def next_event(self) -> DeliveryFault:
        """How often the next event comes, and whether another overtakes it."""
        return _next(self.ordering)

    def waiting(self) -> list[Fault]:
        """Those that still strike."""
        now = time.monotonic()
        return [fault for fault in self.calls if not fault.is_over(now)]

    def disturb(self, fault: DeliveryFault) -> None:
        if fault.repeat or fault.reorder:
            self.ordering.append(fault)
        if fault.wrong_signature or fault.stale_timestamp or fault.bad_timestamp:
            self.signing.append(fault)

    def end(self) -> None:
        self.calls.clear()
        self.end_deliveries()

    def end_deliveries(self) -> None:
        self.signing.clear()
        self.ordering.clear()


def _next(faults: list[DeliveryFault]) -> DeliveryFault:
    for number, fault in enumerate(faults):
        if fault.times != 0:
            faults[number] = replace(fault, times=_one_less(fault.times))
            return fault
    return DeliveryFault()


def _one_less(times: int | None) -> int | None:
    return None if times is None else times - 1
