class Address:
    """Where the bot reaches this playground: as it called us last, else as anybody did."""

    def __init__(self) -> None:
        self._base = ""

    def learn(self, base: str, *, from_bot: bool) -> None:
        if from_bot or not self._base:
            self._base = base

    def of(self, path: str) -> str:
        return self._base.rstrip("/") + path
