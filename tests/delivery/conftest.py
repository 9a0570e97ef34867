from collections.abc import AsyncIterator

import pytest

from tests.delivery.local_slack import LocalSlack, local_slack


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with local_slack() as slack:
        yield slack
