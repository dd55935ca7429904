"""Loaded by the test runner before anything else: tests never touch an installation's data folder."""

import os
import tempfile

os.environ["XINGLIN_HOME"] = tempfile.mkdtemp(prefix="xinglin-test-")
os.environ.setdefault("XINGLIN_PUBLIC_URL", "http://testserver")
