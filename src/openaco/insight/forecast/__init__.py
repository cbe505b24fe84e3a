"""Where the performance year is heading: a settlement forecast with an interval, and why it moved.

    found = forecast(engine, Lake(home.lake), configuration, 2024, datetime.date(2024, 7, 20))
    found.figures["savings"]     # expected, low, high
    found.movement.steps         # what the forecast moved by since a month before; sums to the cent

The way: `as_of` (what had come by the day) → `standing` (sums of the year so far, and of the same day of past years) →
`completion` (lag triangles, `chain_ladder`) → `history` (what past years teach) → `projection` (the point forecast) →
`draws` (possible years) → `settlement` (the program's worksheet) → `movement` (why it moved).
"""

from openaco.insight.forecast.forecast import Figure, Forecast, forecast
from openaco.insight.forecast.settlement import with_fixed_factor

__all__ = ["Figure", "Forecast", "forecast", "with_fixed_factor"]
