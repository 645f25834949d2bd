"""The documents name what exists, and leave nothing out."""

import re

import pytest

from tests.documents.commands import DOCUMENTS, ROOT

ROOMS = ("core", "experiments", "observers", "analysis", "tests")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files_and_folders_that_exist(document):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_within_a_document_lead_to_a_heading(document):
    text = document.read_text(encoding="utf-8")
    headings = {
        re.sub(r"[^\w -]", "", line).strip().lower().replace(" ", "-") for line in re.findall(r"^#+ (.*)$", text, re.M)
    }
    for target in re.findall(r"\]\(#([^)]+)\)", text):
        assert target in headings


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_a_readme(room):
    assert (ROOT / room / "README.md").is_file()


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "tests"])
def test_a_readme_names_every_module_of_its_folder(room):
    """Of its folder, or of the nearest one above that has a README."""
    for path in (ROOT / room).rglob("*.py"):
        if path.name != "__init__.py":
            folder = next(parent for parent in path.parents if (parent / "README.md").is_file())
            text = (folder / "README.md").read_text(encoding="utf-8")
            relative = path.relative_to(folder)
            assert str(relative) in text or f"`{path.name}`" in text or f"{relative.parent}/`" in text, relative


def test_the_top_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150
