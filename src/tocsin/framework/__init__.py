"""The room `framework`: the UN Framework of Analysis for Atrocity Crimes as reviewed data."""

from tocsin.framework.load import factor, framework, indicator, load
from tocsin.framework.model import Framework, Indicator, RiskFactor

__all__ = ["Framework", "Indicator", "RiskFactor", "factor", "framework", "indicator", "load"]
