"""The rules coder: reviewed words and patterns for the Framework's indicators, in several languages."""
