"""The file that another interpreter is started with: `python boot.py ROLE FD`.

It loads its siblings as a package under a private name, so that no step can import them by accident: a script's
`import protocol` or `import child` finds the user's file, or nothing.
"""

from __future__ import annotations

import sys

# What a bare interpreter has loaded before its script runs: names that no file of the user's can hide.
STARTUP = frozenset(sys.modules)
PACKAGE = "_cursus_inside"
ROLES = {
    "zygote": ("zygote", "serve"),
    "guardian": ("fresh", "guard"),
    "child": ("fresh", "be_child"),
    "reader": ("imports", "answer"),
}


def main() -> None:
    """Play the role that the command line names."""
    role, fd = sys.argv[1], int(sys.argv[2])
    # `python FILE` puts the file's folder first (unless PYTHONSAFEPATH is set): it hides the user's modules.
    folder = __file__.rpartition("/")[0]
    # -B is for the processes that a step spawns; libraries may keep their compiled files.
    sys.dont_write_bytecode = False
    if sys.path and sys.path[0] == folder:
        del sys.path[0]
    import_package(folder)
    module, function = ROLES[role]
    getattr(__import__(f"{PACKAGE}.{module}", fromlist=[function]), function)(fd, STARTUP)


def import_package(folder: str) -> None:
    """Make the modules of `folder` importable as a package of a private name."""
    package = type(sys)(PACKAGE)
    package.__path__ = [folder]
    sys.modules[PACKAGE] = package


if __name__ == "__main__":
    main()
