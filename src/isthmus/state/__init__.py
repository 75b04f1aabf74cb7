"""The cluster's metadata as one replicated map: read locally, written through its owner, watched.

Every node keeps a full copy on its disk (`store`). What a commit, a snapshot and a term are, and how a copy that
lags is brought up to date, is decided by pure functions over values (`history`). The face that the rest of the
node uses is `ReplicatedMap`.
"""

from isthmus.state.history import Write
from isthmus.state.replicated import ReplicatedMap

__all__ = ["ReplicatedMap", "Write"]
