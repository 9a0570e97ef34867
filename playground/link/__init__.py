"""From the workspace to the bot: what is delivered, how, and what the bot answered."""
