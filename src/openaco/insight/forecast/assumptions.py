"""The judgements a forecast starts from, before the ACO's own data speak. None of them is fitted to results.

Each is stated with what it means in practice; what the data tell is weighed against it as if it came from
`…_YEARS` years of experience.
"""

GROWTH = 0.03
"""Growth of spending a member-month from one year to the next, as a logarithm."""
GROWTH_ERROR = 0.04
"""Standard deviation of a year's growth around its mean: what an ACO's own work or a new price can move in a year."""
GROWTH_YEARS = 3.0
"""How many years of experience the two judgements above are worth."""
TYPE_ERROR = 0.02
"""Standard deviation by which one enrollment type grows differently from the whole."""
DRIFT_ERROR = 0.02
"""Standard deviation by which spending after the valuation date differs from that before, apart from the season."""
LIST_YEARS = 3.0
"""How many past years it is worth that chance alone decides who will be assigned in the end."""
UNSEEN = 0.25
"""A month of which less than this share is known is projected like a month that nothing is known of."""
LEAST_PAST_YEARS = 2
"""Complete years before the performance year without which there is no forecast."""
LEAST_MONTHS = 12
"""Service months without which no development is estimated."""
