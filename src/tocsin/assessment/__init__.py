"""The room `assessment`."""
