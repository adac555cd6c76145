"""Apply what impute and encode learned: in those two steps, and in calibrate to flights that neither has seen."""

import pandas as pd


def impute(table: pd.DataFrame, medians: dict[str, float]) -> pd.DataFrame:
    """Fill the gaps of each column with its median of the training flights."""
    return table.fillna(medians)


def encode(table: pd.DataFrame, rates: dict[str, dict[str, float]], overall: float) -> pd.DataFrame:
    """Add a `<column>_rate` for each column of texts; a text that training never saw gets the overall rate."""
    encoded = {f"{column}_rate": table[column].map(rate).fillna(overall) for column, rate in rates.items()}
    return table.assign(**encoded)
