"""The README's reverse proxies, in front of a server that believes them."""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2 as httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.postgres import eventually
from tests.server import PATIENCE, Server, free_port, serving

# Each starts processes of its own.
pytestmark = pytest.mark.slow

NAME = "billfolk.example"
README = (Path(__file__).parents[3] / "README.md").read_text("utf-8")

# A client of its own address: this machine has more than one.
CLIENT = "127.0.0.2"


def block(language: str) -> str:
    [found] = re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return str(found)


def certified(folder: Path) -> tuple[Path, Path]:
    """A certificate of its own making, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "tls.crt", folder / "tls.key"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


def nginx(program: str, folder: Path, port: int, behind: int) -> list[str]:
    certificate, key = certified(folder)
    site = block("nginx").replace("listen 443", f"listen 127.0.0.1:{port}").replace(":8000", f":{behind}")
    site = re.sub(r"(ssl_certificate +).*;", rf"\1{certificate};", site)
    site = re.sub(r"(ssl_certificate_key +).*;", rf"\1{key};", site)
    folders = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    file = folder / "nginx.conf"
    file.write_text(f"daemon off; pid {folder}/pid; events {{}} http {{ access_log off; {folders}\n{site}\n}}")
    return [program, "-c", str(file), "-e", "stderr"]


def caddy(program: str, folder: Path, port: int, behind: int) -> list[str]:
    certificate, key = certified(folder)
    site = block("caddyfile").replace(f"{NAME} {{", f"https://{NAME}:{port} {{\ntls {certificate} {key}", 1)
    file = folder / "Caddyfile"
    file.write_text(f"{{\nadmin off\nauto_https off\n}}\n{site.replace(':8000', f':{behind}')}")
    return [program, "run", "--adapter", "caddyfile", "--config", str(file)]


@contextmanager
def in_front(configured: Callable[[str, Path, int, int], list[str]], folder: Path, server: Server) -> Iterator[int]:
    program = shutil.which(configured.__name__, path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip(f"there is no {configured.__name__}")
    port = free_port()
    with (folder / "proxy.log").open("wb") as log:
        environment = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        process = subprocess.Popen(  # noqa: S603 - a program of this machine
            configured(program, folder, port, server.port), env=environment, stdout=log, stderr=log
        )
        try:

            def listens() -> bool:
                assert process.poll() is None, (folder / "proxy.log").read_text()
                with socket.socket() as visitor:
                    return visitor.connect_ex(("127.0.0.1", port)) == 0

            eventually(listens, what="the proxy listens")
            yield port
        finally:
            process.terminate()
            process.wait(PATIENCE)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a machine has but one address of its own")
@pytest.mark.parametrize("proxy", [nginx, caddy])
def test_the_proxy_has_the_certificate_and_says_who_calls(
    proxy: Callable[[str, Path, int, int], list[str]], tmp_path: Path
) -> None:
    settings = {"BILLFOLK_TRUSTED_PROXIES": "127.0.0.1", "BILLFOLK_LOG_CLIENT_ADDRESS": "true"}
    with serving(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, **settings) as server:
        with in_front(proxy, tmp_path, server) as port:
            forged = {"x-forwarded-for": "203.0.113.9", "forwarded": "for=203.0.113.9"}
            headers = {"authorization": f"Bearer {server.key}", **forged}
            trust = ssl.create_default_context(cafile=str(tmp_path / "tls.crt"))
            transport = httpx.HTTPTransport(verify=trust, local_address=CLIENT)
            with httpx.Client(transport=transport, headers=headers) as client:
                for _ in range(3):
                    answer = client.post(
                        f"https://127.0.0.1:{port}/graphql",
                        json={"query": "{ viewer { tenantId } }"},
                        headers={"host": NAME},
                        extensions={"sni_hostname": NAME},
                    )
                    assert answer.json() == {"data": {"viewer": {"tenantId": "default"}}}
        lines = [json.loads(line) for line in server.printed.splitlines() if line.startswith("{")]
        assert [line["client"] for line in lines if line["event"] == "POST /graphql"] == [CLIENT] * 3
