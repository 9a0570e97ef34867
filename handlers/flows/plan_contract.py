from dataclasses import replace
from datetime import datetime

from bot.contract import Contract
from bot.plan import Plan, planned
from bot.policy import Organisation
from handlers.steps.read_registry import read_registry
from handlers.steps.try_plan import try_plan
from handlers.steps.try_recount import try_recount
from storage.ledger import Ledger


async def plan_contract(
    contract: Contract, ledger: Ledger, organisation: Organisation, now: datetime
) -> Plan:
    """What applying it would change, and move. Raises BadContract."""
    plan = planned(contract, await read_registry(ledger, organisation), now)
    return replace(
        plan,
        trial=await try_plan(plan, ledger, organisation, now),
        recount=await try_recount(plan, ledger, now),
    )
