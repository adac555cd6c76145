"""How it runs: the session, its state, and what starts each step."""
