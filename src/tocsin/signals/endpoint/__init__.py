"""A language model behind any OpenAI-compatible address as a coder; off unless its settings are given.

prompt (what is asked) · chat (how it is sent) · answer (what may come back) · quotes and reading (what of it
holds) · kept (answers on disk) · coder (all of it as a Coder).
"""
