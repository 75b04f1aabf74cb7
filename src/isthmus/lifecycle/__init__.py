"""Certificates in time: what is read of folders and ports, reload, and the driver of a rotation.

What is safe is decided in `pki`; here it is observed and done.
"""
