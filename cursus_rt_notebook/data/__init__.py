"""What flows: artifacts on disk, read as tables by a process of their own."""
