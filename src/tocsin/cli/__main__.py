"""`python -m tocsin.cli` is the same door as `tocsin`."""

from tocsin.cli.main import main

main()
