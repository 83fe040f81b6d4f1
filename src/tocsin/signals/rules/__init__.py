"""The rules of the coder: reviewed words and patterns for the Framework's indicators, in several languages.

`concepts/*.yml` hold the words of each language; `patterns.yml` says which concepts together in one sentence
show an indicator, whatever the language; `acts.yml`, `frames.yml` and `targets.yml` hold the other
judgements. The model learns from what they find: after a change of any, run `scripts/train_coder.py` on
labelled passages and the floors of `tests/signals`.
"""
