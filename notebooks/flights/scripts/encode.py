"""Turn carrier, origin and destination into numbers: the share of late flights, learned on the training flights alone."""

import argparse
import json
import logging
import shutil
from pathlib import Path

import pandas as pd
from preparation import encode
from rates import highest, smoothed_rates

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
logger = logging.getLogger(__name__)

CHANNELS = ("train", "val", "test")
TEXTS = ["carrier", "origin", "dest"]


def main(
    input_paths: dict[str, str],
    output_paths: dict[str, str],
    environ_vars: dict[str, str],
    job_args: argparse.Namespace,
) -> dict[str, int]:
    """Write the three channels with their rates, and the rates beside what impute learned."""
    source = Path(input_paths["imputed"])
    tables = {channel: pd.read_parquet(source / channel / f"{channel}.parquet") for channel in CHANNELS}
    learned = learn_rates(tables["train"], label=environ_vars["LABEL"])
    for channel, table in tables.items():
        folder = Path(output_paths["encoded"]) / channel
        folder.mkdir(parents=True, exist_ok=True)
        encode(table, **learned).to_parquet(folder / f"{channel}.parquet", index=False)

    folder = Path(output_paths["learned"])
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(Path(input_paths["learned"]) / "medians.json", folder / "medians.json")
    (folder / "rates.json").write_text(json.dumps(learned, indent=2), encoding="utf-8")
    return {channel: len(table) for channel, table in tables.items()}


def learn_rates(train: pd.DataFrame, label: str) -> dict[str, object]:
    """Return `rates` (text to share of late flights, per column) and the `overall` share."""
    rates = {column: smoothed_rates(train, [column], label) for column in TEXTS}
    for column, rate in rates.items():
        logger.info("latest by %s: %s", column, highest(rate))
    return {"rates": {column: rate.to_dict() for column, rate in rates.items()}, "overall": float(train[label].mean())}
