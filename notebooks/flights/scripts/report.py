"""Put the results on one page: how well late flights are told from punctual ones, and how far to trust the numbers."""

import argparse
import json
import logging
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
logger = logging.getLogger(__name__)

BINS = 10


def main(
    input_paths: dict[str, str],
    output_paths: dict[str, str],
    environ_vars: dict[str, str],
    job_args: argparse.Namespace,
) -> dict[str, float]:
    """Write `report.md`, `calibration.png` and `destinations.tsv`."""
    label = environ_vars["LABEL"]
    metrics = read_json(Path(input_paths["metrics"]) / "metrics.json")
    calibrator = read_json(Path(input_paths["calibrator"]) / "calibrator.json")
    predictions = pd.read_csv(Path(input_paths["predictions"]) / "predictions.csv")
    predictions["calibrated"] = np.interp(predictions["probability"], calibrator["score"], calibrator["late_share"])
    brier = {name: squared_error(predictions, name, label) for name in ("probability", "calibrated")}
    logger.info("Brier score %(probability).4f, calibrated %(calibrated).4f", brier)
    if brier["calibrated"] > brier["probability"]:
        logger.warning("calibration made the probabilities worse on the test days")
    by_dest = by_destination(predictions, pd.read_csv(input_paths["airports"]), label)

    folder = Path(output_paths["report"])
    folder.mkdir(parents=True, exist_ok=True)
    by_dest.to_csv(folder / "destinations.tsv", sep="\t", index=False)
    (folder / "report.md").write_text(page(metrics, brier, by_dest), encoding="utf-8")
    draw(predictions, label, folder / "calibration.png")
    return brier


def read_json(path: Path) -> dict[str, object]:
    """Read a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def squared_error(predictions: pd.DataFrame, column: str, label: str) -> float:
    """Return the mean squared distance of a probability from what happened (Brier score)."""
    return float(((predictions[column] - predictions[label]) ** 2).mean())


def by_destination(predictions: pd.DataFrame, airports: pd.DataFrame, label: str) -> pd.DataFrame:
    """Compare expected and observed late shares for each destination, busiest first."""
    groups = predictions.groupby("dest")
    table = groups.agg(flights=(label, "size"), late=(label, "mean"), expected=("probability", "mean")).round(4)
    names = airports.set_index("faa")["name"]
    table.insert(0, "airport", table.index.map(names).fillna("not in airports.csv"))
    return table.reset_index().sort_values(["flights", "dest"], ascending=[False, True])


def reliability(predictions: pd.DataFrame, column: str, label: str) -> pd.DataFrame:
    """Return mean probability and late share of equally many flights per bin."""
    bins = pd.qcut(predictions[column].rank(method="first"), BINS, labels=False)
    return predictions.groupby(bins)[[column, label]].mean()


def page(metrics: dict[str, object], brier: dict[str, float], by_dest: pd.DataFrame) -> str:
    """Write the page, in Markdown."""
    rows = "\n".join(
        f"| {row.airport} ({row.dest}) | {row.flights:,} | {row.late:.1%} | {row.expected:.1%} |"
        for row in by_dest.head(10).itertuples()
    )
    verdict = "better" if brier["calibrated"] < brier["probability"] else "no better"
    return f"""# Will this flight land late?

{metrics["flights"]:,} test flights on days that training never saw; {metrics["late_share"]:.1%} landed late.

| | test AUC |
| --- | ---: |
| model | {metrics["auc"]:.4f} |
| carrier and hour alone | {metrics["baseline_auc"]:.4f} |

Brier score {brier["probability"]:.4f} as predicted, {brier["calibrated"]:.4f} calibrated: {verdict}.

| to | flights | late | expected |
| --- | ---: | ---: | ---: |
{rows}
"""


def draw(predictions: pd.DataFrame, label: str, path: Path) -> None:
    """Draw what was predicted against what happened."""
    figure = Figure(figsize=(5, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="#9aa5b1", linewidth=1)
    for column in ("probability", "calibrated"):
        curve = reliability(predictions, column, label)
        axes.plot(curve[column], curve[label], marker="o", label=column)
    axes.set(xlabel="predicted", ylabel="landed late", title="Test flights, in tenths by score")
    axes.legend()
    figure.savefig(path, dpi=120)
