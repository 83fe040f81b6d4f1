"""tocsin evaluate policy: the shipped alarm policy beside two simple ones, on past years and months."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.home import lines, progress, tell
from tocsin.errors import UserError


def policy(
    months: Annotated[
        Path | None,
        typer.Option(help="Civilians killed by month (.csv or .parquet: iso3, year, month, ged_best_os)."),
    ] = None,
    first: Annotated[int, typer.Option(help="First year.")] = 1995,
    last: Annotated[int, typer.Option(help="Last year.")] = 2023,
    as_json: Annotated[
        bool, typer.Option("--json", help="A line a score, difference and beginning.")
    ] = False,
) -> None:
    """Lead time, recall and false alarms of the shipped policy, beside simple policies.

    All as known then: shipped figures and past forecasts, no words. A few minutes.
    """
    from tocsin.alarms.policy import policy as shipped
    from tocsin.evaluation.policy_judged import Given, judged
    from tocsin.evaluation.policy_months import read_months
    from tocsin.evaluation.policy_told import lines as told
    from tocsin.evaluation.policy_told import rows
    from tocsin.forecasting.hindcast import hindcasts
    from tocsin.forecasting.panel import load_panel

    past, panel = hindcasts(), load_panel()
    _in_range(first, last, past.days[0].year + 1, panel.column_info("os_deaths").last_year)
    known = None if months is None else read_months(months)
    progress("walking the policy through the past, month by month; a few minutes")
    found = judged(Given(panel, past, shipped(), known), first, last)
    if as_json:
        lines(rows(found))
    else:
        tell(told(found))


def _in_range(first: int, last: int, earliest: int, latest: int) -> None:
    if not earliest <= first <= last <= latest:
        raise UserError(
            f"--first {first} --last {last}: give years from {earliest} to {latest}, the earlier one first"
        )
