"""What to install for an import: packages whose name on the index is not the name they are imported by."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import metadata
from typing import Final

_DISTRIBUTION: Final = {
    "Bio": "biopython",
    "Crypto": "pycryptodome",
    "MySQLdb": "mysqlclient",
    "OpenSSL": "pyopenssl",
    "PIL": "pillow",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "community": "python-louvain",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "faiss": "faiss-cpu",
    "fitz": "pymupdf",
    "git": "gitpython",
    "igraph": "python-igraph",
    "imblearn": "imbalanced-learn",
    "jose": "python-jose",
    "jwt": "pyjwt",
    "kafka": "kafka-python",
    "ldap": "python-ldap",
    "Levenshtein": "levenshtein",
    "magic": "python-magic",
    "mpl_toolkits": "matplotlib",
    "nacl": "pynacl",
    "osgeo": "gdal",
    "pkg_resources": "setuptools",
    "pl_bolts": "lightning-bolts",
    "pptx": "python-pptx",
    "psycopg2": "psycopg2-binary",
    "pythoncom": "pywin32",
    "pytorch_lightning": "pytorch-lightning",
    "ruamel": "ruamel.yaml",
    "sagemaker_containers": "sagemaker-containers",
    "sentence_transformers": "sentence-transformers",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "skopt": "scikit-optimize",
    "slugify": "python-slugify",
    "snowflake": "snowflake-connector-python",
    "socks": "pysocks",
    "telegram": "python-telegram-bot",
    "umap": "umap-learn",
    "usb": "pyusb",
    "websocket": "websocket-client",
    "wx": "wxpython",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
}
# Whose packages have the module's own name, as everybody knows. Of any other name that a script imports nobody can say
# whether the package of that name is the one that is meant, so it is not installed unasked.
_OF_THE_SAME_NAME: Final = frozenset(
    (
        *("altair", "boto3", "botocore", "catboost", "click", "cloudpickle", "datasets", "dill", "distributed"),
        *("dask", "duckdb", "fastparquet", "flask", "fsspec", "gensim", "h5py", "httpx", "jsonschema"),
        *("joblib", "keras", "lightgbm", "lxml", "matplotlib", "mlflow", "networkx", "nltk", "numba", "numpy"),
        *("onnx", "onnxruntime", "openpyxl", "optuna", "orjson", "packaging", "pandas", "pandera", "patsy"),
        *("peft", "plotly", "polars", "psutil", "pyarrow", "pydantic", "pygam", "pyspark", "pytest"),
        *("rapidfuzz", "regex", "requests", "rich", "s3fs", "safetensors", "sagemaker", "scipy", "seaborn"),
        *("sentencepiece", "shap", "spacy", "sqlalchemy", "statsmodels", "sympy", "tabulate", "tenacity"),
        *("tensorboard", "tensorflow", "tiktoken", "tokenizers", "tomli", "torch", "torchaudio"),
        *("torchmetrics", "torchvision", "tqdm", "transformers", "ujson", "urllib3", "xarray", "xgboost"),
    )
)


def distribution_of(module: str) -> str:
    """The package that brings a top-level module; the module's own name where it is not known to have another."""
    return _DISTRIBUTION.get(module, module)


def has_other_name(module: str) -> bool:
    """Whether the package that brings a module is known to be called otherwise."""
    return distribution_of(module) != module


def brings(module: str) -> str | None:
    """The package that is known to bring a top-level module; None where nobody says so.

    Known are the names that are common knowledge, and what the kernel's own environment got from an index.
    """
    if has_other_name(module):
        return distribution_of(module)
    return module if module in _OF_THE_SAME_NAME else _installed().get(module)


@lru_cache(maxsize=1)
def _installed() -> dict[str, str]:
    """The kernel's own packages by module; not those that were installed from a folder or an address."""
    found = {module: names[0] for module, names in metadata.packages_distributions().items() if len(names) == 1}
    return {module: name for module, name in found.items() if not _came_by_address(name)}


def _came_by_address(name: str) -> bool:
    try:
        return bool(json.loads(metadata.distribution(name).read_text("direct_url.json") or "null"))
    except (metadata.PackageNotFoundError, ValueError):
        return False
