"""Fuzz targets: `python -m tests.fuzz.NAME --minutes N`, one module a target, all driven by `runner.py`."""
