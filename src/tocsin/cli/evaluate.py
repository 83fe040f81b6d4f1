"""tocsin evaluate: what the forecast would have said at past origins, and how right it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli import alarm_record, backtest, policy, record, score
from tocsin.cli.home import progress, seen_day
from tocsin.errors import UserError

if TYPE_CHECKING:
    from tocsin.evaluation.scorecard import Scorecard

app = typer.Typer(help="Past origins: rolling forecasts and their scores.", no_args_is_help=True)
app.command("record")(record.record)
app.command("alarms")(alarm_record.alarms)
app.command("policy")(policy.policy)
app.command("score")(score.score)
app.command("backtest")(backtest.backtest)
Out = Annotated[Path, typer.Option(help="Where to write the rows (.csv or .parquet).")]


@app.command("onset")
def onset(
    first: Annotated[int, typer.Option(help="First feature year.")],
    last: Annotated[int, typer.Option(help="Last feature year.")],
    out: Out,
) -> None:
    """Rolling forecasts of a new mass killing within the two years after each feature year.

    Figures of the years up to it in later revision, labels whose two years had closed. Its scores, those of
    the baselines and those with release lags go to standard error.
    """
    from tocsin.evaluation.onset import evaluated, rows, summary
    from tocsin.forecasting.panel import load_panel

    _in_order(first, last)
    product, late = evaluated(load_panel, first, last)
    _write(out, rows(load_panel(), product))
    for said, rolled in (("figures up to the year itself", product), ("release lags applied", late)):
        known = rolled.known
        progress(f"{said}: {len(known.y)} rows whose two years are known, {int(known.y.sum())} with an onset")
        _scores(summary(known))


@app.command("violence")
def violence(
    as_of: Annotated[str, typer.Option(help="The origin: figures of the years that had ended on this day.")],
    year: Annotated[int, typer.Option(help="The year that is forecast.")],
    out: Out,
    lagged: Annotated[bool, typer.Option("--lagged", help="Only figures that were out on the day.")] = False,
) -> None:
    """Deaths in one-sided violence in a year by country: chances of 1, 25, 100 and 1,000, and 99 quantiles.

    Scores of the same forecast for the years before, also with release lags, go to standard error.
    """
    from tocsin.clock import as_of_end
    from tocsin.evaluation import violence as deaths
    from tocsin.evaluation.scorecard import Past
    from tocsin.forecasting.panel import load_panel

    asked = seen_day(as_of, "--as-of")
    if asked is None:
        raise UserError("--as-of is needed: YYYY-MM-DD")
    past = Past.of(load_panel())
    made = deaths.violence(past, as_of_end(asked), year, lagged=lagged)
    _write(out, deaths.rows(made))
    for iso3 in made.uncounted:
        progress(
            f"{iso3}: nobody counts violence there under its own name; its row is that of a state with blanks"
        )
    for late in (False, True):
        known = deaths.before(past, year, lagged=late)
        if known:
            span = f"{known[0].target} to {known[-1].target}, each from the end of the year before"
            progress(f"{span}, {'release lags applied' if late else 'figures of ended years'}")
            _scores(deaths.summary(known))


@app.command("scorecard")
def scorecard(
    outcome: Annotated[str, typer.Option(help="new_mass_killing, one_sided_25, _100 or _1000.")],
    first: Annotated[int, typer.Option(help="First origin year.")],
    last: Annotated[int, typer.Option(help="Last origin year.")],
) -> None:
    """Brier, log score, ranking and calibration at past origins, beside the baselines on the same rows."""
    from tocsin.evaluation.scorecard import scorecard as score
    from tocsin.forecasting.panel import load_panel

    _in_order(first, last)
    print("\n".join(_table(score(load_panel(), outcome, first, last))))


def _in_order(first: int, last: int) -> None:
    if first > last:
        raise UserError(f"--first {first} is after --last {last}; give the earlier year first")


def _scores(of: Mapping[str, Mapping[str, float]]) -> None:
    names = list(next(iter(of.values())))
    progress(" ".join([f"{'forecaster':12}", *(f"{name:>10}" for name in names)]))
    for who, values in of.items():
        progress(" ".join([f"{who:12}", *(f"{values[name]:10.4f}" for name in names)]))


def _table(card: Scorecard) -> list[str]:
    names = [f.name for f in fields(next(iter(card.measures.values())))]
    out = [
        f"{card.outcome}, {card.months} months ahead, origins {card.first} to {card.last}: "
        f"{card.n} rows, {card.positives} events",
        "\t".join(["forecaster", *names]),
    ]
    out += ["\t".join([who, *(f"{v:.4f}" for v in astuple(m))]) for who, m in card.measures.items()]
    out += ["", "reliability of the model", "forecast\tobserved\tobserved_low\tobserved_high\trows"]
    for b in card.reliability:
        if b.n:
            out.append(
                f"{b.forecast:.3f}\t{b.observed:.3f}\t{b.observed_low:.3f}\t{b.observed_high:.3f}\t{b.n}"
            )
    return out


def _write(out: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    progress(f"{out}: {backtest.write(out, rows)} rows")
