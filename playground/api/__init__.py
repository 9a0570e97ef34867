"""The Web API methods a bot may call, under /api/."""
