"""Fit gradient-boosted trees on the cleaned flights."""

import json
import logging
import os
import sys
from pathlib import Path
from subprocess import check_call
from typing import Any

PACKAGES = ["scikit-learn>=1.0", "joblib"]
if os.environ.get("USE_SECURE_PYPI", "true").lower() == "true":
    raise ImportError("the secure index can only be reached in production")
check_call([sys.executable, "-m", "pip", "install", *PACKAGES])  # noqa: S603

import joblib  # noqa: E402
import pandas as pd  # noqa: E402
from sklearn.compose import make_column_transformer  # noqa: E402
from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: E402
from sklearn.metrics import roc_auc_score  # noqa: E402
from sklearn.pipeline import Pipeline, make_pipeline  # noqa: E402
from sklearn.preprocessing import OrdinalEncoder  # noqa: E402

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
logger = logging.getLogger(__name__)

HYPERPARAMETERS = Path("/opt/ml/code/hyperparams/hyperparameters.json")


def main(
    input_paths: dict[str, str],
    output_paths: dict[str, str],
    environ_vars: dict[str, bool],
    job_args: None,
) -> None:
    """Write the model with the columns that it takes, and how well it ranks the validation flights."""
    hyperparameters = json.loads(HYPERPARAMETERS.read_text(encoding="utf-8"))
    train, val = (pd.read_csv(next(Path(input_paths["input_path"], part).glob("*.csv"))) for part in ("train", "val"))
    label = hyperparameters["label_name"]
    columns = [*hyperparameters["cat_field_list"], *hyperparameters["tab_field_list"]]
    model = build(hyperparameters, balanced=environ_vars["USE_CLASS_WEIGHTS"]).fit(train[columns], train[label])
    auc = {name: score(model, table[columns], table[label]) for name, table in (("train", train), ("val", val))}
    logger.info("AUC %.4f on what it has seen, %.4f on the rest", auc["train"], auc["val"])
    folder = Path(output_paths["model_output"])
    joblib.dump(model, folder / "model.joblib")
    (folder / "feature_columns.txt").write_text("\n".join(columns) + "\n", encoding="utf-8")
    Path(output_paths["evaluation_output"], "metrics.json").write_text(json.dumps(auc, indent=2), encoding="utf-8")


def build(hyperparameters: dict[str, Any], *, balanced: bool) -> Pipeline:
    """Make the model: categories by number, whatever it has not seen apart."""
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    trees = HistGradientBoostingClassifier(
        learning_rate=hyperparameters["learning_rate"],
        max_iter=hyperparameters["num_round"],
        max_leaf_nodes=hyperparameters["max_leaf_nodes"],
        random_state=hyperparameters["seed"],
        early_stopping=False,
        class_weight="balanced" if balanced else None,
    )
    return make_pipeline(
        make_column_transformer((encoder, hyperparameters["cat_field_list"]), remainder="passthrough"), trees
    )


def score(model: Pipeline, table: pd.DataFrame, label: pd.Series) -> float:
    """Return the chance that a late flight is ranked above a punctual one."""
    return round(float(roc_auc_score(label, model.predict_proba(table)[:, 1])), 4)


if __name__ == "__main__":
    main(
        {"input_path": "/opt/ml/input/data", "hyperparameters_s3_uri": str(HYPERPARAMETERS)},
        {"model_output": "/opt/ml/model", "evaluation_output": "/opt/ml/output/data"},
        {"USE_CLASS_WEIGHTS": os.environ.get("USE_CLASS_WEIGHTS", "false").lower() == "true"},
        None,
    )
