"""One command makes a release: the version, the change log and the schema that the next one is compared with."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from graphql import GraphQLSchema, build_schema

from graph.releases import log, review
from graph.releases.changes import Change, between

_VERSION = re.compile(r"\d+\.\d+\.\d+")


@dataclass(frozen=True)
class Checkout:
    """The repository at `root`, and the schema that its code has, as a document."""

    root: Path
    sdl: str

    @property
    def folder(self) -> Path:
        return self.root / "graph" / "releases"

    @property
    def change_log(self) -> Path:
        return self.folder / "CHANGES.md"

    @cached_property
    def last(self) -> Path:
        """The last release's schema, in a file that is called as the release was."""
        [file] = self.folder.glob("*.graphql")
        return file

    @cached_property
    def schemas(self) -> tuple[GraphQLSchema, GraphQLSchema]:
        return build_schema(self.last.read_text("utf-8")), build_schema(self.sdl)

    def changes(self) -> list[Change]:
        """What has changed since the last release."""
        return between(*self.schemas)

    def faults(self, today: date) -> list[str]:
        """What keeps the schema from being released, a sentence each."""
        return list(review.faults(*self.schemas, self.change_log.read_text("utf-8"), today))

    def release(self, version: str, today: date) -> list[str]:
        """Make the release, unless something keeps it from being made: that is answered, and nothing is written."""
        said = self.change_log.read_text("utf-8")
        faults = [*self.faults(today), *review.short_notices(*self.schemas, today)]
        if not _VERSION.fullmatch(version) or parts(version) <= parts(self.last.stem):
            faults.append(f"A version such as 1.2.0 is needed, and one that is later than {self.last.stem}.")
        if not log.coming(said):
            faults.append("The change log says nothing of this release.")
        if faults:
            return faults
        project = self.root / "pyproject.toml"
        before = project.read_text("utf-8")
        project.write_text(re.sub(r'(?m)^version = ".*"$', f'version = "{version}"', before, count=1), "utf-8")
        self.change_log.write_text(log.entered(said, version, today), "utf-8")
        (self.folder / f"{version}.graphql").write_text(self.sdl, "utf-8")
        self.last.unlink()
        return []


def parts(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]
