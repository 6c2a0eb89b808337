"""The working group's own audits, as the npm package graphql-http has them, of the server as it is served."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.server import serving

PACKAGES = ["graphql-http@1.23.1", "graphql@16"]
AUDITS = 61


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the audits with npm, and give the folder."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        assert not os.environ.get("CI"), "CI runs the audits: it needs Node with npm"
        pytest.skip("there is no Node with npm")
    folder = tmp_path_factory.mktemp("audit")
    command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), *PACKAGES]
    installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)  # noqa: S603  # ours
    if installed.returncode and not os.environ.get("CI"):
        pytest.skip("npm can't install graphql-http")
    assert installed.returncode == 0, installed.stderr
    return folder


@pytest.mark.slow
def test_passes_every_audit(node: Path, tmp_path: Path) -> None:
    script = Path(__file__).with_name("audit.mjs")
    with serving(f"sqlite:///{tmp_path / 'x.db'}", tmp_path) as server:
        command = [shutil.which("node") or "node", str(script), f"{server.url}/graphql", server.key]
        ran = subprocess.run(command, cwd=node, capture_output=True, text=True, timeout=120, check=True)  # noqa: S603  # ours
    results = json.loads(ran.stdout)
    failed = [
        f"{result['id']} {result['name']}: {result.get('reason')}" for result in results if result["status"] != "ok"
    ]
    assert failed == []
    assert len(results) == AUDITS
