"""What an ACO does with results: contracts side by side, forecast, what-if, distribution, rates, needs."""
