"""What to run: a pipeline written down, read from any source and checked before anything starts."""
