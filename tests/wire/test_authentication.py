"""Who asks: the recorded header of an Elasticsearch 8.19.0 named `x1`."""

from __future__ import annotations

from isthmus.wire.authentication import system_user


def test_a_node_speaks_for_itself_as_elasticsearch_does() -> None:
    assert system_user("x1") == {
        "_xpack_security_authentication": "6M6bBAEHX3N5c3RlbQJ4MQhfX2F0dGFjaAhfX2F0dGFjaAAABAA="
    }
