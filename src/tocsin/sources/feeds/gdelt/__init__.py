"""GDELT 2: events, mentions and the knowledge graph, in files of a quarter of an hour.

names   what a file's name says        lists    the publisher's lists, line by line
plan    which files are wanted         carry    fetched, checked and unpacked, several at a time
source  the steps of a run
"""
