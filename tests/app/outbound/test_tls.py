"""TLS holds the other end to the name that was asked for, wherever it was found."""

import asyncio
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.outbound.calling import Client, calling
from app.outbound.errors import TimedOut, Unreachable, Untrusted
from tests.app.outbound.conftest import Make, Names, Wire, terms
from tests.app.outbound.receivers import answering, mute, receiving
from tests.server import PATIENCE

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)


@dataclass
class Issued:
    """A certificate of its own making: the server's context, and one of a client that trusts it."""

    server: ssl.SSLContext
    client: ssl.SSLContext
    asked_for: list[str | None]


def issued(folder: Path, *names: x509.GeneralName, ends: datetime | None = None) -> Issued:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "receiver")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - 2 * DAY)
        .not_valid_after(ends or now + DAY)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "tls.pem"
    file.write_bytes(certificate.public_bytes(pem) + private)
    asked_for: list[str | None] = []
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    server.sni_callback = lambda _, name, __: asked_for.append(name)
    return Issued(server, ssl.create_default_context(cafile=str(file)), asked_for)


HOOKS = x509.DNSName("hooks.example")


@pytest.mark.parametrize("host", ["hooks.example", "hooks.example.", "HOOKS.example"])
async def test_the_name_is_verified_and_the_address_is_the_judged_one(
    host: str, make: Make, names: Names, wire: Wire, tmp_path: Path
) -> None:
    names.answers["hooks.example"] = [["127.0.0.1"]]
    certificate = issued(tmp_path, HOOKS)
    async with receiving(answering(), tls=certificate.server) as receiver:
        answer = await make(certificate.client).post(f"https://{host}:{receiver.port}/", b"{}", {})

    assert (answer.status, answer.body) == (200, b"ok")
    assert (certificate.asked_for, wire.called) == (["hooks.example"], ["127.0.0.1"])


async def test_an_address_is_verified_too(make: Make, tmp_path: Path) -> None:
    certificate = issued(tmp_path, x509.IPAddress(ip_address("127.0.0.1")))
    async with receiving(answering(), tls=certificate.server) as receiver:
        assert (await make(certificate.client).post(f"https://127.0.0.1:{receiver.port}/", b"{}", {})).status == 200

    async with receiving(answering(), "127.0.0.2", tls=certificate.server) as receiver:
        with pytest.raises(Untrusted):
            await make(certificate.client).post(f"https://127.0.0.2:{receiver.port}/", b"{}", {})
    assert receiver.requests == []


async def test_a_certificate_of_another_name_is_not_trusted(make: Make, names: Names, tmp_path: Path) -> None:
    names.answers["other.example"] = [["127.0.0.1"]]
    certificate = issued(tmp_path, HOOKS, x509.IPAddress(ip_address("127.0.0.1")))
    async with receiving(answering(), tls=certificate.server) as receiver:
        with pytest.raises(Untrusted) as failed:
            await make(certificate.client).post(f"https://other.example:{receiver.port}/", b"{}", {})

    assert receiver.requests == []
    assert failed.value.may_retry


async def test_a_certificate_that_has_ended_is_not_trusted(make: Make, names: Names, tmp_path: Path) -> None:
    names.answers["hooks.example"] = [["127.0.0.1"]]
    certificate = issued(tmp_path, HOOKS, ends=datetime.now(UTC) - DAY)
    async with receiving(answering(), tls=certificate.server) as receiver:
        with pytest.raises(Untrusted):
            await make(certificate.client).post(f"https://hooks.example:{receiver.port}/", b"{}", {})

    assert receiver.requests == []


async def test_a_certificate_of_its_own_making_is_not_trusted(tmp_path: Path) -> None:
    certificate = issued(tmp_path, x509.IPAddress(ip_address("127.0.0.1")))
    async with receiving(answering(), tls=certificate.server) as receiver, calling(terms()) as client:
        with pytest.raises(Untrusted):
            await client.post(f"https://127.0.0.1:{receiver.port}/", b"{}", {})

    assert receiver.requests == []


async def test_what_does_not_speak_tls_is_not_trusted(client: Client) -> None:
    async def plain(receiver: object, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await reader.read()

    async with receiving(plain) as receiver:
        with pytest.raises(Untrusted):
            await client.post(f"https://127.0.0.1:{receiver.port}/", b"{}", {})


async def test_a_connection_that_is_closed_before_tls_is_unreachable(client: Client) -> None:
    async def closing(receiver: object, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(100)

    async with receiving(closing) as receiver:
        with pytest.raises(Unreachable):
            await client.post(f"https://127.0.0.1:{receiver.port}/", b"{}", {})


async def test_tls_that_is_not_agreed_on_is_not_waited_for(make: Make) -> None:
    async with receiving(mute) as receiver:
        call = make(outbound_connect_timeout=0.2).post(f"https://127.0.0.1:{receiver.port}/", b"{}", {})
        with pytest.raises(TimedOut):
            await asyncio.wait_for(call, PATIENCE / 2)
