"""A browser and a JupyterLab for the tests of this folder that need them: one of each, gone when the last has run."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.notebook.lab import QUIET, Lab

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="package")
def browser():
    """A Chromium without a window; without one the tests skip, or fail where one is required."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        reason = f"no Chromium on the PATH (looked for {', '.join(NAMES)}): nothing was seen in a browser"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=found, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def lab(browser, tmp_path_factory):
    """A JupyterLab, for every test that looks at one."""
    del browser  # without one nothing is started
    with Lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture
def shots(tmp_path):
    """Where pictures of the page are kept: the folder CURSUS_RT_SHOTS, or one that goes with the test."""
    return Path(os.environ.get("CURSUS_RT_SHOTS") or tmp_path)
