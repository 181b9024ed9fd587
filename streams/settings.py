"""Settings of everything that talks to Kafka, from the environment with the prefix `DRIPLINE_`.

What is wrong is named all at once, by the name of each setting, and never with its value. A check between
settings belongs to the one that is declared later; where the earlier one is at fault itself, it is silent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.duration import parse_duration
from streams.settings_files import check_readable, read_secret

PREFIX: Final = "DRIPLINE_"

SecurityProtocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
SaslMechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
Store = Literal["memory://", "rocksdb://"]

_SERVER: Final = re.compile(
    r"(?:[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})"
)
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
_LAST_PORT: Final = 65_535
_LONGEST_NAME: Final = 200
"""Characters of an id: Kafka allows 249 for a topic, and the changelog's name starts with the app id."""


class SettingsError(Exception):
    """Settings are wrong: one line a fault, each with the name of its setting, none with a value."""


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _duration(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


Duration = Annotated[int, BeforeValidator(_duration)]
"""Microseconds, written as a number with `s`, `m` or `h`."""


class Settings(BaseSettings):
    """The settings, checked. `docs/settings.md` is made of them.

    Read them with `read_settings`, whose error names every fault.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    bootstrap_servers: str = Field(
        description="Brokers to ask first, host:port, separated by commas.",
        examples=["kafka1:9092,kafka2:9092"],
    )
    app_id: str = Field(
        "dripline",
        description="Name of the consumer group, and beginning of the changelog topic's name.",
        examples=["dripline-test"],
    )
    instance_id: str | None = Field(
        None,
        description="Name of this worker among those of the group, the same at each start. It makes the "
        "worker a static member: a restart within the session timeout moves no partition.",
        examples=["dripline-0"],
    )
    policy: Path | None = Field(
        None,
        description="Folder of the policy. Left out: the built-in CPCP019.",
        examples=["/etc/dripline/policy"],
    )
    exemptions: Path | None = Field(
        None,
        description="File of exemptions of plans and contracts, a JSON list or CSV.",
        examples=["/etc/dripline/exemptions.json"],
    )
    store: Store = Field(
        "memory://",
        description="Where state is kept between two records: `memory://`, or on disk, `rocksdb://`, which "
        "needs the extra `rocksdb` of the package.",
        examples=["rocksdb://"],
    )
    data_dir: Path | None = Field(
        None,
        description="Folder of the state on disk, one for each worker. `rocksdb://` needs it. It may be "
        "deleted while the worker is stopped: the state is made anew from the changelog.",
        examples=["/var/lib/dripline"],
    )
    settle_after: Duration | None = Field(
        None,
        ge=0,
        description="How long a claim must be quiet before it is screened. Left out: as the policy says.",
        examples=["15m"],
    )
    session_timeout: Duration = Field(
        30_000_000,
        ge=1_000_000,
        description="After this time without a heartbeat the group takes a worker for dead, and moves its "
        "partitions.",
        examples=["45s"],
    )
    http_host: str = Field(
        "127.0.0.1",
        min_length=1,
        description="Address on which metrics and probes are served.",
        examples=["0.0.0.0"],  # noqa: S104 - in a container; the default is the loopback
    )
    http_port: int = Field(
        6066,
        ge=1,
        le=_LAST_PORT,
        description="Port on which metrics and probes are served.",
        examples=["8080"],
    )
    log_level: Annotated[LogLevel, BeforeValidator(_upper)] = Field(
        "INFO",
        description="The least that is logged: DEBUG, INFO, WARNING, ERROR or CRITICAL.",
        examples=["WARNING"],
    )
    security_protocol: Annotated[SecurityProtocol, BeforeValidator(_upper)] = Field(
        "PLAINTEXT",
        description="How to talk to the brokers: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.",
        examples=["SASL_SSL"],
    )
    sasl_mechanism: Annotated[SaslMechanism | None, BeforeValidator(_upper)] = Field(
        None,
        description="PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512. SASL needs it.",
        examples=["SCRAM-SHA-512"],
    )
    sasl_username: str | None = Field(
        None, description="The user. SASL needs it.", examples=["dripline"], min_length=1
    )
    sasl_password: SecretStr | None = Field(
        None,
        description="The password, from the environment alone: an option would show it in the list of "
        "processes. SASL needs it or the file of it.",
        examples=["(a secret)"],
        min_length=1,
    )
    sasl_password_file: Path | None = Field(
        None,
        description="File that holds the password and nothing else; a line end behind it does not count.",
        examples=["/run/secrets/kafka-password"],
    )
    ssl_cafile: Path | None = Field(
        None,
        description="Certificates (PEM) that vouch for the brokers. Left out: those of the system.",
        examples=["/etc/ssl/kafka-ca.pem"],
    )
    ssl_certfile: Path | None = Field(
        None,
        description="Certificate (PEM) of this client, where the brokers ask for one.",
        examples=["/etc/ssl/dripline.pem"],
    )
    ssl_keyfile: Path | None = Field(
        None,
        description="Key (PEM, not encrypted) of that certificate. Left out: in the certificate's file.",
        examples=["/etc/ssl/dripline.key"],
    )

    @property
    def servers(self) -> list[str]:
        """The brokers to ask first, each `host:port`."""
        return [server.strip() for server in self.bootstrap_servers.split(",")]

    def password(self) -> str | None:
        """The password, from the setting or from its file as it is now.

        Raises:
            SettingsError: the file cannot be read any more.
        """
        if self.sasl_password_file is None:
            return None if self.sasl_password is None else self.sasl_password.get_secret_value()
        try:
            return read_secret(self.sasl_password_file)
        except ValueError as error:
            raise SettingsError(f"{env_name('sasl_password_file')}: {error}") from None

    @field_validator("bootstrap_servers")
    @classmethod
    def _servers(cls, value: str) -> str:
        for server in value.split(","):
            match = _SERVER.fullmatch(server.strip())
            if match is None or not 0 < int(match[1]) <= _LAST_PORT:
                raise ValueError("name the brokers as host:port, as in kafka1:9092,kafka2:9092")
        return value

    @field_validator("app_id", "instance_id")
    @classmethod
    def _name(cls, value: str | None) -> str | None:
        if value is not None and (
            not _NAME.fullmatch(value) or value in {".", ".."} or len(value) > _LONGEST_NAME
        ):
            raise ValueError(f"letters, digits, '.', '_' and '-' make a name, {_LONGEST_NAME} at most")
        return value

    @field_validator("data_dir")
    @classmethod
    def _needed_by_store(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if value is None and info.data.get("store") == "rocksdb://":
            raise ValueError("missing: the store rocksdb:// needs a folder")
        return value

    @field_validator("sasl_mechanism", "sasl_username", "sasl_password", "sasl_password_file")
    @classmethod
    def _only_with_sasl(cls, value: object, info: ValidationInfo) -> object:
        protocol = info.data.get("security_protocol")
        if protocol is None:
            return value
        if value is not None and not protocol.startswith("SASL_"):
            raise ValueError(f"serves SASL alone, and {env_name('security_protocol')} is {protocol}")
        if value is None and protocol.startswith("SASL_") and str(info.field_name) in _NEEDED_BY_SASL:
            raise ValueError(f"missing: {protocol} needs {_NEEDED_BY_SASL[str(info.field_name)]}")
        return value

    @field_validator("sasl_password_file")
    @classmethod
    def _one_password(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if value is not None:
            read_secret(value)
        if "sasl_password" not in info.data or "security_protocol" not in info.data:
            return value
        both = (info.data["sasl_password"] is not None) + (value is not None)
        name = env_name("sasl_password")
        if both > 1:
            raise ValueError(f"give this or {name}, not both")
        if not both and info.data["security_protocol"].startswith("SASL_"):
            raise ValueError(f"missing: {info.data['security_protocol']} needs a password, here or in {name}")
        return value

    @field_validator("ssl_cafile", "ssl_certfile", "ssl_keyfile")
    @classmethod
    def _only_with_tls(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if value is None:
            return None
        protocol = info.data.get("security_protocol")
        if protocol in {"PLAINTEXT", "SASL_PLAINTEXT"}:
            raise ValueError(
                f"serves SSL and SASL_SSL alone, and {env_name('security_protocol')} is {protocol}"
            )
        check_readable(value)
        return value

    @field_validator("ssl_keyfile")
    @classmethod
    def _certificate_of_key(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if value is not None and info.data.get("ssl_certfile", value) is None:
            raise ValueError(f"needs the certificate in {env_name('ssl_certfile')}")
        return value


_NEEDED_BY_SASL: Final[Mapping[str, str]] = {
    "sasl_mechanism": ", ".join(get_args(SaslMechanism)[:-1]) + " or " + get_args(SaslMechanism)[-1],
    "sasl_username": "a user",
}


def read_settings(given: Mapping[str, str] | None = None) -> Settings:
    """The settings of the environment.

    Args:
        given: settings by field name, which come before the environment: options of a command.

    Raises:
        SettingsError: with all that is wrong, a line each.
    """
    given = given or {}
    values: dict[str, Any] = dict(given)
    try:
        return Settings(**values)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        raise SettingsError(
            "\n".join(_told(str(fault["loc"][0]), fault, given) for fault in faults)
        ) from None


def env_name(field: str) -> str:
    """The variable that holds a setting."""
    return PREFIX + field.upper()


def option_name(field: str) -> str:
    """The option that holds a setting."""
    return "--" + field.replace("_", "-")


def _told(field: str, fault: Any, given: Mapping[str, str]) -> str:  # noqa: ANN401 - pydantic's details
    """One line: the name of the setting, by which it was given, and what is wrong."""
    name = option_name(field) if field in given else env_name(field)
    if fault["type"] == "missing":
        return f"{name}: missing"
    message = str(fault["msg"]).removeprefix("Value error, ").replace("Input should be", "must be")
    return f"{name}: {message}"
