#!/usr/bin/env python3
"""Other engines on the same units, and the figures of all.

    search.py answer UNITS.ndjson JUDGED.jsonl FOLDER RUNS.tsv   FTS5 (default, best folding), PostgreSQL unaccent
    search.py build  UNITS.ndjson FOLDER                          FTS5 alone, for the speed run
    search.py score  JUDGED.jsonl [--split dev|test] RUNS.tsv…   nDCG@10, MRR, recall@100 by query class
    search.py queries DOCS.ndjson N > QUERIES.txt                 the mix of the speed run
    search.py speed  FOLDER QUERIES.txt READERS                   FTS5, ranked top 10 with snippets

Every engine gets the same help: units with all words first and, where they are fewer than a
hundred documents, those with any word after them; headings and titles weigh twice the text.
PostgreSQL is reached as `psql` reaches it (PGHOST, PGUSER, …); without it the run goes on.
"""
import argparse, json, math, multiprocessing, os, random, re, sqlite3, subprocess, sys, time, unicodedata

SHARE = {"default": "unicode61", "best": "unicode61 remove_diacritics 2"}


def units(path):
    for line in open(path, encoding="utf-8"):
        row = json.loads(line)
        yield row["doc"], f"{row['head']} \n{row['context']}", row["text"]


def tokens(query):
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFC", query))


def build_fts5(path, folder):
    for name, tokenizer in SHARE.items():
        file = os.path.join(folder, f"fts5-{name}.db")
        if os.path.exists(file):
            os.remove(file)
        start = time.perf_counter()
        db = sqlite3.connect(file)
        db.execute("pragma journal_mode=off")
        db.execute("pragma synchronous=off")
        db.execute(f"create virtual table t using fts5(doc unindexed, title, body, tokenize='{tokenizer}')")
        db.executemany("insert into t values (?, ?, ?)", units(path))
        db.execute("insert into t(t) values ('optimize')")
        db.commit()
        db.close()
        print(f"build\tFTS5 {name}\t{time.perf_counter() - start:.2f} s\t{os.path.getsize(file)} bytes", file=sys.stderr)


def fts5(db, query, limit):
    found = []
    for glue in (" ", " OR "):
        text = glue.join(f'"{token}"' for token in tokens(query))
        if not text:
            break
        rows = db.execute("select doc from t where t match ? order by bm25(t, 0, 2.0, 1.0) limit ?", (text, limit * 8))
        for (doc,) in rows:
            if doc not in found:
                found.append(doc)
        if len(found) >= limit:
            break
    return found[:limit]


def psql(sql, stdin=None):
    return subprocess.run(["psql", "-qtAX", "-v", "ON_ERROR_STOP=1", "-c", sql], input=stdin, text=True, capture_output=True, check=True).stdout


def build_postgres(path):
    psql("""drop table if exists search_peer; create extension if not exists unaccent;
        drop text search configuration if exists search_peer;
        create text search configuration search_peer (copy = simple);
        alter text search configuration search_peer alter mapping for hword, hword_part, word with unaccent, simple;
        create table search_peer (doc text, title text, body text, v tsvector)""")
    clean = lambda text: text.replace("\\", " ").replace("\t", " ").replace("\n", " ").replace("\r", " ").replace("\0", " ")
    rows = "".join("\t".join(map(clean, row)) + "\n" for row in units(path))
    start = time.perf_counter()
    psql("copy search_peer (doc, title, body) from stdin", rows)
    psql("""update search_peer set v = setweight(to_tsvector('search_peer', left(title, 400000)), 'A')
        || setweight(to_tsvector('search_peer', left(body, 400000)), 'B'); create index on search_peer using gin (v)""")
    print(f"build\tPostgreSQL unaccent\t{time.perf_counter() - start:.2f} s\t{psql('select pg_total_relation_size($$search_peer$$)').strip()} bytes", file=sys.stderr)


def postgres(queries, limit):
    """All answers in one psql: (query, document) in order."""
    statements = []
    for n, query in queries:
        quoted = query.replace("'", "''").replace("\\", " ")
        loose = " or ".join(tokens(query)).replace("'", "''")
        for tier, text in enumerate((quoted, loose)):
            statements.append(
                f"select '{n}', {tier}, doc from (select doc, ts_rank_cd('{{0,0,0.5,1}}', v, q, 1) r from search_peer, "
                f"websearch_to_tsquery('search_peer', '{text}') q where v @@ q order by r desc, doc limit {limit * 8}) s;")
    out = subprocess.run(["psql", "-qtAX", "-F", "\t"], input="\n".join(statements), text=True, capture_output=True, check=True).stdout
    found = {}
    for line in out.splitlines():
        n, tier, doc = line.split("\t")
        tiers = found.setdefault(n, ([], []))
        if doc not in tiers[int(tier)]:
            tiers[int(tier)].append(doc)
    return {n: list(dict.fromkeys(strict + loose))[:limit] for n, (strict, loose) in found.items()}


def build(options):
    build_fts5(options.units, options.folder)


def answer(options):
    judged = [json.loads(line) for line in open(options.judged, encoding="utf-8")]
    build_fts5(options.units, options.folder)
    with open(options.runs, "w", encoding="utf-8") as out:
        for name in SHARE:
            db = sqlite3.connect(os.path.join(options.folder, f"fts5-{name}.db"))
            for row in judged:
                for rank, doc in enumerate(fts5(db, row["query"], 100)):
                    print(f"FTS5 {name}", row["id"], rank + 1, doc, sep="\t", file=out)
        try:
            build_postgres(options.units)
            for n, found in postgres([(row["id"], row["query"]) for row in judged], 100).items():
                for rank, doc in enumerate(found):
                    print("PostgreSQL", n, rank + 1, doc, sep="\t", file=out)
        except (OSError, subprocess.CalledProcessError) as error:
            print("PostgreSQL left out:", error, getattr(error, "stderr", ""), file=sys.stderr)


def score(options):
    judged = [json.loads(line) for line in open(options.judged, encoding="utf-8")]
    if options.split:
        judged = [row for row in judged if row["split"] == options.split]
    runs = {}
    for path in options.runs:
        for line in open(path, encoding="utf-8"):
            engine, query, rank, doc = line.rstrip("\n").split("\t")
            runs.setdefault(engine, {}).setdefault(query, []).append(doc)
    classes = sorted({row["class"] for row in judged}) + ["all"]
    for title, figure in (("nDCG@10", ndcg), ("MRR", mrr), ("recall@100", recall)):
        print(f"\n{title}\t" + "\t".join(classes))
        for engine, found in runs.items():
            cells = []
            for kind in classes:
                rows = [row for row in judged if kind in ("all", row["class"])]
                values = [figure(found.get(row["id"], []), row["relevant"]) for row in rows]
                cells.append(f"{sum(values) / len(values):.3f}")
            print(engine, *cells, sep="\t")
    print("\nqueries\t" + "\t".join(str(sum(kind in ("all", row["class"]) for row in judged)) for kind in classes))


def ndcg(found, relevant):
    gain = lambda grades: sum((2 ** grade - 1) / math.log2(rank + 2) for rank, grade in enumerate(grades[:10]))
    best = gain(sorted(relevant.values(), reverse=True))
    return gain([relevant.get(doc, 0) for doc in found]) / best


def mrr(found, relevant):
    top = max(relevant.values())
    return next((1 / (rank + 1) for rank, doc in enumerate(found) if relevant.get(doc) == top), 0.0)


def recall(found, relevant):
    return len(set(found[:100]) & set(relevant)) / len(relevant)


def queries(options):
    """Of ten queries: 3 from titles and 2 from texts with marks, 3 without marks, 1 number, 1 misspelt."""
    random.seed(5)
    fold = lambda text: "".join(c for c in unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D")) if not unicodedata.combining(c))
    docs = [json.loads(line) for line in open(options.docs, encoding="utf-8")]
    for n in range(options.n):
        doc = random.choice(docs)
        while not doc["title"] or not doc["number"]:
            doc = random.choice(docs)
        title, text = tokens(doc["title"]), tokens(doc["text"])
        at = random.randrange(max(1, len(text) - 8))
        query = " ".join(title[:random.randint(3, 7)] if n % 10 in (0, 1, 2, 5, 6) else text[at: at + random.randint(2, 5)])
        if n % 10 in (5, 6, 7, 9):
            query = fold(query)
        if n % 10 == 8:
            query = doc["number"]
        if n % 10 == 9 and len(query) > 4:
            at = random.randrange(1, len(query) - 1)
            query = query[:at] + query[at + 1] + query[at] + query[at + 2:]
        print(query)


def reader(job):
    """Times of (query, hits); the connection is warmed with queries of its own first."""
    file, lines, warm = job
    db = sqlite3.connect(file)
    db.execute("pragma mmap_size=8589934592")
    db.execute("pragma cache_size=-65536")
    times = []
    for n, query in enumerate(warm + lines):
        text = " ".join(f'"{token}"' for token in tokens(query))
        if not text:
            continue
        start = time.perf_counter()
        hits = db.execute("select doc, snippet(t, 2, '[', ']', '…', 40) from t where t match ? order by rank limit 10", (text,)).fetchall()
        if n >= len(warm):
            times.append((time.perf_counter() - start, len(hits)))
    return times


def speed(options):
    lines = open(options.queries, encoding="utf-8").read().split("\n")
    for name in SHARE:
        file = os.path.join(options.folder, f"fts5-{name}.db")
        if not os.path.exists(file):
            continue
        with multiprocessing.Pool(options.readers) as pool:
            jobs = [(file, lines[n::options.readers], lines[:50]) for n in range(options.readers)]
            rows = sum(pool.map(reader, jobs, 1), [])
        for kind, times in (("", [t for t, _ in rows]), (", queries with ten hits", [t for t, hits in rows if hits == 10])):
            times.sort()
            at = lambda share: times[min(int(len(times) * share), len(times) - 1)] * 1e3
            print(f"speed\tFTS5 {name}{kind} ({len(times)})\t{options.readers} readers\tmedian {at(.5):.2f} ms\tp90 {at(.9):.2f} ms\tp99 {at(.99):.2f} ms")


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True)
    for run, names in ((answer, ["units", "judged", "folder", "runs"]), (build, ["units", "folder"]), (queries, ["docs", "n"]), (speed, ["folder", "queries", "readers"])):
        command = commands.add_parser(run.__name__)
        for name in names:
            command.add_argument(name, type=int if name in ("n", "readers") else str)
        command.set_defaults(run=run)
    command = commands.add_parser("score")
    command.add_argument("judged")
    command.add_argument("--split", choices=("dev", "test"))
    command.add_argument("runs", nargs="+")
    command.set_defaults(run=score)
    options = parser.parse_args()
    options.run(options)


main()
