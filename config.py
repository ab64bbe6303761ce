"""Typed settings, read once from the environment; a bad value stops the start with one sentence.

The table in docs/configuration.md is generated from the fields below (`./run docs`).
"""

from __future__ import annotations

import dataclasses
import difflib
import enum
import os
import secrets
import zoneinfo
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from environs import Env, EnvError

FEATURES: tuple[str, ...] = ()
"""Dotted names of the wiring modules that the factory loads at start, in import order.

`app` never imports a feature: it is given them here. Each module has `init_app(app)`.
"""

ROOT = Path(__file__).resolve().parent

_PREFIX = "ASSAY_"
_NOT_OURS = frozenset({"ASSAY_CHROMIUM"})
"""Variables of the test suite, which may be set where the portal starts."""
_AT_LEAST_ONE = (
    "session_idle_minutes", "session_hours", "step_up_minutes", "worker_threads",
    "upload_max_megabytes", "smtp_timeout_seconds", "lease_seconds", "database_pool_size",
)  # fmt: skip


class SettingsError(Exception):
    """A setting is missing or makes no sense; the message is one sentence for the operator."""


class Environment(enum.StrEnum):
    """Where the portal runs; production refuses what is only fit for a desk."""

    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


def setting(default: Any, doc: str, *, secret: bool = False, example: str = "") -> Any:
    """Declare a field with what the generated table says about it."""
    metadata = {"doc": doc, "secret": secret, "example": example}
    if callable(default):
        return dataclasses.field(default_factory=default, metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """Everything that an operator can set. Field `x_y` is read from `ASSAY_X_Y`."""

    environment: Environment = setting(
        Environment.DEVELOPMENT,
        "development, test or production. Production checks itself at start.",
    )
    demo: bool = setting(False, "Marks the sample organisation; set by `./run demo`.")
    data_dir: Path = setting(
        lambda: ROOT / "var", "Folder for the database, files, secret key and unsent mails."
    )
    secret_key: str = setting(
        "",
        "Signs cookies and protects stored secrets. Empty: a key file in the data folder, "
        "made on first start. Production needs it or the file.",
        secret=True,
    )
    secret_key_fallbacks: tuple[str, ...] = setting(
        (), "Older keys that still verify, separated by commas, newest first.", secret=True
    )
    database_url: str = setting(
        "",
        "Empty: SQLite in the data folder. PostgreSQL by its address.",
        secret=True,
        example="postgresql+psycopg://assay@db.example/assay",
    )
    database_pool_size: int = setting(8, "Connections each web process may hold (PostgreSQL).")
    base_url: str = setting(
        "http://127.0.0.1:8400",
        "Address of the portal as people type it; all links start with it. Unset: that of `./run`.",
    )
    trusted_hosts: tuple[str, ...] = setting(
        (), "Host names answered, separated by commas. Empty: the host of the base address."
    )
    proxy_count: int = setting(
        0, "Reverse proxies in front whose X-Forwarded-* headers are believed."
    )
    host: str = setting("127.0.0.1", "Address that `./run` listens on.")
    port: int = setting(8400, "Port that `./run` listens on.")
    organisation_name: str = setting(
        "Your organisation", "Name that vendors and mails see until it is set in the portal."
    )
    default_locale: str = setting("en", "Language when the reader has chosen none: en or de.")
    timezone: str = setting("UTC", "Zone in which dates are shown and due dates end.")
    session_idle_minutes: int = setting(60, "A session ends after this long without a request.")
    session_hours: int = setting(12, "A session ends after this long whatever happens.")
    step_up_minutes: int = setting(
        15, "Sensitive changes ask for the password again after this long."
    )
    require_totp: bool = setting(
        False, "Every staff account must set up a second factor before anything else."
    )
    smtp_host: str = setting("", "SMTP server. Empty: mails are kept in the data folder, not sent.")
    smtp_port: int = setting(587, "Port of the SMTP server.")
    smtp_security: str = setting(
        "starttls", "starttls, tls, or none (only for a server on this machine)."
    )
    smtp_username: str = setting("", "Account at the SMTP server.")
    smtp_password: str = setting("", "Password at the SMTP server.", secret=True)
    smtp_timeout_seconds: int = setting(15, "Longest wait for the SMTP server.")
    mail_from: str = setting("assay@localhost", "Sender address of all mails.")
    storage_url: str = setting(
        "",
        "Empty: files in the data folder. S3-compatible storage by its address; "
        "credentials from the usual AWS_* variables.",
        example="s3://bucket/prefix",
    )
    upload_max_megabytes: int = setting(25, "Largest file that may be uploaded.")
    clamd_address: str = setting(
        "", "Malware scanner (clamd). Empty: files are not scanned.", example="127.0.0.1:3310"
    )
    worker_threads: int = setting(2, "Jobs that one worker process runs at once.")
    lease_seconds: int = setting(60, "A job whose worker is silent this long is taken over.")
    metrics_token: str = setting(
        "", "Bearer token for /metrics. Empty: the page answers 404.", secret=True
    )
    log_level: str = setting("INFO", "DEBUG, INFO, WARNING or ERROR.")

    @property
    def resolved_database_url(self) -> str:
        """Return the database address, SQLite in the data folder when none is set."""
        return self.database_url or f"sqlite:///{self.data_dir / 'assay.db'}"

    @property
    def resolved_trusted_hosts(self) -> list[str]:
        """Return the host names that requests may name."""
        return list(self.trusted_hosts) or [urlsplit(self.base_url).hostname or "localhost"]

    @property
    def is_https(self) -> bool:
        """Return whether people reach the portal over TLS."""
        return self.base_url.startswith("https://")

    @property
    def is_production(self) -> bool:
        """Return whether the strict checks apply."""
        return self.environment is Environment.PRODUCTION

    def with_values(self, **values: Any) -> Settings:
        """Return a checked copy with other values."""
        changed = dataclasses.replace(self, **values)
        changed.check()
        return changed

    def check(self) -> None:
        """Raise SettingsError when the values do not make a safe portal."""
        for holds, sentence in self._rules():
            if not holds:
                raise SettingsError(sentence)

    def _rules(self) -> Iterator[tuple[bool, str]]:
        """Yield (whether it holds, what to do otherwise) for every rule."""
        address = urlsplit(self.base_url)
        yield (
            address.scheme in ("http", "https") and bool(address.hostname),
            "ASSAY_BASE_URL must be a full address such as https://assess.example.org.",
        )
        yield (
            self.smtp_security in ("starttls", "tls", "none"),
            "ASSAY_SMTP_SECURITY must be starttls, tls or none.",
        )
        yield (
            self.smtp_security != "none" or self.smtp_host in ("", "localhost", "127.0.0.1"),
            "ASSAY_SMTP_SECURITY=none is only for a server on this machine; take starttls or tls.",
        )
        yield self.default_locale in ("en", "de"), "ASSAY_DEFAULT_LOCALE must be en or de."
        yield (
            _is_zone(self.timezone),
            "ASSAY_TIMEZONE must be the name of a zone, for example Europe/Berlin.",
        )
        yield (
            self.log_level in ("DEBUG", "INFO", "WARNING", "ERROR"),
            "ASSAY_LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR.",
        )
        yield (
            "@" in self.mail_from,
            "ASSAY_MAIL_FROM must be a mail address, for example assay@example.org.",
        )
        yield (
            self.database_url.startswith(("sqlite:///", "postgresql")) or not self.database_url,
            "ASSAY_DATABASE_URL must start with postgresql+psycopg:// or sqlite:///.",
        )
        yield (
            self.storage_url.startswith("s3://") or not self.storage_url,
            "ASSAY_STORAGE_URL must start with s3://; leave it empty for the data folder.",
        )
        yield self.proxy_count >= 0, "ASSAY_PROXY_COUNT must be 0 or more."
        for name in ("port", "smtp_port"):
            yield 1 <= getattr(self, name) <= 65535, f"{_variable(name)} must be 1 to 65535."
        for name in _AT_LEAST_ONE:
            yield getattr(self, name) >= 1, f"{_variable(name)} must be 1 or more."
        if self.is_production:
            yield from self._production_rules()

    def _production_rules(self) -> Iterator[tuple[bool, str]]:
        yield (
            bool(self.secret_key) or secret_key_file(self).exists(),
            "Production needs a secret key: set ASSAY_SECRET_KEY or run ./run make-secret-key.",
        )
        yield (
            not self.secret_key or len(self.secret_key) >= 32,
            "ASSAY_SECRET_KEY must have 32 characters or more.",
        )
        yield (
            self.is_https,
            "Production needs secure cookies: ASSAY_BASE_URL must start with https://.",
        )
        yield (
            not any(host in ("*", "") or host[0] in "*." for host in self.resolved_trusted_hosts),
            "ASSAY_TRUSTED_HOSTS must name each host in full; wildcards are refused.",
        )
        yield not self.demo, "The sample organisation does not run in production."


def _variable(name: str) -> str:
    """Return the environment variable of a field."""
    return _PREFIX + name.upper()


def _is_zone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def secret_key_file(settings: Settings) -> Path:
    """Return where the generated secret key lies."""
    return settings.data_dir / "secret-key"


def _write_once(path: Path, text: str) -> None:
    """Write a file whole or not at all; of two processes that start at once the first one wins."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def load_secret_key(settings: Settings) -> str:
    """Return the secret key; on first start make the key file, readable by its owner only.

    Raises SettingsError when the data folder cannot be written.
    """
    if settings.secret_key:
        return settings.secret_key
    path = secret_key_file(settings)
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write_once(path, secrets.token_urlsafe(48))
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise SettingsError(
            f"The data folder {settings.data_dir} cannot be written ({error.strerror}); "
            "set ASSAY_DATA_DIR to a folder that this user may write."
        ) from error


def load_settings() -> Settings:
    """Return checked settings from the process environment.

    Raises SettingsError with one sentence for the operator.
    """
    _refuse_unknown_names()
    env = Env(prefix=_PREFIX)
    settings = Settings(**{field.name: _read(env, field) for field in dataclasses.fields(Settings)})
    if not os.environ.get(_variable("base_url"), "").strip():
        settings = dataclasses.replace(settings, base_url=_own_address(settings))
    settings.check()
    return settings


def _own_address(settings: Settings) -> str:
    """Return where this machine reaches what `./run` serves."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - nothing listens here
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def _refuse_unknown_names() -> None:
    """A mistyped name would leave its default in force, unseen."""
    known = {_variable(field.name) for field in dataclasses.fields(Settings)}
    for name in sorted(os.environ):
        if name.startswith(_PREFIX) and name not in known | _NOT_OURS:
            close = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
            hint = f"; did you mean {close[0]}?" if close else ": see docs/configuration.md."
            raise SettingsError(f"There is no setting {name}{hint}")


def _read(env: Env, field: dataclasses.Field[Any]) -> Any:
    """Return the value of one setting; its default when the variable is not set or empty."""
    factory = field.default_factory
    default = field.default if factory is dataclasses.MISSING else factory()
    name = field.name.upper()
    if not os.environ.get(_variable(field.name), "").strip():
        return default
    value: Any
    try:
        match default:
            case Environment():
                wanted = "development, test or production"
                value = env.enum(name, enum=Environment, by_value=True)
            case bool():
                wanted = "true or false"
                value = env.bool(name)
            case int():
                wanted = f"a whole number, for example {default}"
                value = env.int(name)
            case Path():
                wanted = "a folder"
                value = env.path(name).expanduser().resolve()
            case tuple():
                wanted = "values separated by commas"
                parts: list[str] = env.list(name)
                value = tuple(part.strip() for part in parts if part.strip())
            case _:
                wanted = "text"
                value = env.str(name).strip()
    except EnvError as error:
        raise SettingsError(f"{_variable(field.name)} must be {wanted}.") from error
    return value
