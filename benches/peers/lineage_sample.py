#!/usr/bin/env python3
"""Draws edges of a graph to be read by a person, each beside the clause that proves it.

usage: lineage_sample.py GRAPH.json [SEED] [N] [changing|all] [FOLDER]

`changing` (the default) draws among the edges that change what is in force. The same graph and
seed give the same sample. With FOLDER, where the texts lie, the introduction of a list is shown
above its item, and what follows the reference.
"""
import json, os, random, re, sys, unicodedata

graph = json.load(open(sys.argv[1]))
seed = sys.argv[2] if len(sys.argv) > 2 else "1"
size = int(sys.argv[3]) if len(sys.argv) > 3 else 100
which = sys.argv[4] if len(sys.argv) > 4 else "changing"
folder = sys.argv[5] if len(sys.argv) > 5 else None
changing = {"replaces", "replaced_by", "repeals", "ends_effect", "amends", "amended_by", "corrects", "suspends", "consolidates"}
docs = {doc["id"]: doc for doc in graph["docs"]}
edges = [e for e in graph["edges"] if which == "all" or e["relation"] in changing or e.get("restores")]


def told(name):
    doc = docs[name]
    held = "" if doc.get("held", True) else " [not held]"
    return f"{doc.get('number') or doc.get('title') or name} of {doc.get('date')}{held}"


def around(source):
    """The nearest introduction before the reference, and the words behind it."""
    path = os.path.join(folder, source["doc"])
    if not os.path.exists(path):
        return "", ""
    text = unicodedata.normalize("NFC", open(path, encoding="utf-8").read().replace("\r\n", "\n"))
    start, end = source["span"]
    lines = text[max(0, start - 4000) : start].split("\n")[:-1]
    intro = next((line.strip() for line in reversed(lines) if re.search(r":\s*$", line)), "")
    return intro[-250:], " ".join(text[end : end + 250].split())


drawn = random.Random(seed).sample(edges, min(size, len(edges)))
print(f"{len(drawn)} of {len(edges)} edges, seed {seed}")
for n, edge in enumerate(drawn, 1):
    place = f" ({edge['locator']})" if edge.get("locator") else ""
    more = {key: edge[key] for key in ("since", "until", "except", "except_until", "restores") if edge.get(key)}
    print(f"\n{n}. {told(edge['from'])} --{edge['relation']}{place}--> {told(edge['to'])} {more or ''}")
    if folder:
        intro, behind = around(edge["source"])
        if re.match(r"\s*(\S{1,3}[.)]|[-+–])", edge["sentence"]):
            print(f"   below: {intro}")
        print(f"   then: {behind}")
    print(f"   in {edge['source']['doc']} {edge['source']['span']}: {edge['sentence']}")
    print(f"   why: {edge.get('why')}; confidence {edge['confidence']}")
