from storage.database import Database
from storage.schema import migrate
from tests.races.campaign import RACES, moved_in, run
from tests.races.replicas import replicas

# By hand a thousand times each: python -m tests.races.campaign
TIMES = 10


async def test_of_two_people_on_two_replicas_one_wins_and_the_other_is_told(postgres_url):
    url = postgres_url()
    database = Database(url)
    await migrate(database)
    await moved_in(database)

    async with replicas(url) as bots:
        for race in RACES:
            await run(race, TIMES, database, bots)

    await database.close()
