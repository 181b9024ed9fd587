"""From settings to what a Faust app needs to reach its brokers."""

from __future__ import annotations

from faust.auth import SASLCredentials, SSLCredentials
from faust.types.auth import CredentialsT
from yarl import URL

from streams.kafka_options import ssl_context
from streams.settings import Settings


def broker_urls(settings: Settings) -> list[URL]:
    """The brokers to ask first, as Faust's setting `broker` takes them."""
    return [URL(f"kafka://{server}") for server in settings.servers]


def broker_credentials(settings: Settings) -> CredentialsT | None:
    """What Faust's setting `broker_credentials` takes; None for PLAINTEXT.

    Raises:
        SettingsError: a certificate, key or password file is not what it should be.
    """
    protocol = settings.security_protocol
    context = ssl_context(settings) if protocol.endswith("SSL") else None
    if protocol.startswith("SASL_"):
        # A context is what turns SASL_PLAINTEXT into SASL_SSL.
        return SASLCredentials(
            username=settings.sasl_username,
            password=settings.password(),
            mechanism=settings.sasl_mechanism,
            ssl_context=context,
        )
    return None if context is None else SSLCredentials(context)
