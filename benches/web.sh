#!/usr/bin/env bash
# Load on /search with the load generator on the same machine: requests a second, latencies, memory.
#
#   benches/web.sh STORE [SECONDS [CONNECTIONS [SERVE-OPTIONS…]]]
#
# A store of ten times the texts of DOCS (a folder with meta.jsonl), every copy with other numbers, dates and names:
#   python3 benches/peers/search_corpus.py corpus/archive fixtures/eval --docs DOCS > once.ndjson
#   cargo bench --bench search -- copies once.ndjson 10 /dev/null FOLDER && vanban reindex --store STORE FOLDER
#
# `benches/web.sh STORE 60 24` for pages kept, `benches/web.sh STORE 60 24 --cache 0` for every page made anew.
set -euo pipefail
cd "$(dirname "$0")/.."
store=$1 seconds=${2:-60} connections=${3:-24}
shift $(($# < 3 ? $# : 3))
port=${PORT:-8097}
"${VANBAN:-target/release/vanban}" serve --store "$store" --listen "127.0.0.1:$port" "$@" 2>/dev/null &
server=$!
trap 'kill $server 2>/dev/null' EXIT
until curl -sf -o /dev/null "http://127.0.0.1:$port/"; do sleep 0.2; done
memory() { awk '/VmRSS/ { printf "%.0f MB\n", $2 / 1024 }' "/proc/$server/status"; }
echo "memory before: $(memory)"
wrk -t1 -c"$connections" -d"${seconds}s" --timeout 10s -s benches/web.lua "http://127.0.0.1:$port" | tail -1 &
load=$!
for _ in 1 2 3 4 5; do
    sleep "$(awk "BEGIN { print $seconds / 5 }")"
    echo "memory: $(memory)"
done
wait $load
