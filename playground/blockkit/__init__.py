"""Slack's rules for what a bot may show, written down as tables.

`problems` says everything that Slack would refuse about a message, a modal or a Home tab. The
numbers are those of Slack's Block Kit reference; the total of a message is what it was measured
to be, for Slack does not publish it.
"""

from playground.blockkit.surfaces import LONGEST_BLOCKS, Surface, problems

__all__ = ["LONGEST_BLOCKS", "Surface", "problems"]
