"""A script's `__main__` block: what it passes to `main`, and what becomes of the end of it."""
