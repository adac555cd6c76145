"""Cursus projects: what their files say, read into the same document that a YAML file gives."""
