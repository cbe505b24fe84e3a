"""Quality measures: one folder per measure, evaluated for a whole population at once by `measures.engine`."""
