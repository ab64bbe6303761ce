"""Settings are read from the environment, and what makes no sense stops with one sentence."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

import config
from config import (
    Environment,
    Settings,
    SettingsError,
    load_secret_key,
    load_settings,
    secret_key_file,
)

PRODUCTION = {
    "ASSAY_ENVIRONMENT": "production",
    "ASSAY_BASE_URL": "https://assess.example.org",
    "ASSAY_SECRET_KEY": "k" * 32,
}


def given(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def test_nothing_needs_to_be_set() -> None:
    settings = load_settings()
    assert settings.environment is Environment.DEVELOPMENT
    assert settings.data_dir == config.ROOT / "var"
    assert settings.resolved_database_url == f"sqlite:///{config.ROOT / 'var' / 'assay.db'}"
    assert settings.resolved_trusted_hosts == ["127.0.0.1"]
    assert not settings.is_https


def test_every_kind_of_setting_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given(
        monkeypatch,
        {
            "ASSAY_ENVIRONMENT": "test",
            "ASSAY_DEMO": "true",
            "ASSAY_PORT": "9000",
            "ASSAY_DATA_DIR": f"{tmp_path}/here/../there",
            "ASSAY_TRUSTED_HOSTS": "assess.example.org, intern.example.org ,",
            "ASSAY_ORGANISATION_NAME": "  Northwind ",
        },
    )
    settings = load_settings()
    assert settings.environment is Environment.TEST
    assert settings.demo is True
    assert settings.port == 9000
    assert settings.data_dir == tmp_path / "there"
    assert settings.resolved_trusted_hosts == ["assess.example.org", "intern.example.org"]
    assert settings.organisation_name == "Northwind"


@pytest.mark.parametrize("name", ["ASSAY_PORT", "ASSAY_DATA_DIR", "ASSAY_DEMO", "ASSAY_LOG_LEVEL"])
def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, " ")
    assert load_settings() == Settings()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("ENVIRONMENT", "prod", "ASSAY_ENVIRONMENT must be development, test or production."),
        ("DEMO", "perhaps", "ASSAY_DEMO must be true or false."),
        ("PORT", "http", "ASSAY_PORT must be a whole number, for example 8400."),
        ("PORT", "0", "ASSAY_PORT must be 1 to 65535."),
        ("SMTP_PORT", "65536", "ASSAY_SMTP_PORT must be 1 to 65535."),
        ("BASE_URL", "assess.example.org", "ASSAY_BASE_URL must be a full address"),
        ("BASE_URL", "ftp://assess.example.org", "ASSAY_BASE_URL must be a full address"),
        ("SMTP_SECURITY", "ssl", "ASSAY_SMTP_SECURITY must be starttls, tls or none."),
        ("DEFAULT_LOCALE", "fr", "ASSAY_DEFAULT_LOCALE must be en or de."),
        ("TIMEZONE", "Mars/Olympus", "ASSAY_TIMEZONE must be the name of a zone"),
        ("TIMEZONE", "../../etc/passwd", "ASSAY_TIMEZONE must be the name of a zone"),
        ("LOG_LEVEL", "loud", "ASSAY_LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR."),
        ("MAIL_FROM", "assay", "ASSAY_MAIL_FROM must be a mail address"),
        ("DATABASE_URL", "mysql://db/assay", "ASSAY_DATABASE_URL must start with postgresql"),
        ("STORAGE_URL", "gs://bucket", "ASSAY_STORAGE_URL must start with s3://"),
        ("PROXY_COUNT", "-1", "ASSAY_PROXY_COUNT must be 0 or more."),
        ("WORKER_THREADS", "0", "ASSAY_WORKER_THREADS must be 1 or more."),
        ("SESSION_HOURS", "0", "ASSAY_SESSION_HOURS must be 1 or more."),
        ("SMPT_HOST", "mail", "no setting ASSAY_SMPT_HOST; did you mean ASSAY_SMTP_HOST?"),
        ("QQQQ", "1", "no setting ASSAY_QQQQ: see docs/configuration.md."),
    ],
)
def test_a_value_without_sense_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(f"ASSAY_{name}", value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    text = str(caught.value)
    assert sentence in text
    assert text.endswith((".", "?"))
    assert "\n" not in text


def test_passwords_are_not_sent_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, {"ASSAY_SMTP_SECURITY": "none", "ASSAY_SMTP_HOST": "mail.example.org"})
    with pytest.raises(SettingsError, match="only for a server on this machine"):
        load_settings()
    monkeypatch.setenv("ASSAY_SMTP_HOST", "127.0.0.1")
    load_settings()


def test_production_starts_with_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, PRODUCTION)
    settings = load_settings()
    assert settings.is_production
    assert settings.is_https
    assert settings.resolved_trusted_hosts == ["assess.example.org"]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", "", "Production needs a secret key"),
        ("SECRET_KEY", "short", "32 characters or more"),
        ("BASE_URL", "http://assess.example.org", "Production needs secure cookies"),
        ("TRUSTED_HOSTS", "*", "wildcards are refused"),
        ("TRUSTED_HOSTS", "assess.example.org,.example.org", "wildcards are refused"),
        ("TRUSTED_HOSTS", "*.example.org", "wildcards are refused"),
        ("DEMO", "true", "The sample organisation does not run in production."),
    ],
)
def test_production_refuses(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str, sentence: str
) -> None:
    given(monkeypatch, {**PRODUCTION, "ASSAY_DATA_DIR": str(tmp_path), f"ASSAY_{name}": value})
    with pytest.raises(SettingsError, match=sentence):
        load_settings()


def test_a_key_file_is_enough_for_production(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key = load_secret_key(Settings(data_dir=tmp_path))
    given(monkeypatch, {**PRODUCTION, "ASSAY_DATA_DIR": str(tmp_path), "ASSAY_SECRET_KEY": ""})
    assert load_secret_key(load_settings()) == key


def test_the_key_file_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new" / "folder")
    key = load_secret_key(settings)
    assert len(key) >= 64
    assert load_secret_key(settings) == key
    assert stat.S_IMODE(secret_key_file(settings).stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.data_dir.stat().st_mode) == 0o700
    assert [path.name for path in settings.data_dir.iterdir()] == ["secret-key"]


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SettingsError, match=r"cannot be written .*; set ASSAY_DATA_DIR"):
        load_secret_key(Settings(data_dir=tmp_path / "file" / "var"))


def test_changed_settings_are_checked_too() -> None:
    with pytest.raises(SettingsError, match="ASSAY_PORT"):
        Settings().with_values(port=0)
