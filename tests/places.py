"""Where a run of the tests writes."""

import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - what is made there is private
# What all servers and files of a run come to, several times over.
ROOM = 6 * 2**30


def roomy() -> str:
    """In memory if there is room: each test's database is a copy of hundreds of files."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        return str(MEMORY)
    return tempfile.gettempdir()
