"""What runs in a step's own processes: standard library only, Python 3.8 and later."""
