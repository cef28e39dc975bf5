#!/usr/bin/env python3
"""Papers for the search side-by-sides: one JSON line a document.

    search_corpus.py ARCHIVE EVAL [--docs DIR] > docs.ndjson

ARCHIVE is corpus/archive; EVAL is fixtures/eval with its hand-made metadata and its clean
texts, which stand for perfect restoration, so that search is judged and nothing else.
DIR is a folder of further texts with a meta.jsonl. `cargo bench --bench search -- copies` makes more of them.
"""
import argparse, json, os, re, unicodedata

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("archive")
    parser.add_argument("eval")
    parser.add_argument("--docs")
    options = parser.parse_args()

    def put(id, meta, text):
        row = {"id": id, "text": unicodedata.normalize("NFC", text)}
        for key in ("number", "type", "issuer", "date", "title"):
            row[key] = meta.get(key) or None
        if row["date"] and not re.fullmatch(r"\d{4}-\d\d-\d\d", row["date"]):
            row["date"] = None
        print(json.dumps(row, ensure_ascii=False))

    answers = {row["file"]: row for row in map(json.loads, open(os.path.join(options.eval, "archive.jsonl"), encoding="utf-8"))}
    for folder, _, names in sorted(os.walk(options.archive)):
        for name in sorted(names):
            if name.endswith(".txt"):
                path = os.path.join(folder, name)
                id = os.path.relpath(path, options.archive)
                clean = os.path.join(options.eval, "archive", name.removesuffix(".txt") + ".clean.txt")
                text = open(clean if os.path.exists(clean) else path, encoding="utf-8").read()
                put(id, answers.get(name, {}), text)
    if options.docs:
        for row in map(json.loads, open(os.path.join(options.docs, "meta.jsonl"), encoding="utf-8")):
            path = os.path.join(options.docs, row["id"] + ".txt")
            if not os.path.exists(path):
                continue
            text = open(path, encoding="utf-8").read()
            put(f"docs/{row['id']}.txt", row, text)


main()
