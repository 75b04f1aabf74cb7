"""Composition: builds one node from settings and nothing else."""
