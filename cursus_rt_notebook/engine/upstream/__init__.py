"""What the steps above a failed one have to do with it: the fault often lies there, and shows later."""
