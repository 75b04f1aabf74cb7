"""From a configuration folder of Isthmus, Elasticsearch or OpenSearch to facts: read only, and as lenient as can be.

node       a folder as a node: name, addresses, ports, channels, facts
entries    the settings file of whichever engine, in Elasticsearch's names
opensearch its names in OpenSearch
sealed     the keystore beside it, and passwords that stand in the settings file
tls        what these say of TLS, mistakes collected
places     addresses and ports
files      one file: what it holds, or why it cannot be read
channel    the files of a channel
encryption how a store or key is encrypted
"""

from isthmus.lifecycle.folders.node import NodeFolder, read_folder
from isthmus.lifecycle.folders.sealed import AskPassword

__all__ = ["AskPassword", "NodeFolder", "read_folder"]
