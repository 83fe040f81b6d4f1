"""Dangerous speech: hallmarks of speech that can make violence against a group seem right, as marks.

`hallmarks.yml` says what each hallmark is, which of them words alone cannot show, and what else must be
known before anyone judges; `words/*.yml` hold plain words of seven languages, and `patterns.yml` says which
together show a hallmark. A mark says whose words they are and whether the text reports, rejects or studies
them. It is never a verdict on a crime and never a score of a person, and where a language has no words
nothing is said.
"""
