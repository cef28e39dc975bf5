#!/usr/bin/env python3
"""How many known amendments and repeals the graph found.

usage: lineage_recall.py FOLDER GRAPH.json [MISSES.tsv]

FOLDER holds the texts, meta.jsonl and relations.tsv. A relation counts if both its ends are
held and the amending text names its target by number or by name. The misses are listed, each
with what the graph has instead and what the amending text says where it names its target.
"""
import collections, csv, json, re, sys, unicodedata

folder, graph_file = sys.argv[1:3]
graph = json.load(open(graph_file))
meta = {row["id"]: row for row in map(json.loads, open(f"{folder}/meta.jsonl"))}
node_of = {}
for doc in graph["docs"]:
    for name in [doc["id"], *doc.get("sources", [])]:
        node_of[name.rsplit("/", 1)[-1].removesuffix(".txt")] = doc["id"]
docs = {doc["id"]: doc for doc in graph["docs"]}
acts = {"replaces", "repeals", "ends_effect", "amends", "corrects", "suspends"}
found, others = set(), collections.defaultdict(set)
for edge in graph["edges"]:
    others[edge["from"], edge["to"]].add(edge["relation"])
    if edge["relation"] in acts:
        found.add((edge["from"], edge["to"]))
    if edge["relation"] in {"replaced_by", "amended_by"}:
        found.add((edge["to"], edge["from"]))


def flat(text):
    text = unicodedata.normalize("NFC", text).lower().replace("ð", "đ")
    return re.sub(r"\s+", " ", text)


texts = {}
def text_of(name):
    if name not in texts:
        texts[name] = flat(open(f"{folder}/{name}.txt", encoding="utf-8").read())
    return texts[name]


def names(text, target):
    number = flat(target.get("number") or "").replace(" ", "")
    if number and number in text.replace(" ", ""):
        return "number"
    if re.match(r"(bộ )?luật|pháp lệnh", flat(target.get("type") or "")):
        name = re.sub(r"\s(số )?\d.*| năm \d{4}.*", "", flat(target.get("title") or ""))
        if len(name) > 8 and name in text:
            return "name"
    return None


seen, good, misses = set(), 0, []
total = 0
for row in csv.DictReader(open(f"{folder}/relations.tsv"), delimiter="\t"):
    if row["relation"] not in {"amended_by", "supplemented_by", "repealed_by"}:
        continue
    old, new = row["source_id"], row["target_id"]
    if not new or old not in meta or new not in meta or (old, new) in seen or old == new:
        continue
    seen.add((old, new))
    how = names(text_of(new), meta[old])
    if not how:
        continue
    total += 1
    pair = node_of.get(new), node_of.get(old)
    if pair in found:
        good += 1
        continue
    number = meta[old].get("number")
    same = [d for d in graph["docs"] if number and d.get("number") and d["number"].upper() == number.upper()]
    hit = [d["id"] for d in same if (pair[0], d["id"]) in found]
    if hit:
        why = f"linked to another document of that number: {hit[0]}"
    elif others.get(pair):
        why = "linked as " + ", ".join(sorted(others[pair]))
    elif docs.get(pair[1], {}).get("number") != number:
        why = f"number read as {docs.get(pair[1], {}).get('number')} in its own text"
    else:
        doubts = [d for d in graph.get("doubts", []) if d["doc"] == pair[0] and pair[1] in d.get("candidates", [])]
        why = "ambiguous" if doubts else "no reference found"
    text, name = text_of(new), flat(number if how == "number" else meta[old]["title"].split(" số ")[0].split(" năm ")[0])
    at = [hit.start() for hit in re.finditer(re.escape(name), text)][:3]
    said = " … ".join(text[max(0, k - 90) : k + len(name) + 60] for k in at)
    misses.append((old, row["relation"], new, number or "", how, why, said))

print(f"{good} of {total} found: recall {good / max(total, 1):.3f}")
for why, n in collections.Counter(re.sub(r"[:] .*|as \S+ in", "", miss[5]) for miss in misses).most_common():
    print(f"  {n:4} {why}")
for old, relation, new, number, how, why, said in misses:
    print(f"\n{number} {relation} {meta[new].get('number')}: {why}\n    {new} says: {said}")
if len(sys.argv) > 3:
    csv.writer(open(sys.argv[3], "w"), delimiter="\t").writerows(misses)
