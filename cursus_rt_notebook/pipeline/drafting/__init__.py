"""A pipeline drafted from a folder of scripts: read as syntax trees, never run."""
