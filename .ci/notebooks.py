"""Execute every notebook from top to bottom, in a copy: `python notebooks.py FOLDER COPY`.

Fails on a cell that ends in an error, on a saved notebook that holds one, and on a file above the size cap.
"""

import shutil
import sys
import time
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

SIZE_CAP = 2_000_000  # bytes; a saved notebook is read on the web, and in diffs
CELL_TIMEOUT = 180


def main(folder: Path, copy: Path) -> int:
    """Check all notebooks, print one line each, and return how many are faulty."""
    kernel = KernelSpecManager().get_kernel_spec("python3").resource_dir
    if not Path(kernel).is_relative_to(sys.prefix):
        sys.exit(f"the kernel python3 is not this environment's: {kernel}")
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*_workspace", "*_copy", ".*", "__pycache__"))
    faulty = 0
    for path in sorted(copy.glob("*.ipynb")):
        began = time.monotonic()
        faults = [*faults_of(path), *execute(path), *faults_of(path)]
        faulty += bool(faults)
        print(f"{path.name}: {time.monotonic() - began:.0f} s, {path.stat().st_size:,} bytes")
        for fault in dict.fromkeys(faults):
            print(f"  {fault}")
    return faulty


def faults_of(path: Path) -> list[str]:
    """Return what is wrong with a notebook as it is saved."""
    cells = nbformat.read(path, as_version=4).cells
    outputs = (output for cell in cells if cell.cell_type == "code" for output in cell.outputs)
    faults = [f"holds an error: {output.ename}: {output.evalue}" for output in outputs if output.output_type == "error"]
    if path.stat().st_size > SIZE_CAP:
        faults.append(f"larger than {SIZE_CAP:,} bytes")
    return faults


def execute(path: Path) -> list[str]:
    """Run all cells and save the notebook; return the error that stopped it, if any."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=CELL_TIMEOUT, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    )
    try:
        client.execute()
    except (CellExecutionError, TimeoutError, RuntimeError) as error:
        return [f"{type(error).__name__}: {error}"]
    finally:
        nbformat.write(notebook, path)
    return []


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
