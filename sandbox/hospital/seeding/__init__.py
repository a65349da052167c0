"""A hospital out of a seed number: the same every time, with dates that follow its founding day."""
