"""Where the performance year is heading: a settlement forecast with an interval, and why it moved."""
