//! Gold in, scores out: the metric of `score_text.py`, and rows gained or lost against a baseline.
