"""Inside a step: the processes that run scripts, how they are started, followed and ended."""
