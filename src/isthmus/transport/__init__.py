"""Connections between nodes: Elasticsearch's frames over TLS, requests and their answers.

`TransportService` listens and dials; a `Connection` asks and waits; an `ActionRegistry` holds what this node answers.
One `Channel` per connection turns bytes into frames and back. A peer whose certificate was not verified is anonymous
and only gets handshakes. What a peer may cost is bounded in `TransportLimits`.
"""
