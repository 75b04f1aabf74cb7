"""Carries out what `pki.rotation` decides, on the configuration folders and the ports of a cluster.

channels   what can be rotated
inventory  the nodes and the trust files of clients, and the commands that reach them
layout     which files of a folder hold a channel's key, certificate and trust, and their content for a holding (pure)
survey     where each channel's files and ports are, and what of them cannot be rotated
leaves     leaves and authorities by their ids, on disk
plan       what is to become of whom: the channels, their parties, their goals
preparing  from an inventory and a signer to a plan
taking_up  whether nodes will take new files up by themselves
judging    new certificates, judged by the rules before anything is installed
folder     what stands in the files of a channel, or of a client
issuing    who signs the new leaves: a CA key, an external CA by requests, or a command
events     what was done and seen, and where the parties stand after it
journal    the events on disk, one line each; it survives a crash at any line
installing the files of one party, put in place
copying    the same elsewhere, by a command
lapsed     leaves that have expired, and so prove nothing
knocking   one key at one port
site       the real cluster, looked at and changed
proving    what a port accepts and serves, seen by dialling it with every key
vouching   which authorities vouch for which leaves
outline    what a plan will do, in phases
driver     look, decide, write down, install, until the goal is reached
"""
