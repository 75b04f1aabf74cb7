"""A node's data as a folder of copies: made while the node runs or rests, restored while it rests.

manifest  bytes ↔ what a backup holds, each file with its digest (pure)
making    the copies, consistent with each other, and the manifest last
verifying every digest and format of a backup, before anything is written
restoring an empty data folder becomes what the backup holds, or stays empty
"""
