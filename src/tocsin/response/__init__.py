"""The room `response`."""
