"""Who forecasts what: the choices made on development years (docs/decisions/forecast-engine.md)."""

from __future__ import annotations

from tocsin.forecasting.forecaster import Forecaster
from tocsin.forecasting.forecasters.baselines import Climatology, Decayed, Own, Persistence
from tocsin.forecasting.forecasters.boosted import Boosted
from tocsin.forecasting.forecasters.elastic import ElasticNet
from tocsin.forecasting.forecasters.forest import Forest
from tocsin.forecasting.forecasters.pool import Pool
from tocsin.forecasting.forecasters.ridge import Ridge

SEED = "fixed draws; one thread"


def pool(kind: str) -> Pool:
    """The ensemble for a binary outcome or a count."""
    if kind == "binary":
        return Pool((Ridge(300), Boosted(seeds=3)), blocks=2)
    return Pool((Decayed(3), Ridge(), Boosted(), Forest()))


def monthly() -> Pool:
    """The ensemble that issues months for the whole world: members that are quick and can be explained."""
    return Pool((Decayed(3), Ridge()))


def forecasters(kind: str) -> dict[str, Forecaster]:
    """Every forecaster for a kind of outcome by its name: the pool, its members alone, and the baselines."""
    best = pool(kind)
    alone = (Climatology(), Persistence(), Own(12), Own(24), Own(60), Decayed(12), ElasticNet())
    return {each.name: each for each in (best, *best.members, *alone)}
