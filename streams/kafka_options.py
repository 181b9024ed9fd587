"""From settings to the arguments of aiokafka's clients."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any, Final

from streams.settings import Settings, SettingsError, env_name

REQUEST_TIMEOUT_MS: Final = 20_000
"""How long a request may take: below a session timeout, so that nothing is sent for a member long dead."""


def client_options(settings: Settings, *, request_timeout_ms: int | None = None) -> dict[str, Any]:
    """Arguments that every client of aiokafka takes: consumer, producer, admin client.

    Args:
        settings: the settings.
        request_timeout_ms: left out, 20 s or two thirds of a shorter session timeout. A consumer in a group
            needs more, as joining lasts as long as the slowest member takes.

    Raises:
        SettingsError: a certificate, key or password file is not what it should be.
    """
    two_thirds_ms = settings.session_timeout * 2 // 3000
    options: dict[str, Any] = {
        "bootstrap_servers": settings.servers,
        "client_id": settings.instance_id or settings.app_id,
        "request_timeout_ms": request_timeout_ms or min(REQUEST_TIMEOUT_MS, two_thirds_ms),
        "security_protocol": settings.security_protocol,
    }
    if settings.security_protocol.startswith("SASL_"):
        options |= {
            "sasl_mechanism": settings.sasl_mechanism,
            "sasl_plain_username": settings.sasl_username,
            "sasl_plain_password": settings.password(),
        }
    if settings.security_protocol.endswith("SSL"):
        options["ssl_context"] = ssl_context(settings)
    return options


def ssl_context(settings: Settings) -> ssl.SSLContext:
    """What a TLS connection needs: brokers are always checked, by certificate and by host name.

    Raises:
        SettingsError: a file holds no certificate or key of use.
    """
    context = ssl.create_default_context()
    if settings.ssl_cafile is not None:
        context = _with_authorities(settings.ssl_cafile)
    if settings.ssl_certfile is not None:
        try:
            # An empty password: without one OpenSSL would ask the terminal for it.
            context.load_cert_chain(settings.ssl_certfile, settings.ssl_keyfile, password="")
        except (OSError, ValueError) as error:
            names = " and ".join(env_name(name) for name in ("ssl_certfile", "ssl_keyfile"))
            raise SettingsError(
                f"{names}: no certificate and its key, both in PEM form, the key not encrypted"
            ) from error
    return context


def _with_authorities(file: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=file)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{env_name('ssl_cafile')}: no certificates in PEM form") from error
