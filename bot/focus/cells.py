"""What single cells of a FOCUS file mean: days, amounts, categories, tags, models, tokens."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from bot.charges import Category
from bot.money import LARGEST
from bot.usage import LONGEST, MOST_TAGS

# Between tags that are kept as one text.
BETWEEN = "\x1e"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_REMEMBERED = 5_000
_DAY = timedelta(days=1)
_DATE = re.compile(r"20\d\d-\d\d-\d\d(?:[T ].*)?", re.ASCII)
_AMOUNT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_TOKENS = re.compile(r"(?:(\d{1,9})\s*([km])?\s+|([km])\s+)?tokens?", re.IGNORECASE)
_TIMES = {"k": 1_000, "m": 1_000_000}
_EXACT = Context(prec=60)
_PREFIX = re.compile(r"^(?:user|aws|resource_?tags?|label|labels)[:/_]", re.IGNORECASE)
_WORKFLOW = {"workflow", "workflowid", "xworkflowid", "workflowname", "genaiworkflowname"}
_PLAIN_KEY = re.compile(r"[^a-z0-9]")
_MODEL_KEYS = ("modelid", "model", "modelname", "modelversion", "modelfamily")


class Measure(NamedTuple):
    """`scale`: how many digits behind the point are added up. `largest`: what one cell may say."""

    scale: int
    largest: Decimal


# Of the 38 digits of a sum these leave room for many of the largest. Money is rounded to nine
# digits behind the point, once, after it is added up.
MONEY = Measure(24, LARGEST)
QUANTITY = Measure(12, Decimal(10**12))


def first_day(text: str) -> int | None:
    """Days since 1970 to the UTC day of an instant, one without a zone being UTC as FOCUS says.
    None: it is no instant of this century.
    """
    at = _instant(text)
    return None if at is None else (at - EPOCH) // _DAY


def day_after(text: str) -> int | None:
    """To the first UTC day that begins at an instant or later."""
    at = _instant(text)
    return None if at is None else -((EPOCH - at) // _DAY)


def _instant(text: str) -> datetime | None:
    text = text.strip().removesuffix(" UTC")
    if not _DATE.fullmatch(text):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def amount(text: str, measure: Measure = MONEY) -> Decimal | None:
    """Exact up to its scale. None: it is none, or beyond what is counted."""
    if not _AMOUNT.fullmatch(text.strip()):
        return None
    found = Decimal(text.strip())
    if found.copy_abs() > measure.largest:
        return None
    return found.quantize(Decimal(1).scaleb(-measure.scale), context=_EXACT)


def category(text: str) -> str | None:
    try:
        return Category(text.strip().casefold()).value
    except ValueError:
        return None


def tags_text(text: str) -> str | None:
    """`name:value` of each, in order, as one text. None: it is no map.

    FOCUS wants a JSON object. Azure has left out the braces; BigQuery has a list of pairs.
    """
    if not text.strip():
        return ""
    try:
        return joined_tags(_pairs(_object(text)))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def joined_tags(pairs: Iterable[tuple[str, str]]) -> str:
    """What names the workflow comes first: only so many tags are kept."""
    found = {f"{name}:{value}".replace(BETWEEN, " ") for name, value in pairs if name}
    found |= {f"workflow:{value}" for name, value in pairs if value and _is_workflow(name)}
    first = sorted(found, key=lambda tag: (not tag.startswith("workflow:"), tag))
    return BETWEEN.join(cleaned(tag, LONGEST["user"]) for tag in first[:MOST_TAGS])


def _object(text: str) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(text)
    except ValueError:
        if text.lstrip().startswith('"'):
            return json.loads(f"{{{text}}}")
        raise


def _pairs(found: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - JSON
    if found is None:
        return []
    if isinstance(found, dict):
        return [(name, _plain(value)) for name, value in found.items()]
    if not isinstance(found, list):
        raise TypeError
    return [
        (str(one["key"]), _plain(one.get("value")))
        if isinstance(one, dict)
        else (str(one[0]), _plain(one[1]))
        for one in found
    ]


def _plain(value: Any) -> str:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value)


def _is_workflow(name: str) -> bool:
    return _PLAIN_KEY.sub("", _PREFIX.sub("", name).casefold()) in _WORKFLOW


def cleaned(text: str, longest: int) -> str:
    """Without what no database keeps: NUL, and halves of a pair."""
    if text.isascii() and "\0" not in text:
        return text[:longest].strip()
    plain = text.replace("\0", "").encode(errors="ignore").decode()
    return plain[:longest].strip()


class Sku(NamedTuple):
    """What SkuPriceDetails says of a model; empty texts where it says nothing."""

    model: str = ""
    direction: str = ""


@lru_cache(_REMEMBERED)
def read_sku(details: str) -> Sku:
    """The keys are those of FOCUS's draft; each vendor has its own beside them (`x_…`)."""
    try:
        found = json.loads(details) if details else None
    except (ValueError, RecursionError):
        return Sku()
    if not isinstance(found, dict):
        return Sku()
    said = {
        _PLAIN_KEY.sub("", name.casefold().removeprefix("x_")): value
        for name, value in found.items()
        if isinstance(value, str)
    }
    model = next((said[name] for name in _MODEL_KEYS if said.get(name)), "")
    return Sku(cleaned(model, LONGEST["model"]), said.get("tokendirection", "").casefold())


def tokens(unit: str, quantity: Decimal | None) -> int | None:
    """A quantity in tokens; None where it counts something else."""
    each = _tokens_of(unit)
    if each is None or quantity is None or quantity < 0:
        return None
    return round(quantity * each)


@lru_cache(_REMEMBERED)
def _tokens_of(unit: str) -> int | None:
    """`Tokens`, `1K tokens`, `1000000 Tokens`."""
    found = _TOKENS.fullmatch(unit.strip())
    if found is None:
        return None
    number, letter, alone = found.groups()
    return int(number or 1) * _TIMES.get((letter or alone or "").lower(), 1)


def is_output(sku: Sku, meter: str) -> bool:
    return (sku.direction or meter.casefold()).find("output") >= 0
