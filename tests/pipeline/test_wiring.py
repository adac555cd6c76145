"""What feeds each input, and what the files of a document are."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cursus_rt_notebook.pipeline.load import load_pipeline
from cursus_rt_notebook.pipeline.model import FromPath, FromStep
from cursus_rt_notebook.pipeline.packages import NotInPackage, find_in_package
from tests.pipeline.conftest import faults_of, small


def _input(value):
    return load_pipeline(small(inputs={"x": value})).steps["train"].inputs["x"]


def test_a_text_that_names_a_port_is_a_reference(folder):
    """`step.port` is a reference exactly when that step and that port exist."""
    assert _input("extract.flights") == FromStep(step="extract", port="flights")


def test_any_other_text_is_a_path(folder):
    """A text with a dot that names no port is a file."""
    assert _input("extract.out") == FromPath(path=folder / "extract.out")
    assert _input("scripts") == FromPath(path=folder / "scripts")


def test_what_could_be_both_asks_for_the_long_form(folder):
    """A file named like a port makes the short form unclear; the long forms work."""
    (folder / "extract.flights").write_text("")
    (fault,) = faults_of(small(inputs={"x": "extract.flights"}))
    assert fault.fix == "write {step: extract, port: flights} or {path: extract.flights}"
    assert _input({"step": "extract", "port": "flights"}) == FromStep(step="extract", port="flights")
    assert _input({"path": "extract.flights"}) == FromPath(path=folder / "extract.flights")


def test_names_with_dots(folder):
    """A reference may hold several dots, as long as one reading fits."""
    document = small(inputs={"x": "a.b.c.d"})
    document["steps"]["a.b"] = {"script": "train.py", "outputs": ["c.d"]}
    assert load_pipeline(document).steps["train"].inputs["x"] == FromStep(step="a.b", port="c.d")


def test_options_of_the_long_forms(folder):
    """`copy` and `optional` are kept for every kind of input."""
    reference = _input({"step": "extract", "port": "flights", "copy": True, "optional": True})
    assert (reference.copy_files, reference.optional) == (True, True)
    absent = _input({"path": "nothing.csv", "copy": True, "optional": True})
    assert (absent.path, absent.copy_files, absent.optional) == (folder / "nothing.csv", True, True)


def test_optional_forgives_no_typo(folder):
    """An optional reference to a port that cannot exist is still a fault."""
    faults = faults_of(small(inputs={"x": {"step": "extract", "port": "flihgts", "optional": True}}))
    assert faults[0].fix == "write flights"


def test_unreadable_outputs_blame_no_reference(folder):
    """A fault in a step's outputs is one fault, and not another for each reference to them."""
    document = small(inputs={"x": "extract.flights"})
    document["steps"]["extract"]["outputs"] = "flights"
    assert [fault.place for fault in faults_of(document)] == ["steps.extract.outputs"]
    document["steps"]["extract"] = {"script": "extract.py", "output": ["flights"]}
    assert [fault.place for fault in faults_of(document)] == ["steps.extract.output"]


def test_home_is_expanded(folder, monkeypatch):
    """`~` in a path is the user's home, as in a shell."""
    monkeypatch.setenv("HOME", str(folder))
    assert _input("~/data.csv").path == folder / "data.csv"


class TestPackages:
    """Files inside installed distributions."""

    @pytest.fixture
    def site(self, tmp_path, monkeypatch):
        """A site with one distribution, whose name is not its package's, and whose import is broken."""
        info = tmp_path / "site" / "fl_ights_data-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fl-ights-data\nVersion: 1.0\n")
        (info / "RECORD").write_text(
            "broken/__init__.py,,\nbroken/data/flights.csv,,\nfl_ights_data-1.0.dist-info/METADATA,,\n"
        )
        (tmp_path / "site" / "broken" / "data").mkdir(parents=True)
        (tmp_path / "site" / "broken" / "__init__.py").write_text("raise RuntimeError('imported')\n")
        (tmp_path / "site" / "broken" / "data" / "flights.csv").write_text("a\n")
        monkeypatch.syspath_prepend(str(tmp_path / "site"))
        return tmp_path / "site"

    @pytest.mark.parametrize("path", ["data/flights.csv", "broken/data/flights.csv"])
    def test_a_file_is_found_without_importing(self, path, site):
        """The path is relative to the package, or to the folder that it is in; nothing of it runs."""
        assert find_in_package("fl-ights-data", path) == site / "broken" / "data" / "flights.csv"
        assert "broken" not in sys.modules

    def test_a_folder_is_found(self, site):
        """An input may be a folder of a package."""
        assert find_in_package("fl-ights-data", "data") == site / "broken" / "data"

    def test_an_editable_installation(self, site, tmp_path, monkeypatch):
        """A package that lies elsewhere is found where it would be imported from, and still not imported."""
        (site / "fl_ights_data-1.0.dist-info" / "RECORD").write_text("fl_ights_data-1.0.dist-info/METADATA,,\n")
        source = tmp_path / "src" / "fl_ights_data"
        source.mkdir(parents=True)
        (source / "__init__.py").write_text("raise RuntimeError('imported')\n")
        (source / "a.csv").write_text("a\n")
        monkeypatch.syspath_prepend(str(tmp_path / "src"))
        assert find_in_package("fl-ights-data", "a.csv") == source / "a.csv"

    def test_the_input_remembers_its_package(self, site, folder):
        """The input is a path that says which distribution it came with."""
        source = _input({"package": "fl-ights-data", "path": "data/flights.csv"})
        assert source == FromPath(path=site / "broken/data/flights.csv", package="fl-ights-data")

    @pytest.mark.parametrize(
        ("package", "path", "fix"),
        [
            ("fl-ights-data", "data/flihgts.csv", "did you mean data/flights.csv?"),
            ("fl-ights-data", "nothing/zzz", "there are "),
            ("fl-ights-dta", "x", "did you mean fl-ights-data? Else: pip install fl-ights-dta"),
            ("qqqqqq-zzzzzz", "x", "pip install qqqqqq-zzzzzz"),
            ("fl-ights-data", "../../etc/passwd", "write it relative to the package"),
            ("fl-ights-data", "/etc/passwd", "write it relative to the package"),
            ("fl-ights-data", "a\0b", "write it relative to the package"),
            ("", "x", "pip install "),
            ("../x", "x", "pip install "),
        ],
    )
    def test_what_is_missing_is_named(self, package, path, fix, site):
        """A missing distribution or file is answered with the nearest one."""
        with pytest.raises(NotInPackage) as caught:
            find_in_package(package, path)
        assert caught.value.fix.startswith(fix)
        assert caught.value.where.is_absolute()

    def test_an_optional_file_may_be_missing(self, site, folder):
        """An optional input of a missing distribution stays, with the path where it would be."""
        source = _input({"package": "qqqqqq-zzzzzz", "path": "x.csv", "optional": True})
        assert source.path.parts[-2:] == ("qqqqqq_zzzzzz", "x.csv")


class TestFiles:
    """Scripts and interpreters."""

    def test_a_script_beside_the_document(self, folder):
        """A script that lies in the wrong folder is found for the remedy."""
        (folder / "lost.py").write_text("")
        (fault,) = faults_of(small(script="lost.py"))
        assert fault.fix == f"it is at '{folder / 'lost.py'}': mend source_dir"

    def test_a_step_may_have_its_own_interpreter(self, folder):
        """A step's `python` goes before the pipeline's, and keeps its link, which makes it an environment's."""
        env = folder / "env" / "bin"
        env.mkdir(parents=True)
        (env / "python").symlink_to(sys.executable)
        document = {**small(python="env/bin/python"), "python": sys.executable}
        pipeline = load_pipeline(document)
        assert pipeline.steps["train"].python == env / "python"
        assert pipeline.steps["extract"].python == Path(sys.executable)
        (fault,) = faults_of(small(python="env"))
        assert fault.fix == "write env/bin/python"
