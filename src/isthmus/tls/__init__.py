"""From settings to `ssl.SSLContext`: one generation of key, certificate and trust at a time, replaced whole."""
