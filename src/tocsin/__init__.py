"""Tocsin: an open early-warning system for atrocity crimes."""
