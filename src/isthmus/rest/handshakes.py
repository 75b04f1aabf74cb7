"""TLS handshakes that failed on the HTTPS port, said in the log: each kind at most once a minute, with its number."""

from __future__ import annotations

import logging
import ssl
import time

from isthmus.pki.explain import explain_refusal
from isthmus.tls.witness import REFUSED_HERE, presented_by

log = logging.getLogger(__name__)

QUIET_SECONDS = 60.0
MAX_SENTENCES = 1000
_SENTENCES = {
    "HTTP_REQUEST": "a client sent plain HTTP to the HTTPS port (it should use https://)",
    "HTTPS_PROXY_REQUEST": "a client took the HTTPS port for a proxy",
    "TLSV1_ALERT_UNKNOWN_CA": "a client did not trust this node's HTTP certificate (it lacks the CA)",
    "SSLV3_ALERT_BAD_CERTIFICATE": "a client refused this node's HTTP certificate (is its name or address in it?)",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "a client refused this node's HTTP certificate as expired",
    "CERTIFICATE_VERIFY_FAILED": "a client's certificate is not trusted on the HTTPS port",
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "a client sent no certificate to the HTTPS port, which requires one",
    "UNSUPPORTED_PROTOCOL": "a client asked the HTTPS port for a TLS version that is not allowed",
}


class HandshakeLog:
    """Hand it to `TlsChannel` as `on_failed`."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}
        self._since: dict[str, int] = {}

    def __call__(self, error: ssl.SSLError, connection: ssl.SSLObject) -> None:
        """Tell of one handshake; what is not in the table is for debugging only."""
        sentence = _denied(error, connection) or _SENTENCES.get(error.reason)
        if sentence is None:
            log.debug("a TLS handshake on the HTTPS port failed: %s", error)
            return
        now = time.monotonic()
        if len(self._told) > MAX_SENTENCES:
            self._told.clear()
        self._since[sentence] = self._since.get(sentence, 0) + 1
        if now - self._told.get(sentence, -QUIET_SECONDS) >= QUIET_SECONDS:
            self._told[sentence] = now
            log.warning("%s; %d since it was last said", sentence, self._since.pop(sentence))


def _denied(error: ssl.SSLError, connection: ssl.SSLObject) -> str | None:
    """Say who came with a certificate that is good but refused here: somebody may have stolen it."""
    if not isinstance(error, ssl.SSLCertVerificationError) or error.verify_code != REFUSED_HERE:
        return None
    return str(explain_refusal(REFUSED_HERE, error.verify_message, presented_by(connection), (), "HTTP client"))
