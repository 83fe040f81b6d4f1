"""The room `forecasting`."""
