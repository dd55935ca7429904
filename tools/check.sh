#!/usr/bin/env bash
# Everything that can be judged without running the product's tests; stops at nothing, fails at the end.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
XINGLIN_HOME=$(mktemp -d); export XINGLIN_HOME
trap 'rm -rf "$XINGLIN_HOME"' EXIT
failed=()
step() { # name, command…
  local name=$1; shift
  printf '%s … ' "$name"
  if output=$("$@" 2>&1); then echo ok; else echo FAILED; printf '%s\n' "$output" | tail -n 60; failed+=("$name"); fi
}
# The types take longer than all the rest together: they are looked at meanwhile.
$bin/mypy >"$XINGLIN_HOME/types" 2>&1 & types=$!
step "format" $bin/ruff format --check .
step "lint" $bin/ruff check .
step "import contracts" $bin/lint-imports
step "doors, colours, paths, names" $bin/python tools/guards.py
step "settings" $bin/python manage.py check --fail-level WARNING
step "migrations" $bin/python manage.py makemigrations --check --dry-run
step "second reader" $bin/python tools/reader.py --check
step "translations" $bin/python tools/messages.py check
wait "$types"; typed=$?
say_types() { cat "$XINGLIN_HOME/types"; return "$typed"; }
step "types" say_types
step "dependencies" $bin/uv pip check --python $bin/python
[ ${#failed[@]} -eq 0 ] || { echo "make check: failed: ${failed[*]}"; exit 1; }
