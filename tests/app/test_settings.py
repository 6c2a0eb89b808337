"""Settings: where they come from, what is wrong with them, and what is shown of them."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.settings import SECTIONS, Settings, in_force, strays, wrong
from tests.server import run


@pytest.fixture(autouse=True)
def nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own settings are not the tests'."""
    for name in list(os.environ):
        if name.startswith("BILLFOLK_"):
            monkeypatch.delenv(name)


def told() -> list[str]:
    with pytest.raises(ValidationError) as caught:
        Settings()
    return list(wrong(caught.value))


def test_every_setting_stands_in_a_section_and_says_what_it_is() -> None:
    names = [name for section in SECTIONS for name in section.model_fields]

    assert names == list(Settings.model_fields)
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
    assert all(section.__doc__ and "\n" not in section.__doc__ for section in SECTIONS)


def test_a_setting_may_be_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, text in enumerate(("sqlite:///of-a-file.db\n", "sqlite:///of-a-file.db", "sqlite:///of-a-file.db\r\n")):
        file = tmp_path / str(number)
        file.write_bytes(text.encode())
        monkeypatch.setenv("BILLFOLK_DATABASE_URL_FILE", str(file))
        assert Settings().database_url == "sqlite:///of-a-file.db"
    for name, text in {"PORT": "1234\n", "TRUSTED_PROXIES": "10.0.0.0/8,::1\n", "METRICS_TOKEN": "x" * 20}.items():
        (tmp_path / name).write_text(text)
        monkeypatch.setenv(f"BILLFOLK_{name}_FILE", str(tmp_path / name))
    settings = Settings()
    assert settings.port == 1234
    assert list(map(str, settings.trusted_proxies)) == ["10.0.0.0/8", "::1/128"]
    assert settings.metrics_token is not None
    assert settings.metrics_token.get_secret_value() == "x" * 20


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    settings = {
        "DATABASE_URL": "secret-1",
        "DATABASE_URL_FILE": str(tmp_path / "absent-secret-2"),
        "DIRECT_DATABASE_URL_FILE": str(tmp_path / "absent-secret-3"),
        "DATABASE_PGBOUNCER": "secret-4",
        "DATABASE_POOL_SIZE": "0",
        "DATABASE_POOL_TIMEOUT": "nan",
        "IDEMPOTENCY_RETENTION_HOURS": "secret-5",
        "HOST_FILE": str(binary),
        "TRUSTED_PROXIES": "10.0.0.1, secret-6",
        "PROXY_HEADERS": "secret-7",
        "HEADER_TIMEOUT": "0",
        "LOG_LEVEL": "secret-8",
        "METRICS_TOKEN": "secret-9",
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"BILLFOLK_{name}", value)

    lines = told()

    assert lines == [
        "BILLFOLK_DATABASE_URL: is given twice: BILLFOLK_DATABASE_URL_FILE is set too",
        "BILLFOLK_DIRECT_DATABASE_URL: can't be read: BILLFOLK_DIRECT_DATABASE_URL_FILE names a file: "
        "No such file or directory",
        "BILLFOLK_DATABASE_PGBOUNCER: must be true or false",
        "BILLFOLK_DATABASE_POOL_SIZE: must be a whole number of at least 1",
        "BILLFOLK_DATABASE_POOL_TIMEOUT: must be a number above 0",
        "BILLFOLK_IDEMPOTENCY_RETENTION_HOURS: must be a whole number from 24 to 87600",
        "BILLFOLK_HOST: can't be read: BILLFOLK_HOST_FILE names a file that is not UTF-8",
        "BILLFOLK_TRUSTED_PROXIES: must be addresses and networks such as 10.0.0.0/8, with commas between",
        "BILLFOLK_PROXY_HEADERS: must be one of x-forwarded, forwarded",
        "BILLFOLK_HEADER_TIMEOUT: must be a number above 0",
        "BILLFOLK_LOG_LEVEL: must be one of debug, info, warning, error",
        "BILLFOLK_METRICS_TOKEN: must have 16 characters at least",
    ]


def test_headers_of_proxies_go_with_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILLFOLK_PROXY_HEADERS", "forwarded")
    assert told() == ["BILLFOLK_PROXY_HEADERS: must not be set unless BILLFOLK_TRUSTED_PROXIES is"]

    monkeypatch.setenv("BILLFOLK_TRUSTED_PROXIES", "::1")
    assert Settings().proxy_headers == "forwarded"


def test_what_kubernetes_sets_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    links = ["SERVICE_HOST", "SERVICE_PORT", "SERVICE_PORT_HTTP", "PORT_8000_TCP", "PORT_8000_TCP_ADDR"]
    for name in ("PORT", *links):
        monkeypatch.setenv(f"BILLFOLK_{name}", "tcp://10.1.2.3:8000")

    [port] = told()
    [others] = strays()

    assert port.startswith("BILLFOLK_PORT: must be a whole number from 0 to 65535. Kubernetes sets it for a Service")
    assert "enableServiceLinks: false" in port
    assert others.startswith(", ".join(sorted(f"BILLFOLK_{name}" for name in links)))
    assert "enableServiceLinks: false" in others


def test_what_is_no_setting_is_told_with_what_may_have_been_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PROT", "DATABASE_ULR_FILE", "XYZZY", "PORT", "HOST_FILE"):
        monkeypatch.setenv(f"BILLFOLK_{name}", "1")

    assert list(strays()) == [
        "BILLFOLK_DATABASE_ULR_FILE: no setting. Did you mean BILLFOLK_DATABASE_URL_FILE?",
        "BILLFOLK_PROT: no setting. Did you mean BILLFOLK_PORT?",
        "BILLFOLK_XYZZY: no setting.",
    ]


def test_what_is_in_force_is_shown_without_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "url"
    file.write_text("postgresql://billfolk:hunter2@of@db:5432/x?sslmode=require&sslpassword=hunter2\n")
    monkeypatch.setenv("BILLFOLK_DATABASE_URL_FILE", str(file))
    monkeypatch.setenv("BILLFOLK_METRICS_TOKEN", "hunter2hunter2hunter2")
    monkeypatch.setenv("BILLFOLK_TRUSTED_PROXIES", "10.0.0.0/8,::1")

    lines = {words[0]: words[1:] for line in in_force(Settings()) if len(words := line.split()) == 3}

    assert lines["BILLFOLK_DATABASE_URL"] == [
        "postgresql://billfolk:********@db:5432/x?sslmode=require&sslpassword=********",
        "file",
    ]
    assert lines["BILLFOLK_METRICS_TOKEN"] == ["********", "environment"]
    assert lines["BILLFOLK_TRUSTED_PROXIES"] == ["10.0.0.0/8,::1/128", "environment"]
    assert lines["BILLFOLK_DIRECT_DATABASE_URL"] == ["none", "default"]
    assert lines["BILLFOLK_DATABASE_PGBOUNCER"] == ["false", "default"]
    assert lines.keys() == {f"BILLFOLK_{name.upper()}" for name in Settings.model_fields}


@pytest.mark.slow
def test_the_command_shows_them_too() -> None:
    ended = run("settings", BILLFOLK_PORT="1234", BILLFOLK_DATABASE_URL="postgresql://a:hunter2@b/c")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "hunter2" not in ended.stdout
    assert ["BILLFOLK_PORT", "1234", "environment"] in map(str.split, ended.stdout.splitlines())


@pytest.mark.slow
def test_a_start_warns_of_what_is_no_setting(tmp_path: Path) -> None:
    taken = {"BILLFOLK_DATABASE_URL": "sqlite:////nonexistent/folder/x.db", "BILLFOLK_PROT": "1"}
    ended = run("serve", "--port", "0", **taken)
    assert ended.returncode == 1
    assert "BILLFOLK_PROT: no setting. Did you mean BILLFOLK_PORT?" in ended.stderr
