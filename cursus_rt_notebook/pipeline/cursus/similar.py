"""How alike two names of ports are, from 0 to 1, as Cursus weighs it."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import product
from typing import Final

_FULL: Final = {
    "config": "configuration",
    "params": "parameters",
    "hyperparams": "hyperparameters",
    "preprocess": "preprocessing",
    "eval": "evaluation",
    "reg": "registration",
    "pkg": "package",
    "packaged": "package",
}
_SKIPPED: Final = frozenset(["a", "an", "the", "in", "on", "at", "to", "for", "of", "with", "by", "and", "or", "but"])
_ALIKE: Final = tuple(
    frozenset(group.split())
    for group in (
        "model artifact trained output",
        "data dataset input processed training",
        "config configuration params parameters hyperparameters settings",
        "payload sample test inference example",
        "output result artifact generated produced",
        "training train fit learn",
        "preprocessing preprocess processed clean transform",
    )
)
_WORD_MIN: Final = 3  # letters; shorter words are not looked for inside others
_SYNONYM: Final = 0.8


def similarity(wanted: str, offered: str) -> float:
    """How alike the names are: 1 if they are the same words, 0 if one is empty.

    Not symmetric: the longest common runs of letters are looked for from `wanted`.
    """
    if not wanted or not offered:
        return 0.0
    return _similarity(_normal(wanted), _normal(offered))


@lru_cache(maxsize=4096)
def _normal(name: str) -> str:
    spaced = re.sub(r"[_.-]", " ", name.lower())
    words = re.sub(r"[^a-z0-9\s]", "", spaced).split()
    return " ".join(full for word in words if (full := _FULL.get(word, word)) not in _SKIPPED)


@lru_cache(maxsize=65536)
def _similarity(one: str, other: str) -> float:
    if one == other:
        return 1.0
    ones, others = frozenset(one.split()), frozenset(other.split())
    ratio = SequenceMatcher(None, one, other).ratio()
    return 0.3 * ratio + 0.25 * _shared(ones, others) + 0.25 * _meaning(ones, others) + 0.2 * _inside(one, other)


def _shared(ones: frozenset[str], others: frozenset[str]) -> float:
    return len(ones & others) / len(ones | others) if ones and others else 0.0


def _meaning(ones: frozenset[str], others: frozenset[str]) -> float:
    """The mean over all pairs of words."""
    pairs = list(product(sorted(ones), sorted(others)))
    return sum(_kinship(*pair) for pair in pairs) / len(pairs) if pairs else 0.0


def _kinship(one: str, other: str) -> float:
    if one == other:
        return 1.0
    return _SYNONYM if any(one in group and other in group for group in _ALIKE) else 0.0


def _inside(one: str, other: str) -> float:
    """How much of the longer text the shorter one is, if it is in it; else the same of their words, at best."""
    if one in other or other in one:
        return _part(one, other)
    words = product(*([w for w in text.split() if len(w) >= _WORD_MIN] for text in (one, other)))
    return max((_part(a, b) for a, b in words if a in b or b in a), default=0.0)


def _part(one: str, other: str) -> float:
    shorter, longer = sorted((len(one), len(other)))
    return shorter / longer
