"""Fill the gaps in the numbers with medians, learned on the training flights alone."""

import argparse
import json
import logging
from pathlib import Path

import pandas as pd
from preparation import impute

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
logger = logging.getLogger(__name__)

CHANNELS = ("train", "val", "test")


def main(
    input_paths: dict[str, str],
    output_paths: dict[str, str],
    environ_vars: dict[str, str],
    job_args: argparse.Namespace,
) -> dict[str, int]:
    """Write the three channels without gaps, and the medians for whoever scores new flights."""
    source = Path(input_paths["processed_data"])
    tables = {channel: pd.read_csv(source / channel / f"{channel}.csv") for channel in CHANNELS}
    medians = learn_medians(tables["train"], label=environ_vars["LABEL"])
    for channel, table in tables.items():
        filled = impute(table, medians)
        logger.info("%s: filled %s gaps", channel, f"{int(table.isna().sum().sum() - filled.isna().sum().sum()):,}")
        folder = Path(output_paths["imputed"]) / channel
        folder.mkdir(parents=True, exist_ok=True)
        filled.to_parquet(folder / f"{channel}.parquet", index=False)

    learned = Path(output_paths["learned"])
    learned.mkdir(parents=True, exist_ok=True)
    (learned / "medians.json").write_text(json.dumps(medians, indent=2), encoding="utf-8")
    return {channel: len(table) for channel, table in tables.items()}


def learn_medians(train: pd.DataFrame, label: str) -> dict[str, float]:
    """Return the median of every column of numbers that may have gaps: not the id, and not the label."""
    return train.drop(columns=["flight_id", label]).select_dtypes("number").median().to_dict()
