"""What the assigned cost and used, where they went, what was repeated, and how practices differ by more than chance.

Use: `population_insight(engine, population_view(engine, lake, run folder))`; the tables stand in `PopulationInsight`.
"""

from openaco.insight.population.insight import PopulationInsight, population_insight
from openaco.insight.population.view import PopulationView, population_view

__all__ = ["PopulationInsight", "PopulationView", "population_insight", "population_view"]
