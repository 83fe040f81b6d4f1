"""The rules coder: reviewed words and patterns for the Framework's indicators, in several languages.

`concepts/*.yml` hold the words of each language; `patterns.yml` says which concepts together in one sentence
show an indicator, whatever the language; `frames.yml`, `targets.yml` and `events.yml` hold the other
judgements; `weights.json` turns what was found into probabilities. After a change of any, run
`scripts/fit_rules.py` on labelled passages and the floors of `tests/signals`.
"""
