"""What clusters ask each other about searches, laid out as Elasticsearch 8.19 does (es-wire §4): bytes and values."""
