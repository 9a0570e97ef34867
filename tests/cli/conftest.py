from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from handlers.cli.app import app
from playground.config import Config, read_manifest
from playground.server import create
from tests.playground.threaded import running

ROOT = Path(__file__).parents[2]
QUIET = {"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"}


class Shell:
    """`budget-bot …` in an empty folder, configured by its `.env` alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env: dict[str, str] = {}

    def runs(self, *words: str) -> Result:
        variables = {f"BUDGET_BOT_{name}": value for name, value in self.env.items()}
        return CliRunner().invoke(app, [str(word) for word in words], env=QUIET | variables)

    def writes(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(tmp_path)


@pytest.fixture(scope="session")
def slack() -> Iterator[str]:
    """The address of a local Slack that grants what the manifest asks for."""
    config = Config(manifest=read_manifest(ROOT / "app.yaml"), rate_limits=False)
    with running(create(config)) as address:
        yield f"{address}/api/"
