"""A channel's files, taken up while it serves.

reload    when to read, and what to do with what was read (pure)
digests   what the files hold now          reloader  looks at them, and at signals
channel   one channel: read, swap, see it served
observe   the node dials itself            trust     whose connections end when trust shrinks
"""
