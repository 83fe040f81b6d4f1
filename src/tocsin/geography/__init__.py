"""Geography: countries and their dates, names of places in text, borders as of a day, grid cells.

Light to import: shapes, gazetteer and their libraries are loaded at the first question that needs them.
"""

from tocsin.geography.borders import locate_point, map_shapes, priogrid
from tocsin.geography.countries import (
    Country,
    Number,
    by_cow,
    by_fips,
    by_gw,
    by_iso2,
    by_name,
    countries,
    country,
)
from tocsin.geography.mentions import Mention, mentions

__all__ = [
    "Country",
    "Mention",
    "Number",
    "by_cow",
    "by_fips",
    "by_gw",
    "by_iso2",
    "by_name",
    "countries",
    "country",
    "locate_point",
    "map_shapes",
    "mentions",
    "priogrid",
]
