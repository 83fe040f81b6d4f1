"""Readers: the form data have, whoever sent them. Each refuses what it cannot read and says where."""
