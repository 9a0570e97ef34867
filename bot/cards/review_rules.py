"""Why a review recommends what it recommends."""

from bot.cards.kit import section
from bot.notices import Card

_RULES = """\
*What a review recommends*: the first of these rules that applies, by the figures of the day the \
thread was opened. The owner decides; nothing happens by itself.
1. A last day is set, or it is paused and still spends: keep.
2. Nothing was recorded for four weeks, and no outcome, exception, request or explanation speaks \
for it: retire.
3. An exception is in force, a request for more waits, or an alert was explained: keep until that \
is over.
4. Premium is its default tier, and nothing that was promised has happened in eight weeks: reroute \
to standard.
5. The forecast is above its monthly cap: keep the cap.
6. Less than half of a cap was used, three weeks running: a cap of a quarter more than the largest \
of the last four weeks.
7. Kept four reviews running without an outcome: a cap of a tenth more than it spends, else keep.
8. It spends half as much again as in the week before: keep, and ask why.
9. None of this: keep."""


def rules() -> Card:
    return Card(_RULES, (section(_RULES),))
