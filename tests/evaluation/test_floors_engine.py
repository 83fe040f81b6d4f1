"""The engine may not get worse on development months and origins, with the panels hashed.

A floor is a number that was measured less a small allowance; it falls only with a written reason.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score

from tests.shared_data import shared
from tocsin.evidence import sha256
from tocsin.forecasting import levels
from tocsin.forecasting.backtest import Engine, run
from tocsin.forecasting.forecaster import Forecaster
from tocsin.forecasting.forecasters.baselines import Own
from tocsin.forecasting.model import one_thread
from tocsin.forecasting.reading import read_panel
from tocsin.forecasting.spec import Spec, parse
from tocsin.forecasting.standard import monthly, pool

pytestmark = pytest.mark.floor
MONTHS = "data/ucdp_ged_countrymonth_africa_views/ged_country_month_1990_2016.parquet"
ONSETS = "data/onset_panel/onset_panel_1960_2010.csv"
HASHES = {
    MONTHS: "1143bf7d0b6fbeda34edb8eb2e5a857ee4cf4e5a64e0d3a0f9ec74001193ffef",
    ONSETS: "616b8f8c4af9e37225fc0a2b6ea3a152ae8f7080f9e462e66768991e348e1bd6",
}
LABELS = ("ewp_name", "year", "ccode", "mk_onset", "mk_onset_1", "mk_onset_2", "mk_onset_1or2")
FLOOR_AP, FLOOR_LOG, FLOOR_CRPS = 0.61, 0.87, 0.91
FLOOR_AUC, FLOOR_ONSET_AP = 0.80, 0.115


def test_months_are_forecast_better_than_by_the_last_twelve() -> None:
    spec = parse(
        {
            "panel": {"entity": "iso3", "period": "month_id", "label": "ged_best_os", "kind": "count"},
            "features": {"history": ["ged_best_os", "ged_best_sb", "ged_best_ns"]},
            "origins": {"first": 383, "last": 406, "refit_every": 24, "horizons": [1], "thresholds": [25]},
        },
        "floor",
    )
    ours, own = (answers(MONTHS, spec, who, range(383, 407)) for who in (monthly(), Own(12)))
    assert average_precision_score(ours["y"] >= 25, ours["p"]) >= FLOOR_AP
    assert log_loss(ours["y"] >= 25, ours["p"]) / log_loss(own["y"] >= 25, own["p"]) <= FLOOR_LOG
    assert ours["crps"].mean() / own["crps"].mean() <= FLOOR_CRPS


def test_onsets_are_ranked_by_the_predictors_of_others() -> None:
    head = shared(ONSETS).read_text(encoding="utf-8").splitlines()[0].split(",")
    spec = parse(
        {
            "panel": {
                "entity": "ewp_name",
                "period": "year",
                "label": "mk_onset_1or2",
                "kind": "binary",
                "label_lag": 2,
            },
            "features": {"known": [name for name in head if name not in LABELS]},
            "origins": {"first": 1990, "last": 2005, "refit_every": 4, "horizons": [0]},
        },
        "floor",
    )
    found = answers(ONSETS, spec, pool("binary"), range(1990, 2006))
    assert roc_auc_score(found["y"], found["p"]) >= FLOOR_AUC
    assert average_precision_score(found["y"], found["p"]) >= FLOOR_ONSET_AP


def answers(name: str, spec: Spec, who: Forecaster, origins: range) -> Mapping[str, np.ndarray]:
    """Outcomes y, chances p of the first threshold and CRPS of every row whose outcome is known."""
    path = shared(name)
    assert sha256(path.read_bytes()) == HASHES[name], "the floors were measured on another file"
    cube = read_panel(path, spec).cube
    found: dict[str, list[np.ndarray]] = {"y": [], "p": [], "crps": []}
    with one_thread():
        for a in run(Engine(cube, spec, origins.start, who), origins):
            y = cube.columns[spec.label][a.entity, cube.at(a.period)]
            known = ~np.isnan(y)
            at = int(np.flatnonzero(a.levels == (spec.thresholds or (1,))[0])[0])
            found["y"].append(y[known])
            found["p"].append(a.p[known, at])
            found["crps"].append(levels.crps(a.p[known], a.levels, y[known]))
    return {key: np.concatenate(parts) for key, parts in found.items()}
