"""Where it is kept: artifacts by step key, the journal of runs, the locks; everything that outlives a session."""
