"""Every setting, declared once: name, type, default, scope, help; and how a node's settings are read.

Sources: the yml file, `-E`, environment placeholders, and a mapping of secure values handed in. All mistakes of all
sources are told together. A setting that is not declared cannot be read.
"""

from isthmus.settings.catalogue import Catalogue, declared
from isthmus.settings.loading import find_conf_dir, load
from isthmus.settings.resolved import Settings
from isthmus.settings.setting import Scope, Setting

__all__ = ["Catalogue", "Scope", "Setting", "Settings", "declared", "find_conf_dir", "load"]
