"""Times the policy: every country decided again each month for 30 years, with the month before in mind.

usage: python bench/policy.py [--countries N] [--months N] [--out FILE]

The fields are made up (no open table has forecasts, words and figures of 30 years by month) and move slowly,
so that rules fire, hold and fall. Timed are the shipped rules by `judge`, each month beside the neighbours'
standings of the month before. The rival, in the same run and on the same fields, is what one would write
without Tocsin: the same thresholds as one SQL statement in DuckDB, which remembers nothing, so it has no
hysteresis, no days of standing and no reason for a held level. Its levels are compared with those of the
rules alone. One thread for either.
"""

import argparse
import platform
import resource
from collections import Counter
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import duckdb
import numpy as np

from tocsin.alarms.alarm import Level
from tocsin.alarms.judge import Standing, judge, stood_for
from tocsin.alarms.policy import Policy, policy
from tocsin.clock import add_months

SEED, FIRST = 1, date(1995, 1, 1)
Fields = dict[str, float]
T = TypeVar("T")


def main() -> None:
    """Time both and print the table."""
    given = argparse.ArgumentParser()
    given.add_argument("--countries", type=int, default=200)
    given.add_argument("--months", type=int, default=360)
    given.add_argument("--out", type=Path)
    asked = given.parse_args()
    table = world(policy(), asked.countries, asked.months)
    n = asked.countries * asked.months
    ours, (levels, held, fields) = timed(lambda: decided(policy(), table))
    fresh = alone(policy(), fields)
    load, connection = timed(lambda: loaded(fields))
    theirs, told = timed(lambda: by_sql(policy(), connection))
    wrong = sum(a != b for a, b in zip(fresh, told, strict=True))
    counts = Counter(levels)
    lines = [
        f"{asked.countries} countries, {asked.months} months, {len(policy().rules)} rules, {n:,} decisions; "
        f"one thread; {platform.system()} {platform.machine()}, Python {platform.python_version()}",
        f"tocsin {version('tocsin')}, with memory of the month before",
        f"  seconds                      {ours:.2f}",
        f"  decisions a second           {n / ours:,.0f}",
        f"  levels                       {', '.join(f'{counts[level]:,} {level.value}' for level in Level)}",
        f"  of them held by hysteresis   {held:,}",
        f"duckdb {duckdb.__version__}, the same thresholds as one statement, without memory",
        f"  seconds                      {theirs:.2f} (and {load:.2f} to load the table)",
        f"  levels that differ from the rules alone: {wrong}",
        f"tocsin takes {ours / theirs:.1f} times as long as the statement; the limit is 30 seconds",
        f"peak memory, MB                {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}",
    ]
    print("\n".join(lines))
    if asked.out:
        asked.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


def world(rules: Policy, countries: int, months: int) -> list[list[Fields]]:
    """Fields by month and country: each wanders about its country's own place beside its threshold."""
    rng = np.random.default_rng(SEED)
    limits = {c.field: c.threshold for r in rules.rules for c in r.all if not _of_walk(c.field)}
    names = [*limits, *sorted({f for r in rules.rules for f in r.told if not _of_walk(f)} - set(limits))]
    scale = np.array([limits.get(name, 1.0) for name in names])
    own = rng.normal(-1.2, 0.6, size=(countries, 1)) + rng.normal(0, 0.5, size=(countries, len(names)))
    state, table = np.zeros((countries, len(names))), []
    for _ in range(months):
        state = 0.95 * state + rng.normal(0, 0.2, size=state.shape)
        values = scale * np.exp(own + state)
        table.append([dict(zip(names, row, strict=True)) for row in values.tolist()])
    return table


def decided(rules: Policy, table: list[list[Fields]]) -> tuple[list[Level], int, list[list[Fields]]]:
    """Every month by `judge`; also the number held, and the fields that were compared."""
    stood: list[Standing | None] = [None] * len(table[0])
    levels, held, seen = list[Level](), 0, []
    for month, rows in enumerate(table):
        day, before, full = add_months(FIRST, month), list(stood), []
        for place, fields in enumerate(rows):
            told = {**fields, **beside(before, place)}
            now = judge(told, before[place], rules, day)
            stood[place] = now
            levels.append(now.level)
            held += bool(now.held)
            full.append({**told, **stood_for(before[place], day)})
        seen.append(full)
    return levels, held, seen


def alone(rules: Policy, seen: list[list[Fields]]) -> list[int]:
    """The step of the highest rule that fires in each row, without memory."""
    fired = (rules.fires(fields) for rows in seen for fields in rows)
    return [rule.level.step if rule else 0 for rule in fired]


def beside(before: list[Standing | None], place: int) -> Fields:
    """The fields of four neighbours in the month before: those next in the list."""
    there = [before[(place + k) % len(before)] for k in (-2, -1, 1, 2)]
    steps = [one.level.step for one in there if one]
    if not steps:
        return {}
    return {
        f"neighbours.{at.value}": float(sum(s >= at.step for s in steps))
        for at in (Level.ALARM, Level.ONGOING)
    }


def loaded(seen: list[list[Fields]]) -> duckdb.DuckDBPyConnection:
    """The fields as a table; what is not measured is NULL."""
    rows = [fields for month in seen for fields in month]
    names = sorted({name for fields in rows for name in fields})
    connection = duckdb.connect(config={"threads": 1})
    arrays = {name: np.array([f.get(name, np.nan) for f in rows]) for name in names}
    arrays["row"] = np.arange(len(rows))
    connection.register("arrays", arrays)
    columns = ", ".join(f'nullif("{name}", \'nan\'::DOUBLE) AS "{name}"' for name in names)
    connection.execute(f"CREATE TABLE fields AS SELECT row, {columns} FROM arrays")
    return connection


def by_sql(rules: Policy, connection: duckdb.DuckDBPyConnection) -> list[int]:
    """The step of the highest rule that fires in each row."""
    cases = " ".join(
        "WHEN "
        + " AND ".join(f'"{c.field}" {c.op} {c.threshold!r}' for c in rule.all)
        + f" THEN {rule.level.step}"
        for rule in rules.rules
    )
    found = connection.execute(f"SELECT CASE {cases} ELSE 0 END FROM fields ORDER BY row")
    return [step for (step,) in found.fetchall()]


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds, and what came of it."""
    start = perf_counter()
    made = work()
    return perf_counter() - start, made


def _of_walk(field: str) -> bool:
    return field.startswith(("neighbours.", "standing."))


if __name__ == "__main__":
    main()
