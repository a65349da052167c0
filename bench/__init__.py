"""Measures the gateway against peers that do the same work, in the same run."""
