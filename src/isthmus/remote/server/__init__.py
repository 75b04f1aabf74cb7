"""The port by which other clusters search this one: who may ask there, and what."""
