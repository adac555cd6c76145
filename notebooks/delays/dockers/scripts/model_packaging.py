"""Pack the model, its calibration and a manifest into one archive for the registry."""

import json
import logging
import os
import shutil
import tarfile
from pathlib import Path

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
logger = logging.getLogger(__name__)


def main(
    input_paths: dict[str, str],
    output_paths: dict[str, str],
    environ_vars: dict[str, str],
    job_args: None,
) -> Path:
    """Write `model.tar.gz`."""
    work = Path(environ_vars["WORKING_DIRECTORY"])
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    with tarfile.open(Path(input_paths["model_input"], "model.tar.gz")) as archive:
        archive.extractall(work, filter="data")
    if "calibration_model" in input_paths:
        shutil.copytree(input_paths["calibration_model"], work / "calibration", dirs_exist_ok=True)
    files = sorted(path.relative_to(work).as_posix() for path in work.rglob("*") if path.is_file())
    (work / "manifest.json").write_text(json.dumps(files, indent=2), encoding="utf-8")
    package = Path(output_paths["packaged_model"], "model.tar.gz")
    with tarfile.open(package, "w:gz") as archive:
        archive.add(work, arcname=".")
    logger.info("%s files packed", len(files) + 1)
    return package


if __name__ == "__main__":
    main(
        {
            "model_input": "/opt/ml/processing/input/model",
            "calibration_model": "/opt/ml/processing/input/calibration",
        },
        {"packaged_model": "/opt/ml/processing/output"},
        {"WORKING_DIRECTORY": os.environ.get("WORKING_DIRECTORY", "/tmp/delays_packaging")},  # noqa: S108
        None,
    )
