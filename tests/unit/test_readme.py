"""The README's map and the tree say the same."""

import re
from pathlib import Path

import pytest

from handlers.files.contract import read_contract

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAP = README.partition("## The map")[2].partition("### Where do I change")[0]


def part(package: str) -> str:
    """What the map says of one package: from its line to the next one that is not indented."""
    found = re.search(rf"^{package}/.*\n((?:  .*\n)+)", MAP, re.MULTILINE)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("package", ["bot", "storage"])
def test_every_module_stands_on_the_map(package):
    modules = {path.stem for path in (ROOT / package).glob("*.py")} - {"__init__"}

    assert modules - set(re.findall(r"\w+", part(package))) == set()


def test_every_room_of_the_handlers_stands_on_the_map():
    rooms = {path.name for path in (ROOT / "handlers").iterdir() if path.is_dir()} - {"__pycache__"}
    modules = {path.stem for path in (ROOT / "handlers").glob("*.py")} - {"__init__"}

    assert {f"{room}/" for room in rooms} <= set(re.findall(r"\w+/", part("handlers")))
    assert modules <= set(re.findall(r"\w+", part("handlers")))


@pytest.mark.parametrize("path", re.findall(r"`((?:bot|storage|handlers)/[\w/]+\.py)`", README))
def test_every_file_the_readme_names_is_there(path):
    assert (ROOT / path).is_file()


def test_the_contract_file_it_shows_is_read_whole_with_the_sections_it_shows_apart():
    shown = re.findall(r"^```yaml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    (whole,) = [one for one in shown if one.startswith("version:")]
    apart = [one for one in shown if one.startswith(("sources:", "attribution:"))]

    contract = read_contract("".join((whole, *apart)))

    assert len(apart) == 2
    assert contract.rules
    assert {one.rule.workflow for one in contract.rules} <= {
        one.workflow.key for one in contract.entries
    }
