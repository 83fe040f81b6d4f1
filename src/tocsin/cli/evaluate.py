"""tocsin evaluate: what the forecast would have said at past origins, and how right it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli import backtest, record, score
from tocsin.cli.home import progress, seen_day
from tocsin.errors import UserError

if TYPE_CHECKING:
    from tocsin.evaluation.scorecard import Scorecard

app = typer.Typer(help="Past origins: rolling forecasts and their scores.", no_args_is_help=True)
app.command("record")(record.record)
app.command("score")(score.score)
app.command("backtest")(backtest.backtest)
Out = Annotated[Path, typer.Option(help="Where to write the rows (CSV).")]


@app.command("onset")
def onset(
    first: Annotated[int, typer.Option(help="First origin year.")],
    last: Annotated[int, typer.Option(help="Last origin year.")],
    out: Out,
) -> None:
    """Rolling forecasts of a new mass killing: each year refitted on what was known then."""
    from tocsin.evaluation.scorecard import onset_rows
    from tocsin.forecasting.panel import load_panel

    _in_order(first, last)
    _write(out, onset_rows(load_panel(), first, last))


@app.command("violence")
def violence(
    as_of: Annotated[str, typer.Option(help="The origin: what was known at the end of this day.")],
    year: Annotated[int, typer.Option(help="The year that is forecast.")],
    out: Out,
) -> None:
    """The chance of at least 25, 100 and 1,000 civilians killed in a year, by country."""
    from tocsin.clock import as_of_end
    from tocsin.evaluation.scorecard import violence_rows
    from tocsin.forecasting.panel import load_panel

    asked = seen_day(as_of, "--as-of")
    if asked is None:
        raise UserError("--as-of is needed: YYYY-MM-DD")
    _write(out, violence_rows(load_panel(), as_of_end(asked), year))


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
    import csv

    written = 0
    with out.open("w", newline="", encoding="utf-8") as f:
        writer: csv.DictWriter[str] | None = None
        for row in rows:
            if writer is None:
                writer = csv.DictWriter(f, list(row), lineterminator="\n")
                writer.writeheader()
            writer.writerow(row)
            written += 1
    progress(f"{out}: {written} rows")
