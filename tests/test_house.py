"""The habits of the house, where no linter holds them."""

import ast
import io
import os
import re
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.fixtures.locks import ALL, locked

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("chalicelib", "functions", "cli", "infra")
MODULE_BUDGET = 108
LONGEST_TEST_NAME = 70
KINDS_OF_TESTS = {
    *{"api", "cli", "functions", "infra", "samples"},  # of what is no noun: the whole API, and the other packages
    *{"bench", "browser", "deploy", "durability", "e2e", "fuzz", "mutation", "seeded_bugs", "simulation", "torture"},
    *{"fakes", "fixtures"},
}
HEAVY = {"argon2", "boto3", "botocore", "pynamodb", "yaml"}


def python_files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module or '.'}.{alias.name}" for alias in node.names)


def is_within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def modules_after(statement: str) -> set[str]:
    """The modules a fresh interpreter holds, in an environment where no tool of ours hooks into it."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {statement}; print(*sys.modules)"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def touches_the_environment(path: Path) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    looked_up = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    imported = {name.removeprefix("os.") for name in imports_of(path) if is_within(name, "os")}
    return bool((looked_up | imported) & {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"})


def test_a_file_holds_one_noun() -> None:
    too_long = {name_of(path): lines_of(path) for path in python_files(*PACKAGES) if lines_of(path) > 300}
    assert too_long == {}


def test_app_only_registers() -> None:
    assert lines_of(ROOT / "app.py") <= 40


def test_app_knows_the_routes_and_the_functions_only() -> None:
    known = ("chalice", "chalicelib.web", "chalicelib.access.authorizer", "functions")
    others = [name for name in imports_of(ROOT / "app.py") if not is_within(name, *known)]
    assert [name for name in others if not re.fullmatch(r"chalicelib\.\w+\.http(\.\w+)?", name)] == []


def test_a_few_settings_modules_alone_touch_the_environment() -> None:
    readers = [name_of(path) for path in python_files("chalicelib", "cli", "infra") if touches_the_environment(path)]
    assert readers == ["chalicelib/settings.py", "cli/environment.py", "infra/local/settings.py", "infra/settings.py"]


def test_no_module_of_the_book_or_the_command_writes_the_environment() -> None:
    for reader in ("chalicelib/settings.py", "cli/environment.py"):
        assert not re.search(
            r"environb?(\[|\.(update|setdefault|pop|clear))|putenv", (ROOT / reader).read_text("utf-8")
        )


def test_tests_have_a_folder_for_each_noun_and_kind() -> None:
    nouns, folders = (
        {path.parent.name for path in (ROOT / package).glob("*/__init__.py")} for package in ("chalicelib", "tests")
    )
    assert folders == nouns | KINDS_OF_TESTS


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {path.parent for path in python_files("tests")}
    assert [name_of(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_every_module_opens_with_a_sentence() -> None:
    sources = [(path, path.read_text(encoding="utf-8")) for path in python_files(*PACKAGES, "tests", "samples")]
    silent = [name_of(path) for path, source in sources if source and not ast.get_docstring(ast.parse(source))]
    assert silent == []


def test_a_test_name_has_at_most_70_characters() -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in python_files("tests")]
    names = [node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert [name for name in names if name.startswith("test_") and len(name) > LONGEST_TEST_NAME] == []


def test_importing_app_is_quick() -> None:
    added = modules_after("import app") - modules_after("pass")
    assert sorted(added & HEAVY) == []
    assert len(added) <= MODULE_BUDGET, f"{len(added)} modules, of which ours: {sorted(ours(added))}"


def ours(modules: set[str]) -> set[str]:
    return {name for name in modules if is_within(name, "app", *PACKAGES)}


def test_chalice_ships_the_functions_through_a_link() -> None:
    assert (ROOT / "vendor" / "functions").readlink() == Path("../functions")


def named_packages() -> Iterator[Requirement]:
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield Requirement(line)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for extra in project["optional-dependencies"].values():
        yield from (Requirement(line) for line in extra)


def test_every_named_package_is_pinned_to_what_was_tested() -> None:
    tested = locked(ALL)
    named = {canonicalize_name(one.name): str(one.specifier) for one in named_packages() if one.name != "voltbook"}
    assert named == {name: f"=={tested.get(name)}" for name in named}, "after a change of versions: make lock"


@pytest.mark.parametrize(
    ("start", "entry"),
    [
        (r"^ignore = \[", r'^ +"[A-Z]+\d*",'),
        (r"^\[tool\.ruff\.lint\.per-file-ignores\]", r'^ +"[A-Z]+\d*",'),
        (r"^\[\[tool\.mypy\.overrides\]\]", r"^module = "),
        (r"^filterwarnings = \[", r"^ +[\"']ignore"),
    ],
    ids=["ruff", "ruff per file", "mypy", "pytest"],
)
def test_every_exception_in_the_tools_configuration_has_a_reason(start: str, entry: str) -> None:
    assert list(unexplained((ROOT / "pyproject.toml").read_text(encoding="utf-8"), start, entry)) == []


def unexplained(text: str, start: str, entry: str) -> Iterator[str]:
    inside, before = False, ""
    for line in text.splitlines():
        inside = bool(re.search(start, line)) or (inside and not re.match(r"\[|\]$", line))
        if inside and re.search(entry, line) and "#" not in line and not before.lstrip().startswith("#"):
            yield line
        before = line


def test_an_exception_without_a_reason_is_noticed() -> None:
    text = 'ignore = [\n  "D101",\n  "D102", # why\n]\n[other]\n  "D103",\n'
    assert list(unexplained(text, r"^ignore = \[", r'^ +"[A-Z]+\d*",')) == ['  "D101",']


SUPPRESSION = re.compile(
    r"# *(?:noqa|type: *ignore|pragma: *no *\w+)"
    r"(?:: *[A-Z]+\d+(?:, *[A-Z]+\d+)*|\[[\w, -]+\])?(?P<reason>.*)"
)


def suppressions_without_reason(source: str) -> Iterator[int]:
    above = -1
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        row = token.start[0]
        found = SUPPRESSION.search(token.string)
        if found and not re.search(r"\w{2}", found["reason"]) and above != row - 1:
            yield row
        above = row if token.line.lstrip().startswith("#") else above


def test_every_suppression_in_the_code_has_a_reason() -> None:
    files = [ROOT / "app.py", *python_files(*PACKAGES, "tests", "samples")]
    found = [
        f"{name_of(path)}:{row}"
        for path in files
        for row in suppressions_without_reason(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "rows"),
    [
        ("import os  # noqa: F401\n", [1]),
        ("import os  # noqa: F401, E402 - Chalice finds it here\n", []),
        ("# Chalice finds it here\nimport os  # noqa: F401\n", []),
        ("x = 1\nimport os  # type: ignore[import-untyped]\n", [2]),
        ("import os  # type: ignore[import-untyped]  # ships no types\n", []),
    ],
    ids=["bare", "said after it", "said above it", "bare for mypy", "said for mypy"],
)
def test_a_suppression_without_a_reason_is_noticed(source: str, rows: list[int]) -> None:
    assert list(suppressions_without_reason(source)) == rows
