"""Scripts and pipelines tested in one call each: a script by itself, an edge, the whole; on made-up data or on real."""
