"""The trained part of the coder: what a passage says as a whole, as calibrated probabilities.

Four readers of one passage are averaged: words, pieces of words, the evidence of the reviewed rules, and a
small network over that evidence and the packaged sentence encoder. Names of places, nationalities and people
are masked before any of them reads, so that the same words about two countries get the same figures.
`scripts/train_coder.py` builds the file; docs/model-card.md says from what, and how good it is.
"""
