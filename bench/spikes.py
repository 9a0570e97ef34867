"""How many spike alerts fall into windows that people labelled, and how many elsewhere."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bench.series import instants
from bot.anomalies import HABIT, SAME, Hour, spiking

FLOOR = Decimal(20)
_MONTH = timedelta(days=30)
_HOUR = timedelta(hours=1)
Window = tuple[datetime, datetime]


@dataclass(frozen=True)
class Judged:
    """Alerts of a series; `hits` of them fell into a window, `found` windows had one."""

    name: str
    windows: int
    found: int
    alerts: int
    hits: int
    months: float

    def __str__(self) -> str:
        precision = f"{self.hits / self.alerts:.0%}" if self.alerts and self.windows else "–"
        recall = f"{self.found}/{self.windows}" if self.windows else "–"
        elsewhere = (self.alerts - self.hits) / self.months
        return f"{self.name[:28]:28} {self.alerts:6} {precision:>10} {recall:>7} {elsewhere:16.2f}"


def hours_of(path: Path, month_usd: Decimal) -> list[Hour]:
    """By hour, so scaled that the series costs `month_usd` in thirty days."""
    sums: dict[datetime, Decimal] = {}
    for at, value in instants(path):
        hour = at.replace(minute=0, second=0, microsecond=0)
        sums[hour] = sums.get(hour, Decimal(0)) + value
    if not sums or not (whole := sum(sums.values(), Decimal(0))):
        return []
    months = Decimal((max(sums) - min(sums) + _HOUR) / _MONTH)
    unit = month_usd * months / whole
    return [Hour(at, value * unit) for at, value in sorted(sums.items())]


def alerts(hours: Sequence[Hour]) -> Iterator[datetime]:
    """The beginnings of episodes, as they are noticed hour by hour."""
    first, seen = 0, None
    for last, hour in enumerate(hours):
        now = hour.start + _HOUR - timedelta(microseconds=1)
        while hours[first].start < now - HABIT - timedelta(days=1):
            first += 1
        if spiking(hours[first : last + 1], "UTC", FLOOR, now) is None:
            continue
        if seen is None or now - seen > SAME:
            yield now
        seen = now


def windows_of(path: Path, labelled: Mapping[str, Sequence[Sequence[str]]]) -> tuple[Window, ...]:
    """Names are matched from their beginning: a file may have lost its random ending."""
    found = (known for name, known in labelled.items() if _same(Path(name).stem, path.stem))
    return tuple((_instant(start), _instant(end)) for known in found for start, end in known)


def _same(name: str, stem: str) -> bool:
    return name == stem or name.startswith(f"{stem}_")


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def judge(path: Path, windows: Sequence[Window], month_usd: Decimal) -> Judged | None:
    hours = hours_of(path, month_usd)
    if not hours:
        return None
    at = list(alerts(hours))
    hits = [any(start <= one <= end for start, end in windows) for one in at]
    found = sum(any(start <= one <= end for one in at) for start, end in windows)
    months = (hours[-1].start - hours[0].start + _HOUR) / _MONTH
    return Judged(path.stem, len(windows), found, len(at), sum(hits), months)


def run(files: Sequence[Path], labels: Path, month_usd: Decimal) -> None:
    labelled = json.loads(labels.read_text(encoding="utf-8"))
    print(f"{'':28} alerts  precision  recall  elsewhere/month")
    for path in files:
        judged = judge(path, windows_of(path, labelled), month_usd)
        print(judged or f"{path.stem[:28]:28} nothing to read", flush=True)
