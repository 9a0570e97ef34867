"""What people do in the workspace, and what comes of it."""
