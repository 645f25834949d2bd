"""Holds the rules on who may import whom."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("core", "observers", "experiments", "analysis")
FORBIDDEN = {
    "core": {"sacred", "pymongo", "incense", "experiments", "observers", "analysis"},
    "observers": {"tensorflow", "core", "experiments", "analysis"},
    "experiments": {"tensorflow", "analysis"},
    "analysis": {"tensorflow", "core", "experiments"},
}
ORDER = {
    package: names.split()
    for package, names in {
        "core": """draw numerals examples batches characters spelling inputs trie lstm encoder published arithmetic
                   tasks optimizer model selection events hooks resume estimator explain export hparams""",
        "observers": """files artifacts attempts journal metrics_file output process stored_runs run_directory database
                        series delivery mongo upkeep __main__""",
        "experiments": """settings phases progress steps resuming report sources quiet output recording interrupts
                          asking explaining cloud vertex deploying commands laboratory command_line parity number
                          grid warm planning quiet_run scores sweep_options sweeping sweep""",
        "analysis": "runs plots",
    }.items()
}
MODULES = [path for package in PACKAGES for path in sorted((ROOT / package).glob("*.py")) if path.stem != "__init__"]


def imports(path: Path) -> set[str]:
    """The full names of all modules that a file imports, at its top or inside of functions, types excepted."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    only_types = {
        node
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and getattr(block.test, "id", "") == "TYPE_CHECKING"
        for statement in block.body
        for node in ast.walk(statement)
    }
    names = set()
    for node in ast.walk(tree):
        if node in only_types:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_a_package_imports_in_one_direction(path):
    roots = {name.partition(".")[0] for name in imports(path)}

    assert not roots & FORBIDDEN[path.parent.name]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_a_module_imports_from_those_before_it(path):
    package, order = path.parent.name, ORDER[path.parent.name]
    siblings = {name.split(".")[1] for name in imports(path) if name.startswith(f"{package}.")}

    assert siblings <= set(order[: order.index(path.stem)])


def test_every_module_has_its_place_in_the_order():
    assert {path.stem for path in MODULES} == {name for order in ORDER.values() for name in order}


def test_the_rules_see_imports_inside_of_functions(tmp_path):
    module = tmp_path / "module.py"
    module.write_text("def f():\n    from a.b import c\n    import d.e\n")

    assert imports(module) == {"a.b", "a.b.c", "d.e"}


@pytest.mark.parametrize("path", sorted(ROOT.glob("*/*.py")), ids=lambda path: path.stem)
def test_no_file_is_longer_than_a_person_reads_at_once(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 250
