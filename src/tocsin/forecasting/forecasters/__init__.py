"""Ways to forecast, all behind the protocol of `forecasting.forecaster`."""
