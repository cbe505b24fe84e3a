"""Pages of a distribution: a statement for each participant (HTML and PDF), the whole for the governing body, two
plans side by side, and what the public reads."""
