"""Damaged text: read as if it were whole, believed less for what is wrong with it."""
