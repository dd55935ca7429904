#!/usr/bin/env bash
# Prints the address of a PostgreSQL server that answers on this machine, or nothing.
for url in "${DATABASE_URL:-}" "postgres://postgres@127.0.0.1:5432/postgres" "postgres://$(id -un)@127.0.0.1:5432/postgres"; do
  case $url in postgres*) ;; *) continue ;; esac
  if "$(dirname "$0")/../.venv/bin/python" - "$url" <<'PY' 2>/dev/null
import sys
import psycopg
psycopg.connect(sys.argv[1], connect_timeout=2).close()
PY
  then echo "$url"; exit 0; fi
done
