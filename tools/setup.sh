#!/usr/bin/env bash
# Makes .venv with the locked dependencies, the front-end assets and the compiled translations.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
"$python" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' ||
  { echo "Xinglin needs Python 3.11 or newer; $python is $("$python" --version 2>&1)." >&2; exit 1; }
[ -x .venv/bin/python ] || "$python" -m venv .venv
[ -x .venv/bin/uv ] || .venv/bin/python -m pip install --quiet --disable-pip-version-check uv
.venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes -r requirements.lock
.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps -e .
.venv/bin/python -m compileall -q xinglin || true
