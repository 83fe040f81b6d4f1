"""Times a monthly update: every country, 36 months ahead and three windows, from 36 years of months.

usage: python bench/months.py [--horizons N] [--out FILE]

The panel is made up (196 countries, 432 months, most of them quiet), because no open table of the world by
month ships. The rival, in the same run and on the same rows and predictors, is what monthly systems of the
field fit for every month ahead: a random forest of scikit-learn on log deaths, 100 trees, leaves of 20. It
is timed on N horizons (3 by default) and told for each. One thread for either.
"""

import argparse
import os
import platform
import resource
import sys
from importlib.metadata import version
from pathlib import Path
from time import perf_counter, process_time

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np

from tocsin.forecasting.backtest import Engine
from tocsin.forecasting.cube import Cube
from tocsin.forecasting.model import one_thread
from tocsin.forecasting.monthly import HISTORY, MONTHS, SUMS, outlook
from tocsin.forecasting.spec import Spec
from tocsin.forecasting.standard import monthly

COUNTRIES, PERIODS, SEED = 196, 432, 1


def main() -> None:
    """Time both and print the table."""
    given = argparse.ArgumentParser()
    given.add_argument("--horizons", type=int, default=3)
    given.add_argument("--out", type=Path)
    asked = given.parse_args()
    cube = world()
    ours, processor = timed(lambda: outlook(cube, PERIODS, monthly()))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    theirs = [timed(lambda h=h: forest(cube, h))[1] for h in range(1, asked.horizons + 1)]
    lines = [
        f"{COUNTRIES} countries, {PERIODS} months, one thread; {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}",
        f"tocsin {version('tocsin')}: {MONTHS} months and totals of {', '.join(map(str, SUMS))}",
        f"  seconds                       {ours:.1f}",
        f"  seconds of processor          {processor:.1f}",
        f"  for each of {MONTHS + len(SUMS)} horizons       {processor / (MONTHS + len(SUMS)):.2f}",
        f"  peak memory, MB               {peak:.0f}",
        f"scikit-learn {version('scikit-learn')}: random forest on log deaths, {asked.horizons} horizons",
        f"  seconds of processor, each    {np.mean(theirs):.2f}",
        f"the forest takes {np.mean(theirs) * (MONTHS + len(SUMS)) / processor:.0f} times as long a horizon",
    ]
    print("\n".join(lines))
    if asked.out:
        asked.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


def world() -> Cube:
    """Counts with memory: a few countries violent for years, most quiet throughout."""
    rng = np.random.default_rng(SEED)
    risk = rng.gamma(0.08, 12, size=COUNTRIES)[:, None]
    state = np.zeros((COUNTRIES, PERIODS))
    for k in range(1, PERIODS):
        state[:, k] = 0.93 * state[:, k - 1] + rng.normal(size=COUNTRIES) * 0.35
    columns = {}
    for name, scale in zip(HISTORY, (1.0, 3.0, 0.5), strict=True):
        mean = np.minimum(risk * scale * np.exp(state * 2 - 2), 5000)
        columns[name] = rng.poisson(rng.gamma(0.3, 1 / 0.3, size=state.shape) * mean).astype(np.float64)
    names = tuple(f"C{i:03d}" for i in range(COUNTRIES))
    return Cube(names, np.arange(1, PERIODS + 1), columns, np.ones(state.shape, dtype=np.bool_))


def forest(cube: Cube, ahead: int) -> None:
    """The rival on the same rows: fit for one month ahead, and forecast."""
    from sklearn.ensemble import RandomForestRegressor

    label, history = HISTORY[0], tuple(HISTORY)
    spec = Spec(
        "entity", "period", label, "count", 0, history, (), PERIODS, PERIODS, 1, (ahead,), (), (1, 25)
    )
    engine = Engine(cube, spec, PERIODS, monthly())
    task = spec.tasks[0]
    seen, now = engine.seen(task, PERIODS), engine.now(task, PERIODS)
    model = RandomForestRegressor(100, min_samples_leaf=20, max_features=0.33, n_jobs=1, random_state=SEED)
    model.fit(np.nan_to_num(seen.rows.x), np.log1p(seen.y)).predict(np.nan_to_num(now.x))


def timed(work: object) -> tuple[float, float]:
    """Seconds by the clock and of the processor."""
    wall, busy = perf_counter(), process_time()
    with one_thread():
        work()  # type: ignore[operator]
    return perf_counter() - wall, process_time() - busy


if __name__ == "__main__":
    sys.exit(main())
