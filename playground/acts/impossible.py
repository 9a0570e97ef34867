class Impossible(Exception):
    """A person could not do this in Slack; says why."""
