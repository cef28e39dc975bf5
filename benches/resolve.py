#!/usr/bin/env python3
"""What linking in steps costs: processor time of `vanban resolve`, and the rows an engine moves.

usage: resolve.py VANBAN [DOCUMENTS]        20,000 made-up documents of three references each

The shuffle between the steps is sorting in memory here; its cost is left out. The graph of the
steps is compared with the one of `vanban resolve whole`, byte for byte.
"""
import collections
import json
import random
import resource
import subprocess
import sys

binary, n_documents = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
rng = random.Random(7)
cost = collections.Counter()
moved = collections.Counter()


def vanban(name, lines):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([binary, "resolve", name], input="".join(lines).encode(), capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cost[name] += after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout.decode()


class Rows(dict):
    def __missing__(self, name):
        return []

    def __or__(self, other):
        return Rows({name: self[name] + other[name] for name in {*self, *other}})


def tables(text):
    rows = Rows()
    for line in text.splitlines():
        row = json.loads(line)
        rows.setdefault(row["to"], []).append((row["key"], row["order"], line, row["by"]))
    return rows


def step(name, *inputs, keys=None):
    rows = sorted(row[:3] for table in inputs for row in table if keys is None or row[0] in keys)
    moved[name] += sum(len(row[2].encode()) for row in rows)
    return tables(vanban(name, (f'{{"key":{json.dumps(key)},"row":{line}}}\n' for key, _, line in rows)))


def replaced(rows, name, given, keys):
    groups = {f"{name}\x01{key}" for key in keys}
    return Rows({table: [row for row in listed if row[3] not in groups] for table, listed in rows.items()}) | given


def numbers(copies, cites, answers=None, found=(), keys=None):
    requests = []
    while True:
        given = step("numbers", copies["held"], cites, found, keys=keys)
        before = answers
        answers = given if before is None or keys is None else replaced(before, "numbers", given, keys)
        requests += given["requests"]
        learned = lambda rows: {row[2] for row in rows["learned"]}
        moved_on = before is not None and learned(before) != learned(answers)
        if not given["requests"] and not (moved_on and requests):
            return answers, found
        shelf = step("shelf", copies["shelved"], answers["learned"], requests)
        found = list(found) + shelf["found"]
        keys = {row[0] for row in shelf["found"]}


def document(n):
    kind, code = rng.choice([("Quyết định", "QĐ"), ("Chỉ thị", "CT"), ("Kế hoạch", "KH")])
    home = rng.choice(["song thao", "phong chau", "ha dong", "thanh ba"])
    year, serial = rng.randint(2004, 2025), rng.randint(1, 900)

    def reference(at):
        kind, code = rng.choice([("Quyết định", "QĐ"), ("Nghị định", "NĐ"), ("Luật", "QH13")])
        number = {"QĐ": f"{rng.randint(1, 900)}-QĐ/TU", "NĐ": f"{rng.randint(1, 60)}/2015/NĐ-CP"}.get(code, "80/2015/QH13")
        date = f"{rng.randint(2004, 2025)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}" if rng.random() < 0.8 else None
        return {
            "relation": rng.choice(["basis", "cites", "replaces", "implements"]), "number": number, "likely": None,
            "name": None, "kind": kind, "date": date, "issuer": None, "term": None, "locators": [], "of": None,
            "scope": {"from": None, "until": None, "except": [], "except_until": None, "restores": False},
            "sentence": f"Căn cứ {kind} số {number} về công tác văn thư, lưu trữ của cơ quan trong tỉnh;",
            "span": [at, at + 40], "confidence": 0.9,
        }

    return {
        "id": f"{year}/{n:07}.txt", "number": f"{serial}-{code}/TU", "kind": kind, "issuer": "Ban Thường vụ Tỉnh ủy",
        "locality": home, "date": f"{year}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}", "effective": None,
        "title": f"về công tác số {n} của các cấp ủy trong tỉnh", "outline": ["dieu:1", "dieu:2"], "delayed": [],
        "terms": [], "damage": rng.randint(0, 40), "references": [reference(at) for at in (100, 300, 900)],
    }


facts = [json.dumps(document(n), ensure_ascii=False) + "\n" for n in range(n_documents)]
whole = vanban("whole", facts)
start = tables(vanban("papers", facts))
pairs = step("pairs", start["pairs"])["pairs"]
label = {}
for row in pairs:
    a, b = json.loads(row[2])["body"]["pair"]
    least = min(label.get(a, a), label.get(b, b))
    label[a] = label[b] = least
copies = step("copies", [(label.get(row[0], row[0]), *row[1:]) for row in start["copies"]])
known = start["facts"] + copies["owner"]
cites = step("mentions", known)["cites"]
answers, found = numbers(copies, cites)
named = step("named", known, answers["met"])
called = copies["called"] + answers["called"]
names = step("names", called, named["calls"])
met = answers["met"] + named["met"] + names["met"]
acting = step("acting", known, met)
assert not acting["cites"] and not acting["calls"], "no third paper acts in these documents"
drafts = {row[0]: row for rows in (copies, answers, names) for row in rows["draft"]}
needed = {(row[0], json.loads(row[2])["body"]["met"]["node"]) for row in met}
needed = [(doc, *drafts[node][1:]) for doc, node in needed]
edges = step("edges", known, met, needed)
settled = step("settle", edges["spoken"])
last = [copies["node"], answers["made"], names["made"], answers["term"], settled["edges"]]
last += [answers["doubts"], names["doubts"], edges["doubts"]]
joined = vanban("graph", (row[2] + "\n" for table in last for row in table))
assert joined == whole, "the steps give another graph"
per_million = 1e6 / n_documents
for name, seconds in cost.items():
    print(f"{name:9} {seconds:7.2f} s  {moved[name] / 1e6:8.1f} MB in")
steps = sum(seconds for name, seconds in cost.items() if name not in ("whole", "graph"))
print(f"{n_documents} documents, {len(settled['edges'])} edges, the same graph: per million documents "
      f"{steps * per_million / 3600:.2f} core-hours and {sum(moved.values()) * per_million / 1e9:.1f} GB moved, "
      f"against {cost['whole'] * per_million / 3600:.2f} core-hours in one process")
