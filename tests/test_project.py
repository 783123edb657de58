"""The house itself: floors, sizes, the two commands of the README, nothing written of the machine it was built on."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "partybuild_cli"
FLOORS = "effects errors outputs values store records sheets index rules reports demo cli".split()
MODULES = sorted(PACKAGE.rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf8"))


def imports(path: Path) -> Iterator[str]:
    """The modules of the package that a module imports, those inside functions too."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("partybuild_cli"))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("partybuild_cli"):
            for alias in node.names:
                target = f"{node.module}.{alias.name}"
                yield target if (ROOT / Path(*target.split("."))).with_suffix(".py").exists() else str(node.module)


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def test_arrows_run_down():
    for path in MODULES:
        mine = room(name_of(path))
        above = FLOORS[FLOORS.index(mine) + 1 :] if mine in FLOORS else ()
        assert [target for target in imports(path) if room(target) in above] == [], path


def test_no_circles():
    graph = {name_of(path): set(imports(path)) for path in MODULES}
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join((*trail[trail.index(module) :], module))
        if module not in done:
            for target in graph.get(module, ()):
                if target != module:
                    visit(target, (*trail, module))
            done.add(module)

    for module in graph:
        visit(module, ())


def test_modules_and_functions_are_short():
    long = [name_of(path) for path in MODULES if path.read_text(encoding="utf8").count("\n") > 400]
    for path in MODULES:
        functions = (node for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef))
        too_long = (one.name for one in functions if (one.end_lineno or 0) - one.body[0].lineno > 60)
        long += [f"{name_of(path)}.{name}" for name in too_long]
    assert long == []


def test_the_readme_and_the_checks_run_the_same_tests():
    readme, checks = (ROOT / "README.md").read_text(encoding="utf8"), (ROOT / ".ci/run").read_text(encoding="utf8")
    commands = re.findall(r"^python3 -m venv \.venv-dev && .*$", readme, flags=re.MULTILINE)
    assert len(commands) == 1
    assert commands[0] in map(str.strip, checks.splitlines())


def test_the_workflow_runs_every_part_of_the_checks():
    """And each of its own commands names a file that there is."""
    jobs = yaml.safe_load((ROOT / ".github/workflows/checks.yml").read_text(encoding="utf8"))["jobs"]
    parts = set(re.findall(r"^(\w+)\(\) \{", (ROOT / ".ci/run").read_text(encoding="utf8"), flags=re.MULTILINE))
    assert set(jobs["checks"]["strategy"]["matrix"]["part"]) == parts
    lines = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    assert [
        name for line in lines for name in re.findall(r"\.ci/\w+(?:\.\w+)?", line) if not (ROOT / name).exists()
    ] == []
    said = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]["classifiers"]
    told = {one.rpartition(" ")[2] for one in said if one.startswith("Programming Language :: Python :: ")}
    assert told <= set(jobs["tests"]["strategy"]["matrix"]["python"])


def test_only_what_belongs_stands_at_the_top():
    allowed = {"partybuild_cli", "tests", "docs", "pyproject.toml", "README.md", "LICENSE"}
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert found - allowed - {"build", "dist", "partybuild.egg-info", "partybuild-demo"} == set()


def test_only_public_names_of_other_packages_are_used():
    """A private module or name of a library may go with its next version; nothing of a library is replaced either."""
    ours = sys.stdlib_module_names | {"partybuild_cli"}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] not in ours:
                parts = [*node.module.split("."), *(one.name for one in node.names)]
                assert not any(part.startswith("_") for part in parts), f"{path}:{node.lineno}"
            if isinstance(node, ast.Import):
                for one in node.names:
                    private = any(part.startswith("_") for part in one.name.split("."))
                    assert not private or one.name.partition(".")[0] in ours, f"{path}:{node.lineno}"


def test_nobody_asks_for_the_class_of_a_kind():
    """A kind says itself what its values are; who asks for its class has to be changed with every new one."""
    asks = re.compile(r"isinstance\(\(?[\w.]*\bkind\b|type\([\w.]*\bkind\)")
    assert [str(path) for path in MODULES if asks.search(path.read_text(encoding="utf8"))] == []
