"""Cursor's usage events, of a team and all its members, hour by hour.

An event has no id. Two equal ones within a millisecond do happen, so an hour is always read whole,
and equal events are told apart by their number in it.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import httpx
import msgspec

from bot.attribution import NO_CLUES, Clues
from bot.charges import Charge, Stretch
from bot.money import ZERO
from bot.pulls import Settling, trailing
from bot.sources import BILL
from handlers.vendors.asking import Asking
from handlers.vendors.connector import Connector, Page, Told
from handlers.vendors.paging import Pages
from handlers.vendors.replies import cents, count, read_reply, words
from handlers.vendors.trouble import NotUnderstood, Unanswered
from handlers.vendors.vendor import Vendor

NAME = "Cursor"
ACCOUNT = "cursor"
EVENTS = "/teams/filtered-usage-events"
HOUR = timedelta(hours=1)
# Of a team, for all its keys together: 20 questions a minute.
PACE = timedelta(seconds=3)
