"""Names of places, factors and outcomes for the pages, and the shapes of the map."""

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache

from tocsin import framework, geography
from tocsin.errors import UnknownId
from tocsin.forecasting.outcomes import load_outcomes, outcome
from tocsin.sources.factsheet import fact_sheet


@lru_cache(maxsize=8)
def map_bytes(on: date) -> bytes:
    """The shapes of all places on a day, as GeoJSON text. Packaged; nothing is fetched."""
    return json.dumps(geography.map_shapes(on), ensure_ascii=False, separators=(",", ":")).encode()


def place_name(iso3: str) -> str:
    """The English short name of a country code; the code itself when the table does not hold it."""
    try:
        return geography.country(iso3).name
    except UnknownId:
        return iso3


def code_of(text: str) -> str | None:
    """The code of a country given by code or by name in any case; None when the table has neither."""
    try:
        return geography.country(text.upper()).iso3
    except UnknownId:
        pass
    try:
        return geography.by_name(text).iso3
    except UnknownId:
        return None


def factor_title(code: str) -> str:
    """The title of a risk factor; the code itself when the Framework does not hold it."""
    try:
        return framework.factor(code).title
    except UnknownId:
        return code


def indicator_label(id: str) -> str:
    """The short paraphrase of an indicator; empty for a claim without one."""
    try:
        return framework.indicator(id).label if id else ""
    except UnknownId:
        return ""


def publisher(source: str) -> str:
    """Who publishes a source; its id when there is no such fact sheet."""
    try:
        return fact_sheet(source).publisher
    except UnknownId:
        return source


def outcome_label(key: str) -> str:
    """What an outcome of the forecast is, in words; the key itself when the table does not hold it."""
    try:
        return outcome(key).label
    except UnknownId:
        return key


def outcome_definition(key: str) -> str:
    """The definition of an outcome; empty when the table does not hold it."""
    try:
        return outcome(key).definition
    except UnknownId:
        return ""


def outcome_order(key: str) -> int:
    """Place of an outcome in its table; one that the table does not hold comes last."""
    keys = [o.key for o in load_outcomes()]
    return keys.index(key) if key in keys else len(keys)
