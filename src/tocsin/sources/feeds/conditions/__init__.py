"""Slow conditions: what publishers say of a state by year or month, each value with the day it was known."""
