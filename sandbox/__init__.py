"""A whole world to run the gateway against; nothing of it ships in the distribution."""
