"""Laws of the settings: everything wrong is named at once, and no value is ever shown."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from faust.transport.drivers.aiokafka import credentials_to_aiokafka_auth
from hypothesis import given
from hypothesis import strategies as st

from streams.cli import dripline
from streams.faust_options import broker_credentials, broker_urls
from streams.kafka_command import NO_OPTION
from streams.kafka_options import client_options
from streams.settings import PREFIX, Settings, SettingsError, env_name, option_name, read_settings
from streams.settings_page import settings_page

CANARY = "canary"
SERVERS = {"bootstrap_servers": "kafka:9092"}
AUTHORITY = Path(__file__).parent / "authority.pem"
SASL = {
    "security_protocol": "SASL_PLAINTEXT",
    "sasl_mechanism": "SCRAM-SHA-512",
    "sasl_username": "user",
    "sasl_password": CANARY,
}
BAD: dict[str, st.SearchStrategy[str]] = {
    "bootstrap_servers": st.sampled_from(
        [CANARY, f"{CANARY}:0", f"{CANARY}:65536", f"a:1,{CANARY}", f"{CANARY}..x:1", f"http://{CANARY}:1"]
    ),
    "app_id": st.sampled_from([f"{CANARY} x", f"{CANARY}/", CANARY * 40, ".."]),
    "instance_id": st.just(f"{CANARY}:0"),
    "store": st.sampled_from([CANARY, f"rocksdb://{CANARY}"]),
    "settle_after": st.sampled_from([CANARY, "15", "-1s", f"15m{CANARY}"]),
    "session_timeout": st.sampled_from([CANARY, "0s", "30000"]),
    "http_port": st.sampled_from([CANARY, "0", "65536", "-1", "80.5"]),
    "log_level": st.just(CANARY),
    "security_protocol": st.just(CANARY),
    "sasl_mechanism": st.sampled_from([CANARY, "GSSAPI", "OAUTHBEARER"]),
}


@pytest.fixture(autouse=True, scope="module")
def _no_settings() -> Iterator[None]:
    """None of the environment's own settings."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith(PREFIX):
                patch.delenv(name)
        yield


def faulty(given: Mapping[str, str]) -> dict[str, str]:
    """The faults of the settings, by field, as told of options; none of them shows a value."""
    try:
        read_settings(given)
    except SettingsError as error:
        text = str(error)
    else:
        return {}
    assert CANARY not in text
    lines = [line.partition(": ") for line in text.splitlines()]
    names = [re.sub(f"^{PREFIX}|^--", "", name).replace("-", "_").lower() for name, _, _ in lines]
    assert len(set(names)) == len(names)
    return {name: message for name, (_, _, message) in zip(names, lines, strict=True)}


@given(st.fixed_dictionaries({}, optional=BAD))
def test_every_fault_is_told_at_once(bad: dict[str, str]) -> None:
    """Whatever settings are bad, each is named on a line of its own, no other is, and no value is shown."""
    assert faulty(SERVERS | bad).keys() == bad.keys()


@given(
    st.sampled_from(["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL", "sasl_ssl"]),
    st.sets(st.sampled_from(["sasl_mechanism", "sasl_username", "sasl_password", "sasl_password_file"])),
)
def test_sasl_is_whole_or_absent(protocol: str, there: set[str]) -> None:
    """SASL needs mechanism, user and one password; without SASL each of them is a fault."""
    values = SASL | {"sasl_password_file": str(AUTHORITY), "security_protocol": protocol}
    faults = faulty(SERVERS | {name: values[name] for name in {*there, "security_protocol"}})
    if not protocol.upper().startswith("SASL"):
        assert faults.keys() == there
        return
    expected = {"sasl_mechanism", "sasl_username"} - there
    if len(there & {"sasl_password", "sasl_password_file"}) != 1:
        expected.add("sasl_password_file")
    assert faults.keys() == expected


@given(
    st.sampled_from(["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]),
    st.sets(st.sampled_from(["ssl_cafile", "ssl_certfile", "ssl_keyfile"])),
)
def test_tls_files_go_with_tls(protocol: str, there: set[str]) -> None:
    """Certificates and keys are faults without TLS, and a key without its certificate is."""
    sasl = SASL if protocol.startswith("SASL") else {}
    faults = faulty(SERVERS | sasl | dict.fromkeys(there, str(AUTHORITY)) | {"security_protocol": protocol})
    if "SSL" not in protocol.removeprefix("SASL"):
        assert faults.keys() == there
    else:
        assert faults.keys() == ({"ssl_keyfile"} if "ssl_certfile" not in there else set()) & there


@pytest.mark.parametrize("name", ["sasl_password_file", "ssl_cafile", "ssl_certfile"])
def test_a_file_can_be_read(name: str, tmp_path: Path) -> None:
    """A file that is missing or a folder is a fault, with the system's cause."""
    secure = SERVERS | SASL | {"security_protocol": "SASL_SSL"}
    if name == "sasl_password_file":
        del secure["sasl_password"]
    missing = faulty(secure | {name: str(tmp_path / CANARY)})
    assert missing == {name: "the file cannot be read: No such file or directory"}
    assert faulty(secure | {name: str(tmp_path)}) == {name: "the file cannot be read: Is a directory"}


@pytest.mark.parametrize(("content", "message"), [(b"\n", "is empty"), (b"\xff", "holds no UTF-8 text")])
def test_a_password_file_holds_text(content: bytes, message: str, tmp_path: Path) -> None:
    """A password file that holds nothing, or no text, is a fault."""
    (tmp_path / "secret").write_bytes(content)
    given = SERVERS | {name: value for name, value in SASL.items() if name != "sasl_password"}
    faults = faulty(given | {"sasl_password_file": str(tmp_path / "secret")})
    assert faults == {"sasl_password_file": f"the file {message}"}


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=1))
def test_the_line_end_is_no_part_of_a_password(tmp_path_factory: pytest.TempPathFactory, secret: str) -> None:
    """A password in a file counts without the line end behind it, and is read anew each time."""
    file = tmp_path_factory.getbasetemp() / "password"
    file.write_bytes(f"{secret}\r\n".encode())
    given = SERVERS | {name: value for name, value in SASL.items() if name != "sasl_password"}
    settings = read_settings(given | {"sasl_password_file": str(file)})
    assert settings.password() == secret
    file.write_bytes(b"another")
    assert settings.password() == "another"
    file.unlink()
    with pytest.raises(SettingsError, match="DRIPLINE_SASL_PASSWORD_FILE: the file cannot be read"):
        settings.password()


def test_rocksdb_needs_a_folder() -> None:
    """The store on disk without DATA_DIR is a fault; in memory none is needed."""
    assert faulty(SERVERS | {"store": "rocksdb://"}).keys() == {"data_dir"}
    assert faulty(SERVERS | {"store": "rocksdb://", "data_dir": "state"}) == {}
    assert faulty(SERVERS | {"store": "memory://"}) == {}


def test_the_brokers_must_be_given() -> None:
    """The brokers have no default; every other setting has."""
    assert faulty({}) == {"bootstrap_servers": "missing"}
    settings = read_settings({"bootstrap_servers": "a:1, [::1]:2"})
    assert settings.servers == ["a:1", "[::1]:2"]
    assert (settings.app_id, settings.session_timeout, settings.settle_after) == (
        "dripline",
        30_000_000,
        None,
    )


def test_an_option_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The option counts, else the variable, and an empty variable is none; a fault is told by its source."""
    monkeypatch.setenv("DRIPLINE_BOOTSTRAP_SERVERS", "kafka:9092")
    monkeypatch.setenv("DRIPLINE_SETTLE_AFTER", "15m")
    monkeypatch.setenv("DRIPLINE_INSTANCE_ID", "")
    monkeypatch.setenv("DRIPLINE_HTTP_PORT", "0")
    settings = read_settings({"http_port": "8080", "settle_after": "1.5h"})
    assert (settings.http_port, settings.settle_after, settings.instance_id) == (8080, 5_400_000_000, None)
    with pytest.raises(SettingsError, match=r"\ADRIPLINE_HTTP_PORT: .*\n--log-level: .*\Z"):
        read_settings({"log_level": "loud"})


def test_settings_do_not_show_the_password() -> None:
    """Neither settings as text nor Faust's credentials hold the password."""
    settings = read_settings(SERVERS | SASL)
    assert CANARY not in f"{settings!r} {settings} {settings.model_dump()} {broker_credentials(settings)!r}"
    assert settings.password() == CANARY


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"])
def test_faust_talks_to_brokers_as_other_clients_do(protocol: str) -> None:
    """Protocol, mechanism, user, password and trust are the same in Faust and in clients of aiokafka."""
    sasl = SASL if protocol.startswith("SASL") else {}
    tls = {"ssl_cafile": str(AUTHORITY)} if protocol.endswith("SSL") else {}
    settings = read_settings(SERVERS | sasl | tls | {"security_protocol": protocol})
    ours = client_options(settings)
    theirs = {
        name: value
        for name, value in credentials_to_aiokafka_auth(broker_credentials(settings)).items()
        if value is not None
    }
    assert theirs.keys() == {name for name in ours if name.startswith(("sasl", "security", "ssl"))}
    for name, value in theirs.items():
        if name == "ssl_context":
            assert value.get_ca_certs() == ours[name].get_ca_certs()
            assert len(value.get_ca_certs()) == 1
            assert value.check_hostname
        else:
            assert value == ours[name]
    assert [str(url) for url in broker_urls(settings)] == ["kafka://kafka:9092"]


@pytest.mark.parametrize("name", ["ssl_cafile", "ssl_certfile"])
def test_certificates_are_certificates(name: str) -> None:
    """A file without a certificate, or a certificate without a key, is a fault before any connection."""
    file = __file__ if name == "ssl_cafile" else str(AUTHORITY)
    settings = read_settings(SERVERS | {"security_protocol": "SSL", name: file})
    with pytest.raises(SettingsError, match=f"^{env_name(name)}"):
        client_options(settings)


@pytest.mark.parametrize(("timeout", "milliseconds"), [("9s", 6000), ("30s", 20_000), ("5m", 20_000)])
def test_a_request_is_shorter_than_the_session(timeout: str, milliseconds: int) -> None:
    """A request ends before the session of a dead member does."""
    assert client_options(read_settings(SERVERS | {"session_timeout": timeout}))["request_timeout_ms"] == (
        milliseconds
    )


@pytest.mark.parametrize("command", ["create", "check"])
def test_a_command_takes_every_setting_but_the_password(command: str) -> None:
    """Each setting is an option of a Kafka command, the password is none; what is wrong ends it with 2."""
    options = [option_name(name) for name in Settings.model_fields if name not in NO_OPTION]
    wrong = [argument for option in options for argument in (option, f"/{CANARY}")]
    done = CliRunner().invoke(dripline, ["topics", command, *wrong])
    assert done.exit_code == 2
    assert CANARY not in done.output
    assert "--http-port: " in done.output
    done = CliRunner().invoke(dripline, ["topics", command, "--sasl-password", "x"])
    assert done.exit_code == 2
    assert "No such option" in done.output


def test_the_page_tells_of_every_setting() -> None:
    """Each setting, and each variable that an option of any command reads, has one row with all columns."""
    rows = [row for row in settings_page().splitlines() if row.startswith("| `")]
    assert {row.count("|") for row in rows} == {6}
    told = [row.split("`")[1] for row in rows]
    assert told[: len(Settings.model_fields)] == [env_name(name) for name in Settings.model_fields]
    assert len(told) == len(set(told))
    assert set(told) == {
        *map(env_name, Settings.model_fields),
        *(option.envvar for option in of_environment()),
    }


def test_the_help_names_the_environment() -> None:
    """An option that the environment can hold says so."""
    assert [
        option.name for option in of_environment() if f"[env: {option.envvar}]" not in str(option.help)
    ] == []


def of_environment() -> list[click.Option]:
    """The options of all commands that read a variable."""
    context = click.Context(dripline)
    commands = [dripline.get_command(context, name) for name in dripline.list_commands(context)]
    commands += [
        each for group in commands if isinstance(group, click.Group) for each in group.commands.values()
    ]
    options = [each for command in commands if command for each in command.params]
    return [each for each in options if isinstance(each, click.Option) and each.envvar]
