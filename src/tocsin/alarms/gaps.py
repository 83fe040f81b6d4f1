"""Sentences that earlier steps made in English, in another language: known by their form, slot by slot."""

from __future__ import annotations

from tocsin.alarms.phrases import Phrases


def gap(sentence: str, voice: Phrases) -> str | None:
    """The sentence in the language, or None when its form is not known there."""
    return None
