"""Have no main."""

VALUE = 1
