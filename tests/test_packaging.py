"""The house can be built, installed, cloned and mounted wherever its users do so.

Why each of these could break: ``docs/adr/0001-namespace-without-root-init.md``.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.checkout import PACKAGES, checkout_files, copy_checkout
from support.environments import Environment

IMPORT_EVERYTHING = """
import importlib, pkgutil, sys
import insurance_reviews
for folder in sys.argv[1:]:
    package = importlib.import_module(f"insurance_reviews.{folder}")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        # Alembic alone may run its environment, and a __main__ serves.
        if module.name.rpartition(".")[2] not in {"env", "__main__"}:
            importlib.import_module(module.name)
assert getattr(insurance_reviews, "__file__", None) is None, "the root must stay a namespace"
print(package.__file__)
"""

MEET_THE_HOST = """
import plugin, insurance_reviews.plugin
print(plugin.OWNER)
assert plugin is not insurance_reviews.plugin
"""


@dataclass(frozen=True)
class Installed:
    environment: Environment
    #: Where the installed packages are expected to be read from.
    source: Path


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean copy in a folder whose name is no Python identifier."""
    return copy_checkout(tmp_path_factory.mktemp("clone") / "insurance-reviews-main")


@pytest.fixture(scope="session")
def wheel(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet"]
    build = [*pip, "--no-deps", "--no-index", "--no-build-isolation", "-w", str(folder), str(clone)]
    done = subprocess.run(build, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session", params=["wheel", "editable"])
def installed(
    request: pytest.FixtureRequest, clone: Path, tmp_path_factory: pytest.TempPathFactory
) -> Installed:
    """A fresh environment with the wheel, then one with the clone installed as editable."""
    environment = Environment(tmp_path_factory.mktemp(f"installed-{request.param}") / "venv")
    if request.param == "wheel":
        environment.install(request.getfixturevalue("wheel"))
        return Installed(environment, environment.site_packages / "insurance_reviews")
    environment.install("--editable", clone)
    return Installed(environment, clone)


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def shipped() -> list[str]:
    """The files of the checkout that belong into the wheel."""
    return [
        f"insurance_reviews/{name.as_posix()}"
        for name in checkout_files()
        if name.parts[0] in PACKAGES
    ]


def test_the_wheel_holds_every_file_of_our_folders(wheel: Path) -> None:
    """Code, templates, static files, catalogues, SQL, TOML and py.typed alike."""
    assert sorted(set(shipped()) - names_in(wheel)) == []


def test_the_wheel_holds_every_catalogue_compiled(wheel: Path) -> None:
    sources = [name for name in shipped() if name.endswith(".po")]
    assert {name.removesuffix(".po") + ".mo" for name in sources} <= names_in(wheel)


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    """No tests, no by-products, and above all no root ``__init__.py``."""
    compiled = {name.removesuffix(".po") + ".mo" for name in shipped()}
    others = names_in(wheel) - set(shipped()) - compiled
    (metadata,) = {name.split("/")[0] for name in others}
    assert metadata.endswith(".dist-info")


def test_every_module_imports(installed: Installed, tmp_path: Path) -> None:
    """From an empty folder, so that nothing but the installation can be what is found."""
    found = installed.environment.python("-c", IMPORT_EVERYTHING, *PACKAGES, cwd=tmp_path)
    assert Path(found.strip()) == installed.source / PACKAGES[-1] / "__init__.py"


def test_every_module_imports_inside_the_clone(installed: Installed, clone: Path) -> None:
    """There ``plugin`` and ``widgets`` are importable twice, but the namespace is the same."""
    found = installed.environment.python("-c", IMPORT_EVERYTHING, *PACKAGES, cwd=clone)
    assert Path(found.strip()) == installed.source / PACKAGES[-1] / "__init__.py"


def test_a_host_may_own_a_plugin_folder(installed: Installed, tmp_path: Path) -> None:
    (tmp_path / "plugin").mkdir()
    (tmp_path / "plugin" / "__init__.py").write_text('OWNER = "the host"\n')
    assert installed.environment.python("-c", MEET_THE_HOST, cwd=tmp_path) == "the host\n"


def test_another_distribution_may_share_the_namespace(installed: Installed, tmp_path: Path) -> None:
    """Somebody's ``insurance_reviews.reports`` lives beside our packages, not instead of them."""
    (tmp_path / "insurance_reviews" / "reports").mkdir(parents=True)
    (tmp_path / "insurance_reviews" / "reports" / "__init__.py").touch()
    both = "import insurance_reviews.reports, insurance_reviews.plugin"
    assert installed.environment.python("-c", both, cwd=tmp_path) == ""


def test_the_tests_run_in_a_hyphenated_clone(installed: Installed, clone: Path) -> None:
    """With a root ``__init__.py`` pytest could name no module there."""
    run = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "namespace or examples_hold"]
    tests = ["tests/test_house.py", "tests/moderation/test_doctests.py"]
    assert " passed" in installed.environment.python(*run, *tests, cwd=clone)


def test_the_commands_are_installed(installed: Installed, tmp_path: Path) -> None:
    command = installed.environment.scripts / "insurance-reviews"
    assert "Usage" in installed.environment.python(command, "--help", cwd=tmp_path)
    flask = ["-m", "flask", "--app", "flask:Flask('host')", "reviews", "--help"]
    assert "Usage" in installed.environment.python(*flask, cwd=tmp_path)
