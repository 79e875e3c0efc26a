"""Measurements at a small and at a large number of rows side by side; `bin/bench` runs them."""
