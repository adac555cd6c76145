"""Where a pipeline can be written down: a YAML file, a plain mapping, a networkx graph."""
