"""Indices over HTTP: made, shown, changed, deleted, refreshed; their aliases and templates."""
