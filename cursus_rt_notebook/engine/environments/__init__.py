"""Environments for steps that ask for other packages than the kernel has: grouped, made once, kept in the workspace."""
