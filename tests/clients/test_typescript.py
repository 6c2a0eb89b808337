"""The schema as TypeScript sees it: types from the usual generator, compiled under `strict`."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SCHEMA = HERE.parents[1] / "schema.graphql"
PATIENCE = 300.0
# What bundlers' own templates set; `strict` does not depend on it.
COMPILE = "--strict --noEmit --pretty false --target es2022 --module esnext --moduleResolution bundler"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (shutil.which("node") and shutil.which("npm")), reason="no node and npm on PATH"),
]


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - commands of this file
        command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def succeed(folder: Path, *command: str) -> None:
    done = run(folder, *command)
    assert done.returncode == 0, done.stdout + done.stderr


def generate(folder: Path) -> None:
    succeed(folder, "node_modules/.bin/graphql-codegen", "--config", "codegen.yml")


def compile(folder: Path, file: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "node_modules/.bin/tsc", *COMPILE.split(), "--verbatimModuleSyntax", file)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The generator and the compiler."""
    folder = tmp_path_factory.mktemp("installed")
    shutil.copy(HERE / "package.json", folder)
    # No scripts: nothing of these packages needs to run before it is called.
    succeed(folder, "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock")
    return folder / "node_modules"


@pytest.fixture
def frontend(installed: Path, tmp_path: Path) -> Path:
    """A frontend's folder, its types generated."""
    (tmp_path / "node_modules").symlink_to(installed)
    for file in (
        SCHEMA,
        *(HERE / name for name in ("codegen.yml", "operations.graphql", "narrowing.ts", "refused.ts")),
    ):
        shutil.copy(file, tmp_path)
    generate(tmp_path)
    return tmp_path


def test_a_switch_over_typename_narrows_every_union_without_a_cast(frontend: Path) -> None:
    compiled = compile(frontend, "narrowing.ts")

    assert compiled.returncode == 0, compiled.stdout


def test_what_is_not_narrowed_or_not_of_the_type_does_not_compile(frontend: Path) -> None:
    lines = (frontend / "refused.ts").read_text("utf-8").splitlines()
    expected = [(n, code) for n, line in enumerate(lines, 1) for code in re.findall(r"// (TS\d+)$", line)]
    assert expected

    compiled = compile(frontend, "refused.ts")

    reported = re.findall(r"^refused\.ts\((\d+),\d+\): error (TS\d+)", compiled.stdout, re.MULTILINE)
    assert [(int(n), code) for n, code in reported] == expected, compiled.stdout


def test_a_member_that_the_client_does_not_know_yet_stops_its_compilation(frontend: Path) -> None:
    schema = frontend / "schema.graphql"
    union = "union CreateCustomerResult = "
    known = schema.read_text("utf-8")
    assert union in known
    schema.write_text(known.replace(union, f"{union}Suspended | ") + "type Suspended { since: DateTime! }", "utf-8")
    generate(frontend)

    compiled = compile(frontend, "narrowing.ts")

    assert "'Suspended'; }' is not assignable to parameter of type 'never'" in compiled.stdout.replace('"', "'")
