"""Other publishers' forecasts: comparison columns, kept apart, and never an input of a forecast of ours."""
