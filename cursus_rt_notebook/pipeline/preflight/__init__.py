"""What can be seen before a step runs: scripts are read as text and as syntax trees, and never run."""
