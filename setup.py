"""Map the folders of the checkout to the namespace ``insurance_reviews``.

One rule holds everywhere: *module path = ``insurance_reviews.`` + file path*. There is no root
``__init__.py`` and no ``src`` folder, so a tool cannot find the packages by itself; everything
else is in ``pyproject.toml``. Why: ``docs/adr/0001-namespace-without-root-init.md``.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from setuptools import find_namespace_packages, setup
from setuptools.command.build_py import build_py

ROOT = "insurance_reviews"
FOLDERS = ("plugin", "widgets", "moderation", "migrations", "demo_shop")

# Folders of data (templates/, static/, …) have no __init__.py and count as namespace packages, so
# one list of patterns serves them all. A test compares the wheel with the checkout.
DATA = [
    "py.typed",
    *("*.html", "*.txt", "*.xml", "*.css", "*.js", "*.svg", "*.png", "*.webp", "*.ico", "*.woff2"),
    *("*.po", "*.mo", "*.pot"),
    *("*.toml", "*.json", "*.jsonl", "*.sql", "*.mako", "*.md"),
]


def compile_catalogues(root: Path) -> None:
    """Write the ``.mo`` beside every ``.po`` under our folders.

    They are written into the source tree, not only into the build folder: an editable install
    reads its data there.
    """
    for folder in FOLDERS:
        for source in sorted((root / folder).rglob("*.po")):
            with source.open("rb") as stream:
                catalogue = read_po(stream, locale=source.parent.parent.name, abort_invalid=True)
            with source.with_suffix(".mo").open("wb") as target:
                write_mo(target, catalogue)


class BuildWithCatalogues(build_py):
    """``build_py`` that compiles the translations first, so that they are found as data files."""

    def run(self) -> None:
        compile_catalogues(Path(__file__).parent)
        # The list of data files may have been computed already, without the fresh catalogues.
        self.__dict__.pop("data_files", None)
        super().run()


def packages() -> list[str]:
    """Every package and data folder, under its name in the namespace."""
    include = [pattern for folder in FOLDERS for pattern in (folder, f"{folder}.*")]
    return [f"{ROOT}.{name}" for name in find_namespace_packages(include=include)]


setup(
    package_dir={ROOT: "."},
    packages=packages(),
    package_data={"": DATA},
    include_package_data=False,
    cmdclass={"build_py": BuildWithCatalogues},
)
