#!/usr/bin/env bash
# Search side by side in one run: relevance, then speed.
#   benches/peers/search.sh WORK [DOCS] [TIMES]
# WORK is a scratch folder, DOCS a folder of further texts with meta.jsonl, TIMES how often each of them comes,
# every copy with other numbers, dates and names. Relevance is judged where TIMES is 1: copies are not judged.
set -euo pipefail
work=$1; docs=${2:-}; times=${3:-1}
here=$(cd "$(dirname "$0")" && pwd); root=$here/../..
mkdir -p "$work"; cd "$root"
python3 "$here/search_corpus.py" corpus/archive fixtures/eval ${docs:+--docs "$docs"} > "$work/once.ndjson"
bench() { cargo bench -q --bench search -- "$@"; }
bench copies "$work/once.ndjson" "$times" "$work/docs.ndjson"
rm "$work/once.ndjson"
bench units "$work/docs.ndjson" "$work/units.ndjson"
bench build "$work/docs.ndjson" "$work"
if [ "$times" != 1 ]; then
  python3 "$here/search.py" build "$work/units.ndjson" "$work"
else
  python3 "$here/search.py" answer "$work/units.ndjson" fixtures/search/judged.jsonl "$work" "$work/peers.tsv"
  bench answer "$work" fixtures/search/judged.jsonl "$work/ours.tsv"
  for split in dev test; do
    echo "== $split"
    python3 "$here/search.py" score fixtures/search/judged.jsonl --split $split "$work/ours.tsv" "$work/peers.tsv"
  done
fi
python3 "$here/search.py" queries "$work/docs.ndjson" 1000 > "$work/queries.txt"
for readers in 1 16; do
  bench speed "$work" "$work/queries.txt" $readers
  python3 "$here/search.py" speed "$work" "$work/queries.txt" $readers
done
