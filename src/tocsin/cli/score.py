"""tocsin evaluate score: how good a file of forecasts was, alone or beside another on the same rows."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, astuple, dataclass, fields
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from tocsin.cli.home import lines, progress, tell
from tocsin.errors import UserError

if TYPE_CHECKING:
    from tocsin.evaluation.compared import Compared
    from tocsin.evaluation.forecast_file import Forecasts
    from tocsin.evaluation.lead_time import Onset
    from tocsin.evaluation.outcomes_of import Happened
    from tocsin.evaluation.scored import Scored
    from tocsin.evaluation.scoring import Calibration, Score

INTERVALS = (90, 95)


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of the command."""

    forecasts: Annotated[Path, typer.Option(help="A forecast file (CSV or Parquet).")]
    against: Annotated[Path | None, typer.Option(help="Another one, scored on the same rows.")] = None
    outcomes: Annotated[
        Path | None, typer.Option(help="What happened: entity, period, observed, perhaps horizon.")
    ] = None
    panel: Annotated[Path | None, typer.Option(help="Or the panel that was forecast, with --spec.")] = None
    spec: Annotated[Path | None, typer.Option(help="The panel's spec (TOML), as for backtest.")] = None
    year: Annotated[int | None, typer.Option(help="The year of a file of counts without periods.")] = None
    interval: Annotated[int, typer.Option(help="90 or 95: what the intervals hold, in percent.")] = 95
    out: Annotated[Path | None, typer.Option(help="Also write every score (CSV).")] = None
    figures: Annotated[Path | None, typer.Option(help="Also write report.html and pictures here.")] = None
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines instead of tables.")] = False


def options(command: Callable[[Asked], None]) -> Callable[..., None]:
    """A command line whose options are the fields of `Asked`."""

    def run(**given: Any) -> None:
        command(Asked(**given))

    hints = get_type_hints(Asked, include_extras=True)
    described = inspect.signature(Asked).parameters.values()
    parameters = [p.replace(annotation=hints[p.name], kind=p.KEYWORD_ONLY) for p in described]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = hints
    run.__doc__ = command.__doc__
    return run


@options
def score(asked: Asked) -> None:
    """Proper scores, ranking, calibration, lead time and false alarms of forecasts whose outcome is known.

    Outcomes come from --outcomes, from --panel with --spec, or, for the files of evaluate onset and evaluate
    violence, from the shipped tables. With --against both files are scored on the rows they share, with their
    difference. Intervals resample whole entities, with a fixed seed.
    """
    from tocsin.evaluation.bootstrap import RESAMPLES, SEED
    from tocsin.evaluation.scored import scored

    _check(asked)
    rows = _rows(asked)
    for note in rows.notes:
        progress(note)
    found = scored(rows, asked.interval / 100)
    progress(
        f"{asked.interval} % intervals: {RESAMPLES} resamples of {len(rows.names)} entities, seed {SEED}"
    )
    if asked.as_json:
        lines(_records(found))
    else:
        tell(_tables(found))
    if asked.out:
        _write(asked.out, found)
    if asked.figures:
        from tocsin.evaluation.score_page import write_report

        for path in write_report(found, asked.figures):
            progress(str(path))


def _check(asked: Asked) -> None:
    if asked.interval not in INTERVALS:
        raise UserError(f"--interval {asked.interval} is not to be had; use 90 or 95")
    if (asked.panel is None) != (asked.spec is None):
        raise UserError("--panel and --spec belong together; give both")
    if asked.outcomes and asked.panel:
        raise UserError("--outcomes and --panel both say what happened; give one of them")
    if asked.out and asked.out.suffix.casefold() != ".csv":
        raise UserError(f"--out {asked.out}: scores are written as CSV; end the name in .csv")


def _rows(asked: Asked) -> Compared:
    from tocsin.evaluation.compared import compare
    from tocsin.evaluation.forecast_file import read_forecasts

    given = [p for p in (asked.forecasts, asked.against) if p]
    alike = len({p.name for p in given}) < len(given)
    labels = [str(p) if alike else p.name for p in given]
    if len(set(labels)) < len(labels):
        labels[1] += " (again)"
    read = {label: read_forecasts(p, asked.year) for label, p in zip(labels, given, strict=True)}
    return compare(read, _happened(asked, next(iter(read.values()))))


def _happened(asked: Asked, forecasts: Forecasts) -> Happened:
    from tocsin.evaluation import outcomes_of
    from tocsin.forecasting.panel import load_panel

    if asked.outcomes:
        return outcomes_of.from_file(asked.outcomes)
    if asked.panel and asked.spec:
        return outcomes_of.from_panel(asked.panel, asked.spec, {k.horizon for k in forecasts.keys})
    if not forecasts.own:
        raise UserError(
            f"{asked.forecasts}: nothing says what happened; give --outcomes, or --panel with --spec"
        )
    shipped = outcomes_of.shipped_onsets if forecasts.binary else outcomes_of.shipped_deaths
    return shipped(load_panel())


def _tables(found: Scored) -> Iterator[str]:
    from tocsin.evaluation.plainly import title

    for horizon, threshold in found.slices():
        yield title(found, horizon, threshold)
        for table in (_scores, _groups, _calibration, _onsets):
            yield from _aligned(table(found, horizon, threshold))


def _scores(found: Scored, horizon: str, threshold: float) -> Iterator[tuple[str, ...]]:
    from tocsin.evaluation.scoring import DIFFERENCE

    several = len(found.rows.labels) > 1
    heads = [*found.rows.labels, *([DIFFERENCE] if several else [])]
    yield ("measure", *(w for h in heads for w in (h, "low", "high")), *(["ratio"] if several else []))
    for name, by in found.named(horizon, threshold).items():
        cells = [
            c for h in heads for c in (_cells(by[h].value, by[h].low, by[h].high) if h in by else [""] * 3)
        ]
        yield (name, *cells, *(_cells(by[DIFFERENCE].ratio) if DIFFERENCE in by else []))


def _groups(found: Scored, horizon: str, threshold: float) -> Iterator[tuple[str, ...]]:
    from tocsin.evaluation.scoring import DIFFERENCE

    rows: dict[tuple[str, str, str], dict[str, float]] = {}
    for s in found.scores:
        if (s.horizon, s.threshold) == (horizon, threshold) and s.kind != "all" and s.forecasts != DIFFERENCE:
            rows.setdefault((s.kind, s.group, s.forecasts), {})[s.measure] = s.value
    for i, (key, by) in enumerate(rows.items()):
        if not i:
            yield ("by", "group", "forecasts", *by)
        yield (*key, *_cells(*by.values()))


def _calibration(found: Scored, horizon: str, threshold: float) -> Iterator[tuple[str, ...]]:
    bins = [c for c in found.calibration if (c.horizon, c.threshold) == (horizon, threshold)]
    for i, c in enumerate(bins):
        if not i:
            yield ("calibration", "from", "to", *(f.name for f in fields(c)[5:]))
        yield (c.forecasts, *_cells(*astuple(c)[3:]))


def _onsets(found: Scored, horizon: str, threshold: float) -> Iterator[tuple[str, ...]]:
    from tocsin.evaluation.pictures import LISTED
    from tocsin.evaluation.scoring import TOPS

    here = [o for o in found.onsets if (o.horizon, o.threshold) == (horizon, threshold)]
    mine = [o for o in here if o.forecasts == found.rows.labels[0]]
    if mine:
        leads = [f"lead_{k}" for k in TOPS if mine[0].leads]
        yield ("onset", "when", "last origin", "probability", "rank", "of", *leads)
    for o in mine[:LISTED]:
        yield (o.entity, o.onset, o.last_origin, *_cells(o.probability, o.rank, o.of, *o.leads))
    if len(mine) > LISTED:
        yield (f"({LISTED} of {len(mine)}; all: --json)",)


def _aligned(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """A table under its heads, the first column to the left; nothing for no rows."""
    table = list(rows)
    widths = [max(map(len, column)) for column in zip_longest(*table, fillvalue="")]
    for first, *rest in table:
        cells = [c.rjust(w) for c, w in zip(rest, widths[1:], strict=False)]
        yield "  ".join([first.ljust(widths[0]), *cells]).rstrip()
    if table:
        yield ""


def _cells(*values: float) -> list[str]:
    """Numbers for a table; empty where there is none."""
    clean = (0.0 if abs(v) < 1e-12 else v for v in values)
    return ["" if math.isnan(v) else f"{v:.0f}" if abs(v) >= 1e5 else f"{v:.5g}" for v in clean]


def _records(found: Scored) -> Iterator[dict[str, Any]]:
    """Every figure as a record; nan is null, an infinite one the text inf."""
    from tocsin.evaluation.bootstrap import RESAMPLES, SEED

    yield {
        "record": "run",
        "files": list(found.rows.labels),
        "entities": len(found.rows.names),
        "interval": found.share,
        "resamples": RESAMPLES,
        "seed": SEED,
        "notes": list(found.rows.notes),
    }
    several: tuple[Score | Calibration | Onset, ...] = (*found.scores, *found.calibration, *found.onsets)
    for one in several:
        record = type(one).__name__.casefold()
        yield {"record": record, **{k: _plain(v) for k, v in asdict(one).items()}}


def _plain(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value


def _write(out: Path, found: Scored) -> None:
    import csv

    with out.open("w", newline="", encoding="utf-8") as f:
        writer = csv.writer(f, lineterminator="\n")
        writer.writerow([field.name for field in fields(found.scores[0])])
        for s in found.scores:
            writer.writerow(["" if isinstance(v, float) and math.isnan(v) else v for v in astuple(s)])
    progress(f"{out}: {len(found.scores)} scores")
