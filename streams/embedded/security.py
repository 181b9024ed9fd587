"""TLS, passwords and access lists of the embedded Kafka's client listener."""

from __future__ import annotations

import secrets
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from streams.embedded.extras import java_home
from streams.embedded.java import run
from streams.embedded.ports import HOST

MECHANISMS: Final = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_LOGIN: Final = "listener.name.client.{}.sasl.jaas.config"
_MODULE: Final = "org.apache.kafka.common.security"


@dataclass(frozen=True, slots=True)
class Security:
    """Clients connect by SASL_SSL with a user and a password, by each of the three mechanisms."""

    users: Mapping[str, str]
    """Password of each user; letters and digits, since they are written into Java's settings."""
    acls: bool = False
    """Deny what no access control entry allows. The inner listener may do all, for set-up."""

    def __post_init__(self) -> None:
        if not all(word.isalnum() for user in self.users.items() for word in user):
            raise ValueError("users and passwords of the embedded Kafka are letters and digits")

    def format_arguments(self) -> list[str]:
        """Arguments of the storage format that make the SCRAM users."""
        return [
            argument
            for mechanism in MECHANISMS[1:]
            for user, password in self.users.items()
            for argument in ("--add-scram", f"{mechanism}=[name={user},iterations=4096,password={password}]")
        ]

    def properties(self, folder: Path) -> dict[str, str]:
        """Settings of a broker whose certificate lies in this folder."""
        plain = "".join(f' user_{user}="{password}"' for user, password in self.users.items())
        entries = {
            "ssl.keystore.type": "PKCS12",
            "ssl.keystore.location": str(folder / "broker.p12"),
            "ssl.keystore.password": (folder / "broker.password").read_text(encoding="ascii"),
            "sasl.enabled.mechanisms": ",".join(MECHANISMS),
        }
        entries[_LOGIN.format("plain")] = f"{_MODULE}.plain.PlainLoginModule required{plain};"
        for mechanism in MECHANISMS[1:]:
            entries[_LOGIN.format(mechanism.lower())] = f"{_MODULE}.scram.ScramLoginModule required;"
        if self.acls:
            entries["authorizer.class.name"] = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
            entries["super.users"] = "User:ANONYMOUS"
        return entries

    def client(self, ca_file: Path, user: str, mechanism: str = "SCRAM-SHA-512") -> dict[str, Any]:
        """Arguments with which an aiokafka client connects as this user."""
        return {
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": mechanism,
            "sasl_plain_username": user,
            "sasl_plain_password": self.users[user],
            "ssl_context": ssl.create_default_context(cafile=str(ca_file)),
        }


def make_certificate(folder: Path) -> None:
    """A key and a certificate for 127.0.0.1 that is its own authority: broker.p12 and ca.pem."""
    folder.mkdir(mode=0o700)
    password = folder / "broker.password"
    password.write_text(secrets.token_hex(16), encoding="ascii")
    tool = [str(java_home() / "bin" / "keytool"), "-J-XX:+UseSerialGC", "-J-XX:TieredStopAtLevel=1"]
    store = ["-alias", "broker", "-keystore", str(folder / "broker.p12"), "-storepass:file", str(password)]
    key = ["-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1", "-validity", "365"]
    key += ["-storetype", "PKCS12", "-dname", f"CN={HOST}", "-ext", f"san=ip:{HOST},dns:localhost"]
    key += ["-ext", "bc:c=ca:true", "-ext", "ku:c=digitalSignature,keyCertSign"]
    run([*tool, *key, *store], "Making the broker's certificate")
    certificate = run([*tool, "-exportcert", "-rfc", *store], "Exporting the broker's certificate")
    (folder / "ca.pem").write_text(certificate, encoding="ascii")
