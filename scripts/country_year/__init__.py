"""Steps that turn published sources into the shipped country-year table; run by build_country_year.py."""
