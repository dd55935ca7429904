#!/usr/bin/env bash
# Unit and integration tests on SQLite and on PostgreSQL, the browser tests beside them. Where PostgreSQL or a
# browser is missing, that part is skipped with a line; with CI=true its absence is a failure.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
only=${1:-all}
workers=${TEST_WORKERS:-2}
# Who may open what and who may publish is decided before any database is asked.
same_everywhere=(--ignore=xinglin/content/tests/test_no_other_way.py --ignore=tests/test_url_access.py)
missing() { echo "skipped: $1"; [ "${CI:-}" != true ]; }

on_databases() {
  local failed=0
  echo "== SQLite"
  env -u DATABASE_URL nice $bin/pytest -n "$workers" -m "not browser" || failed=1
  local url=${TEST_POSTGRES_URL:-$(bash tools/postgres.sh)}
  if [ -n "$url" ]; then
    echo "== PostgreSQL"
    DATABASE_URL=$url nice $bin/pytest -n "$workers" -p xinglin.core.testing_database \
      -m "not browser and not slow" "${same_everywhere[@]}" || failed=1
  else
    missing "PostgreSQL tests: no server found (give TEST_POSTGRES_URL=postgres://…)" || failed=1
  fi
  return $failed
}

in_a_browser() { # workers
  if command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; then
    echo "== browser"
    env -u DATABASE_URL $bin/pytest -n "$1" --dist loadfile --no-loadscope-reorder -p no:randomly \
      -m browser tests/browser
  else
    missing "browser tests: no chromium on this machine"
  fi
}

if [ "$only" = browser ]; then in_a_browser "$workers"; exit; fi
# Both wait much, for pages, locks and killed processes: side by side they use the time of each other. A page
# that is slow to answer fails a browser test, so those have the right of way.
said=$(mktemp)
in_a_browser 1 >"$said" 2>&1 & browser=$!
trap 'pkill -P "$browser"; rm -f "$said"' EXIT
failed=0
on_databases || failed=1
wait "$browser" || failed=1
cat "$said"
exit $failed
