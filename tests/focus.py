"""FOCUS files as clouds write them: a boring row, and what a test says otherwise."""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

Row = dict[str, Any]

ROW: Row = {
    "BilledCost": "1.5",
    "EffectiveCost": "1.5",
    "ListCost": "2",
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-10-01T00:00:00Z",
    "BillingPeriodEnd": "2026-11-01T00:00:00Z",
    "ChargePeriodStart": "2026-10-05T09:00:00Z",
    "ChargePeriodEnd": "2026-10-05T10:00:00Z",
    "ChargeCategory": "Usage",
    "ChargeClass": "",
    "ProviderName": "Amazon Web Services",
    "ServiceName": "Amazon Bedrock",
    "ServiceCategory": "AI and Machine Learning",
    "BillingAccountId": "770011",
    "SubAccountId": "880022",
    "SubAccountName": "search",
    "ResourceId": "arn:profile/ranking",
    "SkuMeter": "Input Tokens",
    "SkuPriceDetails": '{"ModelId": "claude-sonnet-4-5", "TokenDirection": "Input"}',
    "ConsumedQuantity": "1000",
    "ConsumedUnit": "Tokens",
    "Tags": '{"workflow": "search-ranking", "stage": "live"}',
    "x_Discounts": "{}",
}


def a_row(**named: Any) -> Row:
    return ROW | named


def without(row: Row, *names: str) -> Row:
    return {name: value for name, value in row.items() if name not in names}


def as_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    found, text = list(rows), io.StringIO()
    writer = csv.DictWriter(text, found[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(found)
    return text.getvalue()


def write_csv(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    path.write_text(as_csv(rows), encoding="utf-8")
    return path


def write_parquet(path: Path, rows: Iterable[Mapping[str, Any]], **kinds: pa.DataType) -> Path:
    """`kinds`: of columns that are no text."""
    found = list(rows)
    columns = {
        name: pa.array([row[name] for row in found], kinds.get(name, pa.string()))
        for name in found[0]
    }
    pa.parquet.write_table(pa.table(columns), path)
    return path
