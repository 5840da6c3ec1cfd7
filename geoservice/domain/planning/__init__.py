"""Patrols for several teams over a few days: what is to be visited, by whom, when, and why something is left out."""
