from sqlmodel.ext.asyncio.session import AsyncSession

from bot.explanations import Explanation
from storage.once import add_once
from storage.tables import ExplanationRow


class Explanations:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, explanation: Explanation) -> bool:
        """False when the same form was sent before."""
        return await add_once(self._session, ExplanationRow(**vars(explanation)))
