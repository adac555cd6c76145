"""Where SageMaker has things in the container of a job, and what it makes of them when the job has ended."""

from __future__ import annotations

from typing import Final

CODE: Final = "/opt/ml/code"  # the step's own source folder
OWN: Final = ("/opt/ml", "/tmp")  # noqa: S108  whatever else lies in them is the container's own
CHANNELS: Final = "/opt/ml/input/data"  # the inputs of a training job, a folder each
MODEL: Final = "/opt/ml/model"
OUTPUT: Final = "/opt/ml/output/data"
# The folders of a training job that are handed on as archives.
PACKED: Final = {MODEL: "model.tar.gz", OUTPUT: "output.tar.gz"}
