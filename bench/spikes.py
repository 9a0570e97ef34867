from collections.abc import Sequence
from pathlib import Path


def run(files: Sequence[Path], windows: Path) -> None:
    print(files, windows)
