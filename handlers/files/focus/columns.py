"""Which column of a FOCUS file is which, 1.0 to 1.4: by name, in whatever order and case."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.refusal import Refusal

# The first that a row fills in counts. 1.3 renamed ProviderName, 1.4 left it out; SkuMeter came
# with 1.1.
COLUMNS = {
    "billed": ("BilledCost",),
    "effective": ("EffectiveCost",),
    "list_cost": ("ListCost",),
    "currency": ("BillingCurrency",),
    "term": ("BillingPeriodStart",),
    "term_end": ("BillingPeriodEnd",),
    "start": ("ChargePeriodStart",),
    "end": ("ChargePeriodEnd",),
    "category": ("ChargeCategory",),
    "correction": ("ChargeClass",),
    "provider": ("ServiceProviderName", "ProviderName", "InvoiceIssuerName", "PublisherName"),
    "service": ("ServiceName",),
    "service_category": ("ServiceCategory",),
    "payer": ("BillingAccountId",),
    "sub_account": ("SubAccountId",),
    "sub_account_name": ("SubAccountName",),
    "resource": ("ResourceId",),
    "meter": ("SkuMeter", "ChargeDescription", "SkuId"),
    "details": ("SkuPriceDetails",),
    "quantity": ("ConsumedQuantity",),
    "unit": ("ConsumedUnit",),
    "tags": ("Tags",),
}
AMOUNTS = ("billed", "effective", "list_cost", "quantity")
_NEEDED = ("billed", "effective", "currency", "term", "term_end", "start", "end", "category")
_TELLING = ("BilledCost", "EffectiveCost", "ChargePeriodStart", "BillingPeriodStart")
_ENOUGH = 2


class NoFocus(Refusal):
    """A column that is needed is not there, or is there twice."""


@dataclass(frozen=True)
class FocusColumns:
    """The file's own names, by ours; those that are not in it have none."""

    names: Mapping[str, tuple[str, ...]]

    @property
    def texts(self) -> list[str]:
        return [
            name for field, names in self.names.items() if field not in AMOUNTS for name in names
        ]

    @property
    def amounts(self) -> list[str]:
        return [name for field in AMOUNTS for name in self.names[field]]


def is_focus(header: Sequence[str]) -> bool:
    known = {_plain(name) for name in header}
    return sum(_plain(name) in known for name in _TELLING) >= _ENOUGH


def focus_columns(header: Sequence[str], *, account: bool, all_services: bool) -> FocusColumns:
    """`account`: it is given, so no column has to say it. Raises NoFocus."""
    by_plain: dict[str, list[str]] = {}
    for name in header:
        by_plain.setdefault(_plain(name), []).append(name)
    found = {
        field: tuple(by_plain[_plain(name)][0] for name in names if _plain(name) in by_plain)
        for field, names in COLUMNS.items()
    }
    _check_once(by_plain)
    needed = [*_NEEDED, *([] if account else ["provider"])]
    _check_there(found, needed if all_services else [*needed, "service_category"])
    return FocusColumns(found)


def _check_once(by_plain: Mapping[str, Sequence[str]]) -> None:
    for names in COLUMNS.values():
        for name in names:
            if len(by_plain.get(_plain(name), ())) > 1:
                raise NoFocus(f"The column {name} is there twice.")


def _check_there(found: Mapping[str, Sequence[str]], needed: Sequence[str]) -> None:
    missing = [" or ".join(COLUMNS[field]) for field in needed if not found[field]]
    if not missing:
        return
    hint = ""
    if "provider" in needed and not found["provider"]:
        hint += " Without a provider's name, say --account NAME."
    if "service_category" in needed and not found["service_category"]:
        hint += " Without a ServiceCategory, say --all-services."
    many = "s" * (len(missing) > 1)
    raise NoFocus(
        f"This is no whole FOCUS file: it lacks the column{many} {', '.join(missing)}.{hint}"
    )


def _plain(name: str) -> str:
    """`BilledCost`, `billed_cost` and `BILLEDCOST` are one; `x_BilledCost` is another."""
    text = name.strip().lstrip("\ufeff").casefold()
    return text if text.startswith("x_") else re.sub(r"[\s_]", "", text)
