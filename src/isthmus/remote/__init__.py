"""Other clusters: those that search here, and those that are searched from here."""
