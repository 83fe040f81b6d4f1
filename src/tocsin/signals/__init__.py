"""The room `signals`."""
