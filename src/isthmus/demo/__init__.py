"""The main job, shown on real nodes: make certificates, form a cluster, refuse an alien, look at the wire."""
