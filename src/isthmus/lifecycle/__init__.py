"""Certificates in time: what is read of folders and ports, reload, and the driver of a rotation.

    probing    what a port really does              reloading  files taken up while a channel serves
    folders    what configuration folders say      rotation   certificates and CAs replaced under load
    diagnosis  all that the doctor found           expiry     what ends soon

What is safe is decided in `pki`; here it is observed and done.
"""
