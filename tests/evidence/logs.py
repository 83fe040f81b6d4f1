"""Logs of our own, as the ledger would write them: one head after each writing."""

from collections.abc import Sequence
from dataclasses import replace

from tocsin.evidence.custody import Entry, Head, Log, Logged, entry, log_faults, packed
from tocsin.evidence.tree import Frontier


def a_log(writings: Sequence[int], word: str = "") -> tuple[list[Entry], list[Head]]:
    """A log by the number of entries that each writing added."""
    entries, heads, frontier = list[Entry](), list[Head](), Frontier()
    for turn, count in enumerate(writings, 1):
        at = f"2026-01-{turn:02}T12:00:00"
        for n in range(count):
            seq = len(entries)
            logged = Logged("alarm", f"alm-{seq}.1", at, {"id": f"alm-{seq}", "n": n, "word": word})
            entries.append(entry(seq, f"{seq:032x}", logged))
            frontier.push(bytes.fromhex(entries[-1].leaf))
        heads.append(Head(turn, frontier.size, frontier.root.hex(), at, frontier=packed(frontier)))
    return entries, heads


def faults(entries: Sequence[Entry], heads: Sequence[Head]) -> list[str]:
    return log_faults(Log(entries), heads)


def rehashed(one: Entry, **changes: object) -> Entry:
    """The entry with another text under its own hash, as a careful forger would write it."""
    told = one.told()
    logged = Logged(told["kind"], told["ref"], told["at"], {**told["row"], **changes})
    return replace(entry(told["seq"], told["salt"], logged), seq=one.seq)
