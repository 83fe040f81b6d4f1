"""The command line: one verb a module, data on standard output, everything else on standard error."""

from tocsin.cli.main import main

__all__ = ["main"]
