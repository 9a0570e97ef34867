"""How much a workflow spends a day lately, by weekday."""
