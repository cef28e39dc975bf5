#!/usr/bin/env python3
"""A Spark cluster on loopback, master and two workers of one core, and what must hold of the driver.

usage: cluster.py VANBAN PROJECT [WHAT …]     needs: pip install pyspark pyarrow duckdb networkx, Java 17

WHAT is any of: same, incremental, inputs, store, resume, kill, skew, speed, exports; all of them by default.
VANBAN_SKEW_MB sets the size of the large text of `skew` (16).
Exit status 1 at the first thing that does not hold. Figures go to standard output.
"""

import base64
import collections
import glob
import gzip
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

import duckdb
import networkx
import pyarrow
import pyarrow.dataset
import pyarrow.parquet
import pyspark

BINARY, PROJECT, *WHAT = sys.argv[1:]
HOME = os.path.dirname(pyspark.__file__)
WORK = pathlib.Path(tempfile.mkdtemp(prefix="vanban-spark-"))
PORT, PAGE = 27077, 28080
ENV = os.environ | {
    "SPARK_HOME": HOME, "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable,
    "PYSPARK_DRIVER_PYTHON": sys.executable, "SPARK_LOCAL_DIRS": str(WORK / "local"),
    # A busy machine may hold a worker up for minutes; a killed one is known by its connection.
    "SPARK_MASTER_OPTS": "-Dspark.worker.timeout=600",
}
DRIVER = WORK / "vanban_spark.py"
DRIVERS = []


class Cluster:
    def __init__(self):
        self.processes = {}
        self.start("master", "master.Master", "--host", "127.0.0.1", "--port", PORT, "--webui-port", PAGE)
        self.add("one")
        self.add("two")

    def start(self, name, kind, *words):
        log = open(WORK / f"{name}.log", "w")
        command = [f"{HOME}/bin/spark-class", f"org.apache.spark.deploy.{kind}", *map(str, words)]
        self.processes[name] = subprocess.Popen(command, env=ENV, stdout=log, stderr=log, start_new_session=True)

    def add(self, name):
        self.start(name, "worker.Worker", "--host", "127.0.0.1", "--cores", 1, "--memory", "6g", "--work-dir",
                   WORK / f"work-{name}", f"spark://127.0.0.1:{PORT}")
        want = len([name for name in self.processes if name != "master"])
        for _ in range(240):
            try:
                page = json.load(urllib.request.urlopen(f"http://127.0.0.1:{PAGE}/json/"))
                if page["aliveworkers"] >= want:
                    return
            except OSError:
                pass
            time.sleep(0.5)
        sys.exit(f"worker {name} did not come up; see {WORK}")

    def kill(self, name):
        os.killpg(self.processes.pop(name).pid, signal.SIGKILL)

    def stop(self):
        for process in self.processes.values():
            os.killpg(process.pid, signal.SIGTERM)


def submit(out, source, *more, cores=2, memory="3g"):
    """Starts the driver. What Spark says is kept in out.log, what the driver says in out.said: spark-submit
    puts both its streams into one."""
    command = [f"{HOME}/bin/spark-submit", "--master", f"spark://127.0.0.1:{PORT}", "--conf", f"spark.cores.max={cores}",
               "--conf", "spark.executor.cores=1", "--executor-memory", memory, "--conf", "spark.ui.enabled=false",
               "--conf", "spark.driver.host=127.0.0.1", "--conf", "spark.driver.bindAddress=127.0.0.1",
               "--conf", "spark.task.maxFailures=8", "--conf", "spark.sql.shuffle.partitions=4",
               "--conf", "spark.network.timeout=600s",
               DRIVER, "run", "--vanban", BINARY, "--input", source, "--out", out, "--parts", "4", *more]
    log, said = open(f"{out}.log", "a"), open(f"{out}.said", "a")
    process = subprocess.Popen([str(word) for word in command], env=ENV, stdout=said, stderr=log, start_new_session=True)
    DRIVERS.append(process)
    return process


def end(process):
    """Ends a driver as a power cut would: its Java and its Python."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def manifest_of(process, out):
    """What the driver printed last, once it has ended well."""
    if process.wait() != 0:
        sys.exit(f"the driver ended with {process.returncode}; see {out}.log:\n" + said_of(out)[-4000:])
    return json.loads(said_of(out).splitlines()[-1])


def said_of(out):
    return open(f"{out}.said").read()


def run(out, source, *more, **options):
    begun = time.time()
    return manifest_of(submit(out, source, *more, **options), out), time.time() - begun


def vanban(*words, stdin=None, accept=(0, 3)):
    done = subprocess.run([BINARY, *map(str, words)], input=stdin, capture_output=True)
    assert done.returncode in accept, (words, done.returncode, done.stderr[-500:])
    return done.stdout


def texts(folder, n_docs):
    """The sample archive, its scans, and some real documents where they are at hand."""
    folder.mkdir()
    for path in sorted(glob.glob(f"{PROJECT}/corpus/archive/**/*", recursive=True)):
        if os.path.isfile(path):
            shutil.copy(path, folder)
    scans = folder / "quét + lần%202"  # An id that must not be taken for a URL.
    scans.mkdir()
    for path in sorted(glob.glob(f"{PROJECT}/fixtures/eval/archive/*.ocr.txt"))[::3]:
        shutil.copy(path, scans)
    packed = f"{PROJECT}/../shared/docs/docs.tar.xz"
    if n_docs and os.path.exists(packed):
        with tarfile.open(packed) as tar:
            texts = (member for member in tar.getmembers() if member.name.endswith(".txt") and member.size < 60_000)
            chosen = sorted(texts, key=lambda member: member.name)
            chosen = chosen[:: max(1, len(chosen) // n_docs)]
            # In the order of the file, which is unpacked from its beginning at every step back.
            for member in sorted(chosen, key=lambda member: member.offset):
                (folder / os.path.basename(member.name)).write_bytes(tar.extractfile(member).read())
    # What cannot be taken is set aside by both.
    (folder / "blank.txt").write_text(" \n")
    return folder


def generation(out):
    return pathlib.Path(out) / "generations" / (pathlib.Path(out) / "current").read_text().strip()


def rows(out):
    """Records by id, through pyarrow."""
    table = pyarrow.dataset.dataset(generation(out) / "records", partitioning="hive", format="parquet").to_table()
    ids = table.column("id").to_pylist()
    assert len(set(ids)) == len(ids), "an id stands twice"
    return dict(zip(ids, (json.loads(record) for record in table.column("record").to_pylist())))


def of_one_machine(folder):
    """The same texts through one `vanban map`."""
    lines = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        lines.append(json.dumps({"id": str(path.relative_to(folder)), "bytes": base64.b64encode(path.read_bytes()).decode()}))
    answers = [json.loads(line) for line in vanban("map", stdin="\n".join(lines).encode()).splitlines()]
    return {answer["id"]: answer for answer in answers if "error" not in answer}


def check_same(out, folder, name):
    """Rows, edges, doubts and statuses of the cluster against those of one machine."""
    here, there = rows(out), of_one_machine(folder)
    assert here == there, f"{name}: {len(here)} and {len(there)} rows differ"
    store = WORK / f"store-{name}"
    vanban("reindex", folder, "--store", store)
    graph = generation(out) / "graph"
    whole, joined = vanban("export", "--format", "graph", "--store", store), vanban("export", "--format", "graph", "--graph", graph)
    assert whole == joined, f"{name}: the graphs differ"
    tables = []
    for more in (["--store", store], ["--graph", graph]):
        vanban("export", "--format", "csv", "--at", "2024-01-01", "--out", WORK / "tables", *more)
        tables.append((WORK / "tables/nodes.csv").read_bytes() + (WORK / "tables/edges.csv").read_bytes())
    assert tables[0] == tables[1], f"{name}: the statuses differ"
    size = json.loads(whole)
    print(f"{name}: {len(here)} rows, {len(size['docs'])} nodes, {len(size['edges'])} edges, "
          f"{len(size.get('doubts', []))} doubts and all statuses as on one machine", flush=True)
    return size


def read_again(folder, n_rounds):
    """The scans of a folder as many times more, each a text of its own."""
    for n in range(n_rounds):
        for path in sorted((folder / "quét + lần%202").glob("*.ocr.txt")):
            (folder / f"{n}-{path.name}").write_text(path.read_text() + f"\n{n}\n")


def same(cluster):
    folder = texts(WORK / "scans", 120)
    out = WORK / "published"
    manifest, seconds = run(out, folder, "--graph", "--bulk", "papers")
    print(f"same: {manifest} in {seconds:.0f} s", flush=True)
    assert manifest["set_aside"] == 1 and manifest["texts"] == manifest["records"] + 1
    check_same(out, folder, "same")


def incremental(cluster):
    """A night after that of `same`."""
    folder, out = WORK / "scans", WORK / "published"
    if not out.exists():
        same(cluster)
    first = sorted(folder.glob("*.txt"))
    changed, gone = first[1], first[2]
    changed.write_text(changed.read_text() + "\nNơi nhận:\n- Lưu VT.\n")
    gone.unlink()
    (folder / "moved").mkdir()
    first[3].rename(folder / "moved" / first[3].name)
    manifest, seconds = run(out, folder, "--graph")
    assert manifest["made"] == 1, manifest
    print(f"incremental: one changed, one moved, one gone: {manifest['made']} made anew, {seconds:.0f} s", flush=True)
    check_same(out, folder, "incremental")
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    manifest, seconds = run(out, folder, "--graph")
    assert manifest["unchanged"] and manifest["made"] == 0 and list(manifest["seconds"]) == ["inventory"], manifest
    assert before == {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    assert sorted(path.name for path in (out / "generations").iterdir()) == ["000001", "000002"]
    print(f"incremental: nothing changed, nothing read, linked or written, {seconds:.0f} s", flush=True)


def inputs(cluster):
    """NDJSON, Parquet and a URL, with an adaptation and without, and how many generations are kept."""
    place = WORK / "inputs"
    folder = place / "texts"
    folder.mkdir(parents=True)
    archive = sorted(glob.glob(f"{PROJECT}/corpus/archive/**/*.txt", recursive=True))[::5]
    scans = sorted(glob.glob(f"{PROJECT}/fixtures/eval/archive/*.ocr.txt"))[::20]
    for path in archive + scans:
        shutil.copy(path, folder)
    pairs = [(path.name, path.read_text()) for path in sorted(folder.iterdir())]
    limit = max(len(text.encode()) for _, text in pairs)
    as_map = {a["id"]: a for a in map(json.loads, vanban("map", stdin=ndjson(pairs)).splitlines())}

    # Lines of several files, packed and not, in folders; with all that can be wrong with a line.
    lines = place / "lines"
    (lines / "below").mkdir(parents=True)
    half = len(pairs) // 2
    (lines / "one.ndjson").write_bytes(ndjson(pairs[:half]) + b"\n" + json.dumps({"id": 7}).encode() + b"\nno json\n\n")
    bad = [(pairs[0][0], "another text"), ("long.txt", "a " * limit), ("blank.txt", " ")]
    with gzip.open(lines / "below/two.ndjson.gz", "wb") as file:
        file.write(ndjson(pairs[half:] + bad))
    out = place / "published"
    manifest, _ = run(out, lines, "--format", "ndjson", "--max-text", limit, "--keep", "1")
    found = rows(out)
    first = pairs[0][0]
    assert found.pop(first) in (as_map[first], one_record("another text", first)), "of two texts of one id one is read"
    assert found == {name: record for name, record in as_map.items() if name != first}
    aside = collections.Counter(row["error"].split(":")[0].split(";")[0] for row in faults(out))
    assert aside == {
        "not an object with the strings id and text": 2, "the same id was given before": 1,
        f"{2 * limit} bytes, over the limit of {limit}": 1, one_error(" "): 1,
    }, aside
    assert manifest["set_aside"] == 5 and manifest["records"] == len(pairs)

    # The same texts in Parquet, one of them changed: only that one is read, though it comes in another form.
    table = place / "table"
    table.mkdir()
    changed = [(name, text + "\nNơi nhận:\n- Lưu VT.\n" if n == 3 else text) for n, (name, text) in enumerate(pairs)]
    ids, contents = zip(*changed, ("null.txt", None))
    for n, part in enumerate((slice(0, half), slice(half, None))):
        columns = {"id": ids[part], "text": contents[part], "size": [0] * len(ids[part])}
        pyarrow.parquet.write_table(pyarrow.table(columns), table / f"{n}.parquet")
    manifest, _ = run(out, table, "--format", "parquet", "--keep", "1")
    again = {a["id"]: a for a in map(json.loads, vanban("map", stdin=ndjson(changed)).splitlines())}
    assert rows(out) == again
    # The text of the id given twice may have been the other one.
    assert manifest["made"] in (1, 2) and manifest["set_aside"] == 1, manifest
    assert [path.name for path in (out / "generations").iterdir()] == ["000002"], "one generation is kept"
    print(f"inputs: {len(pairs)} texts as NDJSON and Parquet as by `vanban map`; of one changed {manifest['made']} read", flush=True)

    # A URL, as of object storage, and what the archive taught: another reading, so that all is read anew.
    learned = place / "learned"
    vanban("adapt", folder, "--out", learned)
    manifest, _ = run(out, folder.as_uri(), "--adapt", learned, "--keep", "2")
    assert manifest["made"] == manifest["records"] == len(pairs), manifest
    adapted = {a["id"]: a for a in map(json.loads, vanban("map", "--adapt", learned, stdin=ndjson(pairs)).splitlines())}
    assert rows(out) == adapted
    assert sorted(path.name for path in (out / "generations").iterdir()) == ["000002", "000003"]
    n_other = sum(adapted[name]["restored"] != as_map[name]["restored"] for name in as_map)
    print(f"inputs: a URL, adapted: as `vanban map --adapt`; {n_other} texts are read otherwise than without", flush=True)


def ndjson(pairs):
    return "\n".join(json.dumps({"id": name, "text": text}) for name, text in pairs).encode()


def one_record(text, name):
    return json.loads(vanban("map", stdin=ndjson([(name, text)])))


def one_error(text):
    return one_record(text, "x")["error"].split(":")[0].split(";")[0]


def faults(out):
    return pyarrow.dataset.dataset(generation(out) / "quarantine", format="parquet").to_table().to_pylist()


def store(cluster):
    """What the cluster gathered into a store answers as the store of one machine."""
    folder, out, gathered, own = texts(WORK / "stored-scans", 0), WORK / "stored", WORK / "gathered", WORK / "own"
    manifest, seconds = run(out, folder, "--store", gathered)
    vanban("reindex", folder, "--store", own)
    assert manifest["store"] == 1
    n_answers = check_stores(gathered, own)
    print(f"store: {manifest['records']} documents gathered, {n_answers} answers as of one machine's, {seconds:.0f} s "
          f"({manifest['seconds']['store']:.1f} s of them for the store)", flush=True)
    first = sorted(folder.glob("*.txt"))
    first[1].write_text(first[1].read_text() + "\nNơi nhận:\n- Lưu VT.\n")
    first[2].unlink()
    first[3].rename(folder / "quét + lần%202" / first[3].name)
    manifest, _ = run(out, folder, "--store", gathered)
    vanban("reindex", folder, "--store", own)
    assert manifest["made"] == 1 and manifest["store"] == 2, manifest
    check_stores(gathered, own)
    manifest, _ = run(out, folder, "--store", gathered)
    assert manifest["unchanged"] and manifest["store"] == 2, manifest
    # A store that was lost is made again from what the cluster holds.
    shutil.rmtree(gathered)
    manifest, _ = run(out, folder, "--store", gathered)
    assert manifest["made"] == 0 and manifest["store"] == 1, manifest
    check_stores(gathered, own)
    print("store: one changed, one moved, one gone: one read; nothing changed: none; lost: made again, none read", flush=True)


WORDS = ["quyet dinh", "quyết định", "công tác cán bộ", '"có hiệu lực"', "bãi bỏ", "Điều 5", "ủy ban nhân dân", "dang vien"]


def check_stores(gathered, own):
    """Exports, searches and lineages of two stores, and what their servers say."""
    numbers = {json.loads(line)["number"] for line in vanban("export", "--format", "ndjson", "--store", own).splitlines()}
    numbers = sorted(number for number in numbers if number)[::10]
    questions = [["export", "--format", form] for form in ("ndjson", "graph", "jsonld", "bulk")]
    questions += [["search", "--json", words] for words in WORDS]
    questions += [["show", "--json", number] for number in numbers]
    questions += [["trace", "--format", "json", number] for number in numbers]
    questions += [["status", "--json", "--at", "2024-01-01", number] for number in numbers]
    for words in questions:
        one, other = (vanban(*words, "--store", place, accept=(0, 1, 2)) for place in (gathered, own))
        assert one == other, f"{words}: the stores differ"
    vanban("check", "--store", gathered, accept=(0,))
    pages = [f"/api/v1/search?{urllib.parse.urlencode({'q': words})}" for words in WORDS]
    answers = []
    for place, port in ((gathered, PAGE + 1), (own, PAGE + 2)):
        server = subprocess.Popen([BINARY, "serve", "--store", place, "--listen", f"127.0.0.1:{port}"], stderr=subprocess.DEVNULL)
        try:
            answers.append([fetched(port, page) for page in pages])
        finally:
            server.terminate()
            server.wait()
    assert answers[0] == answers[1] and any(answer.get("hits") for answer in answers[0])
    return len(questions) + len(pages)


def fetched(port, page):
    for _ in range(100):
        try:
            answer = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}{page}"))
            # How long it took is told too.
            return {name: value for name, value in answer.items() if "took" not in name and "ms" not in name}
        except urllib.error.URLError:
            time.sleep(0.1)
    sys.exit(f"the server on port {port} did not come up")


def resume(cluster):
    folder, out = texts(WORK / "resumed-scans", 0), WORK / "resumed"
    process = submit(out, folder, "--graph")
    mark = out / "generations/000001/work/copies.done"
    while not mark.exists() and process.poll() is None:
        time.sleep(0.2)
    end(process)
    assert mark.exists() and not (out / "current").exists(), "it was to be stopped midway"
    manifest, seconds = run(out, folder, "--graph")
    said = said_of(out)
    assert manifest["resumed"] and "stage made: done before" in said and "stage copies: done before" in said
    print(f"resume: went on behind a driver killed after `copies`, {seconds:.0f} s", flush=True)
    check_same(out, folder, "resume")


def kill(cluster):
    folder, out = texts(WORK / "killed-scans", 120), WORK / "killed"
    # So many that they outlast the start of another executor.
    read_again(folder, 30)
    process = submit(out, folder, "--graph", "--partition-bytes", "128KiB")

    def both_at_work():
        while not (at_work("one") and at_work("two")):
            time.sleep(0.2)
            late = process.poll() is not None or (out / "generations/000001/work/made.done").exists()
            assert not late, "it was read before anything could be killed"

    both_at_work()
    executor = children("one", "CoarseGrainedExecutorBackend")[0]
    os.kill(executor, signal.SIGKILL)
    # The worker starts another executor, which begins anew what the first one had.
    while not set(children("one", "CoarseGrainedExecutorBackend")) - {executor}:
        time.sleep(0.2)
    both_at_work()
    cluster.kill("two")
    manifest = manifest_of(process, out)
    cluster.add("two")
    log = open(f"{out}.log").read()
    lost, again = log.count("Lost executor"), log.count("Lost task")
    assert lost >= 2 and again >= 2, (lost, again)
    print(f"kill: an executor and a worker killed while they read, {again} tasks lost and done again; "
          f"{manifest['records']} records", flush=True)
    check_same(out, folder, "kill")


def children(worker, word):
    """Processes that a worker of the cluster started and whose command line holds a word."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            command, place = (path / "cmdline").read_bytes(), os.readlink(path / "cwd")
        except OSError:
            continue  # It ended meanwhile.
        if word.encode() in command and place.startswith(str(WORK / f"work-{worker}")):
            found.append(int(path.name))
    return found


def at_work(worker):
    """Whether a worker has texts being read: the program runs in the folder of its executor."""
    return bool(children(worker, "--facts"))


def skew(cluster):
    """One text as large as many partitions, and one over the limit."""
    folder, out = texts(WORK / "skewed-scans", 0), WORK / "skewed"
    megabytes = int(os.environ.get("VANBAN_SKEW_MB", "16"))
    packed = f"{PROJECT}/../shared/docs/docs.tar.xz"
    if megabytes > 16 and os.path.exists(packed):
        with tarfile.open(packed) as tar:
            source = b"".join(tar.extractfile(member).read() for member in tar if member.name.endswith(".txt"))
    else:
        source = b"".join(path.read_bytes() for path in sorted(folder.rglob("*.ocr.txt")))
    large = (source * (megabytes * 1_000_000 // len(source) + 1))[: megabytes * 1_000_000]
    (folder / "large.txt").write_bytes(large.decode(errors="ignore").encode())
    (folder / "too-large.txt").write_bytes(b"." * ((megabytes << 20) + 1))
    memory = "3g" if megabytes <= 16 else "6g"
    manifest, seconds = run(out, folder, "--max-text", str(megabytes << 20), memory=memory)
    assert "1 large texts alone" in said_of(out)
    found = rows(out)
    assert manifest["set_aside"] == 2 and "large.txt" in found, manifest
    assert len(found["large.txt"]["restored"].encode()) > 0.9 * len(large) and found["large.txt"]["source_hash"]
    aside = [row["error"] for row in faults(out) if row["id"] == "too-large.txt"]
    assert len(aside) == 1 and "over the limit" in aside[0], aside
    print(f"skew: a text of {megabytes} MB read among {manifest['records']} with executors of {memory}, a larger one "
          f"set aside, {seconds:.0f} s, `made` {manifest['seconds']['made']:.0f} s of them", flush=True)


def speed(cluster):
    """The stage in which texts are read, with one worker of one core and with two."""
    folder = texts(WORK / "timed-scans", 0)
    read_again(folder, int(os.environ.get("VANBAN_SPEED_ROUNDS", "6")))
    took = {}
    for cores in (1, 2):
        out = WORK / f"timed-{cores}"
        process = submit(out, folder, "--partition-bytes", "128KiB", cores=cores)
        listed, made = (out / f"generations/000001/work/{stage}.done" for stage in ("inventory", "made"))
        while not made.exists():
            assert process.poll() is None, f"it ended; see {out}.log"
            time.sleep(0.05)
        took[cores] = made.stat().st_mtime - listed.stat().st_mtime
        # Linking is timed by the other tests.
        end(process)
    n_bytes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"speed: {n_bytes / 1e6:.1f} MB read in {took[1]:.1f} s with one worker of one core, in {took[2]:.1f} s with two: "
          f"{took[1] / took[2]:.2f} times", flush=True)


def exports(cluster):
    """Read by others: DuckDB, networkx, and the shape that `_bulk` asks for."""
    folder, out = texts(WORK / "exported-scans", 0), WORK / "exported"
    manifest, _ = run(out, folder, "--graph", "--bulk", "papers")
    place = generation(out)
    count = lambda table: duckdb.sql(f"select count(*) from read_parquet('{place}/{table}/**/*.parquet', hive_partitioning=true)").fetchall()[0][0]
    assert count("records") == manifest["records"] and count("nodes") == manifest["nodes"] and count("edges") == manifest["edges"]
    dangling = duckdb.sql(f"select count(*) from '{place}/edges/*.parquet' e anti join '{place}/nodes/*.parquet' n on e.\"to\" = n.id").fetchall()[0][0]
    assert dangling == 0
    by_year = dict(duckdb.sql(f"select year, count(*) from read_parquet('{place}/records/**/*.parquet', hive_partitioning=true) group by 1").fetchall())
    lines = collections.Counter()
    for path in glob.glob(f"{place}/ndjson/year=*/*.gz"):
        lines[int(path.split("year=")[1].split("/")[0])] += sum(1 for line in gzip.open(path) if json.loads(line))
    assert lines == by_year, (lines, by_year)
    n_bulk = check_bulk(glob.glob(f"{place}/bulk/*.txt"), set(rows(out)))
    for form, read in (("graphml", networkx.read_graphml), ("gexf", lambda p: networkx.read_gexf(p, version="1.3"))):
        path = WORK / f"graph.{form}"
        vanban("export", "--format", form, "--graph", place / "graph", "--out", path)
        graph = read(str(path))
        assert (graph.number_of_nodes()) == manifest["nodes"]
    print(f"exports: DuckDB and pyarrow read {manifest['records']} rows and no edge dangles; {n_bulk} bulk documents; networkx agrees", flush=True)


def check_bulk(paths, ids):
    """Every file is actions and documents in turn, every document fits the mapping, none is twice."""
    mapping = json.loads(vanban("deploy", "search", "opensearch"))["mappings"]["properties"]
    quickwit = json.loads(vanban("deploy", "search", "quickwit"))["doc_mapping"]["field_mappings"]
    assert {field["name"] for field in quickwit} == set(mapping)
    seen = set()
    for path in paths:
        text = open(path, "rb").read()
        assert text.endswith(b"\n") and b"\r" not in text
        lines = text[:-1].split(b"\n")
        assert len(lines) % 2 == 0
        for action, document in zip(lines[::2], lines[1::2]):
            action, document = json.loads(action), json.loads(document)
            assert set(action) == {"index"} and set(action["index"]) == {"_index", "_id"}, action
            assert action["index"]["_index"] == "papers" and 0 < len(action["index"]["_id"].encode()) <= 512
            assert action["index"]["_id"] not in seen
            seen.add(action["index"]["_id"])
            assert set(mapping) <= set(document) | {"year"}
            for name in ("number_keys", "cites_keys"):
                assert all(isinstance(key, str) and key for key in document[name])
            marked, folded = document["marked"].split(" "), document["folded"].split(" ")
            # One position, two spellings: a phrase means the same in both.
            assert len(marked) == len(folded) and document["folded"].isascii() >= document["marked"].isascii()
    assert seen == ids
    return len(seen)


def main():
    (WORK / "local").mkdir()
    vanban("deploy", "spark", "--out", DRIVER)
    cluster = Cluster()
    try:
        for what in WHAT or ["same", "incremental", "inputs", "store", "resume", "kill", "skew", "speed", "exports"]:
            globals()[what](cluster)
    finally:
        for process in DRIVERS:
            if process.poll() is None:
                end(process)
        cluster.stop()
    shutil.rmtree(WORK, ignore_errors=True)


main()
