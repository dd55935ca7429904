"""Loaded when the application starts: registers the importer of patient files."""

from xinglin.patients.imports import patients

__all__ = ["patients"]
