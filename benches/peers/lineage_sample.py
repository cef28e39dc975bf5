#!/usr/bin/env python3
"""Draws edges of a graph to be read by a person, each beside the clause that proves it.

usage: lineage_sample.py GRAPH.json [SEED] [N] [changing|all]

`changing` (the default) draws among the edges that change what is in force. The same graph and
seed give the same sample.
"""
import json, random, sys

graph = json.load(open(sys.argv[1]))
seed = sys.argv[2] if len(sys.argv) > 2 else "1"
size = int(sys.argv[3]) if len(sys.argv) > 3 else 100
which = sys.argv[4] if len(sys.argv) > 4 else "changing"
changing = {"replaces", "replaced_by", "repeals", "ends_effect", "amends", "amended_by", "corrects", "suspends", "consolidates"}
docs = {doc["id"]: doc for doc in graph["docs"]}
edges = [e for e in graph["edges"] if which == "all" or e["relation"] in changing or e.get("restores")]


def told(name):
    doc = docs[name]
    held = "" if doc.get("held", True) else " [not held]"
    return f"{doc.get('number') or doc.get('title') or name} of {doc.get('date')}{held}"


drawn = random.Random(seed).sample(edges, min(size, len(edges)))
print(f"{len(drawn)} of {len(edges)} edges, seed {seed}")
for n, edge in enumerate(drawn, 1):
    place = f" ({edge['locator']})" if edge.get("locator") else ""
    more = {key: edge[key] for key in ("since", "until", "except", "except_until", "restores") if edge.get(key)}
    print(f"\n{n}. {told(edge['from'])} --{edge['relation']}{place}--> {told(edge['to'])} {more or ''}")
    print(f"   in {edge['source']['doc']} {edge['source']['span']}: {edge['sentence']}")
    print(f"   why: {edge.get('why')}; confidence {edge['confidence']}")
