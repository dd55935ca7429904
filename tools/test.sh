#!/usr/bin/env bash
# Unit and integration tests on SQLite and on PostgreSQL, then the browser tests. Where PostgreSQL or a
# browser is missing, that part is skipped with a line; with CI=true its absence is a failure.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
only=${1:-all}
workers=${TEST_WORKERS:-2}
failed=0
# Who may open what and who may publish is decided before any database is asked.
same_everywhere=(--ignore=xinglin/content/tests/test_no_other_way.py --ignore=tests/test_url_access.py)
missing() { echo "skipped: $1"; [ "${CI:-}" = true ] && failed=1; }

if [ "$only" != browser ]; then
  echo "== SQLite"
  env -u DATABASE_URL $bin/pytest -n "$workers" -m "not browser" || failed=1
  url=${TEST_POSTGRES_URL:-$(bash tools/postgres.sh)}
  if [ -n "$url" ]; then
    echo "== PostgreSQL"
    DATABASE_URL=$url $bin/pytest -n "$workers" -p xinglin.core.testing_database \
      -m "not browser and not slow" "${same_everywhere[@]}" || failed=1
  else
    missing "PostgreSQL tests: no server found (give TEST_POSTGRES_URL=postgres://…)"
  fi
fi
if command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; then
  echo "== browser"
  env -u DATABASE_URL $bin/pytest -n "$workers" --dist loadfile --no-loadscope-reorder -p no:randomly \
    -m browser tests/browser || failed=1
else
  missing "browser tests: no chromium on this machine"
fi
exit $failed
