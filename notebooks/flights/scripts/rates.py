"""How often flights of a kind are late: what encode turns texts into, and the baseline that evaluate compares with."""

import pandas as pd

SMOOTHING = 100  # a kind with this many flights counts half by its own rate, half by everybody's
LOGGED = 3  # how many of the highest rates a log shows


def smoothed_rates(table: pd.DataFrame, by: list[str], label: str) -> pd.Series:
    """Return the share of late flights for each kind, pulled towards the overall share where flights are few."""
    overall = table[label].mean()
    groups = table.groupby(by)[label]
    return (groups.sum() + SMOOTHING * overall) / (groups.size() + SMOOTHING)


def highest(rates: pd.Series) -> str:
    """Name the kinds with the highest rates, for a log."""
    top = rates.sort_values(ascending=False, kind="stable").head(LOGGED)
    return ", ".join(f"{name(kind)} {rate:.3f}" for kind, rate in top.items())


def name(kind: object) -> str:
    """Name a kind by one column (`UA`) or by several (`UA 17`)."""
    return " ".join(map(str, kind)) if isinstance(kind, tuple) else str(kind)
