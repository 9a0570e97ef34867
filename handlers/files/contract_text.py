"""Write the registry as a contract file: against it, `plan` finds nothing to do."""

import io
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter

from bot.contract import (
    VERSION,
    Said,
    number_text,
    organisation_fields,
    rule_fields,
    team_fields,
    workflow_fields,
)
from bot.plan import Registry
from bot.rule_changes import in_order

_HEADING = "# budget-bot contract plan FILE shows what applying this file would change.\n"


def contract_text(registry: Registry) -> str:
    return _HEADING + _dumped(
        {
            "version": VERSION,
            **_without_gaps(organisation_fields(registry.organisation)),
            "attribution": [rule_fields(rule) for rule in in_order(registry.rules)],
            "teams": [_without_gaps(team_fields(team)) for team in registry.teams.values()],
            "workflows": [
                _without_gaps(workflow_fields(workflow)) for workflow in registry.workflows.values()
            ],
        }
    )


def _without_gaps(fields: Mapping[str, Said]) -> dict[str, Any]:
    """What is empty is left out, in nested fields too; an empty list is said."""
    return {
        name: _without_gaps(value) if isinstance(value, dict) else value
        for name, value in fields.items()
        if value is not None and value != ""
    }


def _dumped(document: dict[str, Any]) -> str:
    yaml = YAML()
    yaml.Representer = _Representer
    yaml.width = 1_000_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(document, out)
    return out.getvalue()


class _Representer(RoundTripRepresenter):
    """Amounts as plain numbers, lists of values on one line, odd characters as escapes."""

    def amount(self, value: Decimal) -> ScalarNode:
        text = number_text(value)
        tag = "float" if "." in text else "int"
        node: ScalarNode = self.represent_scalar(f"tag:yaml.org,2002:{tag}", text)
        return node

    def words(self, text: str) -> ScalarNode:
        # The emitter loses some line ends (U+0085) unless they are written as escapes.
        style = None if text.isprintable() else '"'
        node: ScalarNode = self.represent_scalar("tag:yaml.org,2002:str", text, style=style)
        return node

    def row(self, values: list[Any]) -> Any:  # noqa: ANN401
        plain = not any(isinstance(value, dict) for value in values)
        return self.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=plain)


_Representer.add_representer(Decimal, _Representer.amount)
_Representer.add_representer(str, _Representer.words)
_Representer.add_representer(list, _Representer.row)
