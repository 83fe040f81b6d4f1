"""Dangerous speech: hallmarks of speech that can make violence against a group seem right, as marks on a text.

`hallmarks.yml` says what each hallmark is, `words/*.yml` hold plain words of seven languages, `patterns.yml`
says which together show a hallmark, and `context.yml` names what else must be known before anyone judges. A
mark says whose words they are and whether the text reports, rejects or studies them. It is never a verdict on
a crime and never a score of a person, and where a language has no words nothing is said.
"""
