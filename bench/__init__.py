"""Benchmarks: speed and memory, each beside the raw engine or a plain baseline."""
