"""One person, many record systems: which records are of the same human being, why, and what people must decide.

`records.source_records` reads the people of all systems, `match.match_people` joins them, `files` keeps the result:
`crosswalk.parquet` (record → person, with the reason) and `review.csv` (pairs for people to decide).
"""
