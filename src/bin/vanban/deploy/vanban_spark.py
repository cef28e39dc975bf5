#!/usr/bin/env python3
"""Restores, reads and links an archive on Apache Spark, and publishes the whole at once.

    spark-submit vanban_spark.py run --vanban ./vanban --input s3a://archive/scans --out s3a://archive/vanban
    spark-submit vanban_spark.py show --out s3a://archive/vanban

Needs PySpark 4 and pyarrow on every worker, and the program `vanban`, which is shipped from here.
The workers need nothing else: the model is inside the program.

What lies under --out afterwards:

    current                            the number of the published generation, in one small file
    generations/000001/manifest.json   what it was made of and how much of everything there is
    generations/000001/records/        Parquet by year (0 where no date was read): the fields, the whole
                                       record as JSON, and the facts that documents are linked by
    generations/000001/ndjson/         the same records, one a line, by year
    generations/000001/nodes, edges, doubts/   the lineage of all documents, Parquet
    generations/000001/quarantine/     what was set aside, and why
    generations/000001/bulk/           with --bulk: actions for the _bulk of a search engine
    generations/000001/graph           with --graph: the lineage in one file, for `vanban trace --graph`

A generation is written aside and counts only once `current` names it: readers see the old one or
the new one. Only texts whose content the last generation does not hold are restored and read, the
others are taken over; links are made anew from all facts. A run that fails leaves its finished
stages, and the next run goes on from there. One run at a time: leave that to your scheduler.

The rules of linking are those of `vanban resolve`; this program brings together what they ask for.
"""

import argparse
import collections
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

from pyspark import SparkFiles, StorageLevel
from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as f
from pyspark.sql.types import StructType

RECORD_FIELDS = "number string, type string, issuer string, place string, date string, effective string, title string"
ROW_FIELDS = "`to` string, key string, `order` string, `by` string"
EDGE_FIELDS = (
    "relation string, locator string, since string, until string, except array<string>, except_until string, "
    "restores boolean, sentence string, source struct<doc: string, span: array<long>>, confidence float, why string"
)
NODE_FIELDS = (
    "id string, number string, type string, issuer string, date string, effective string, term string, "
    "title string, held boolean, sources array<string>, notes array<string>"
)

# Lines handed to Spark at once.
CHUNK_LINES = 1000
CHUNK_BYTES = 4 << 20


def through(command, rows, kept=(), accepted=(0,)):
    """Arrow batches whose column `line` goes through `vanban COMMAND`.

    With `kept`, each line in has one line out, and these columns go along with it; without, lines
    in and out are not related. Runs on the workers: one process a partition, fed by a thread of
    its own, so that neither pipe can block the other.
    """
    import pyarrow as pa

    rows = iter(rows)
    first = next((batch for batch in rows if batch.num_rows), None)
    if first is None:
        return
    program = SparkFiles.get("vanban")
    os.chmod(program, 0o755)
    words = [SparkFiles.get(word[5:]) if word.startswith("file:") else word for word in command]
    waiting = collections.deque()
    fault = []

    def feed(pipe):
        try:
            with pipe:
                batch = first
                while batch is not None:
                    columns = [batch.column(name).to_pylist() for name in ("line", *kept)]
                    for line, *others in zip(*columns):
                        waiting.append(others)
                        pipe.write(line.encode())
                        pipe.write(b"\n")
                    batch = next(rows, None)
        except BrokenPipeError:
            pass  # The program ended early; its exit status says why.
        except BaseException as error:  # noqa: BLE001 — reported by the thread that reads.
            fault.append(error)

    with tempfile.TemporaryFile() as talk:
        process = subprocess.Popen([program, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=talk)
        try:
            feeder = threading.Thread(target=feed, args=(process.stdin,), daemon=True)
            feeder.start()
            lines, others, size = [], [], 0

            def chunk():
                arrays = [pa.array(lines, pa.string())]
                arrays += [pa.array([row[n] for row in others], pa.string()) for n in range(len(kept))]
                return pa.RecordBatch.from_arrays(arrays, names=["line", *kept])

            for line in process.stdout:
                lines.append(line[:-1].decode())
                size += len(line)
                if kept:
                    others.append(waiting.popleft())
                if len(lines) == CHUNK_LINES or size > CHUNK_BYTES:
                    yield chunk()
                    lines, others, size = [], [], 0
            status = process.wait()
            feeder.join()
            if fault:
                raise fault[0]
            if status not in accepted or (kept and waiting):
                talk.seek(0)
                said = talk.read()[-2000:].decode(errors="replace").strip()
                raise RuntimeError(f"vanban {' '.join(words)} ended with status {status}: {said}")
            if lines:
                yield chunk()
        finally:
            process.kill()
            process.wait()


class Place:
    """A folder of a local disk, HDFS or object storage, through Hadoop's file systems."""

    def __init__(self, spark, uri):
        self.jvm = spark._jvm
        self.hadoop = spark._jsc.hadoopConfiguration()
        path = self.jvm.org.apache.hadoop.fs.Path(uri)
        self.fs = path.getFileSystem(self.hadoop)
        self.uri = self.fs.makeQualified(path).toString()

    def path(self, name):
        return self.jvm.org.apache.hadoop.fs.Path(f"{self.uri}/{name}" if name else self.uri)

    def read(self, name):
        """The text of a small file, or None."""
        path = self.path(name)
        if not self.fs.exists(path):
            return None
        stream = self.fs.open(path)
        try:
            return self.jvm.org.apache.commons.io.IOUtils.toString(stream, "UTF-8")
        finally:
            stream.close()

    def write(self, name, text):
        """Replaces a small file at once: readers see what was there before, or all of `text`."""
        path, aside = self.path(name), self.path(f"{name}.new")
        renames = self.fs.getUri().getScheme() in ("file", "hdfs", "viewfs", "abfs", "abfss", "ofs")
        stream = self.fs.create(aside if renames else path, True)
        stream.write(bytearray(text.encode()))
        # An object appears when it is complete; a file is completed aside and renamed.
        stream.close()
        if renames:
            hadoop = self.jvm.org.apache.hadoop.fs
            kind = self.jvm.java.lang.Class.forName("org.apache.hadoop.fs.Options$Rename")
            options = self.jvm.java.lang.reflect.Array.newInstance(kind, 1)
            options[0] = getattr(hadoop, "Options$Rename").OVERWRITE
            hadoop.FileContext.getFileContext(path.toUri(), self.hadoop).rename(aside, path, options)

    def remove(self, name):
        self.fs.delete(self.path(name), True)

    def folders(self, name):
        path = self.path(name)
        found = self.fs.listStatus(path) if self.fs.exists(path) else []
        return sorted(one.getPath().getName() for one in found if one.isDirectory())

    def put(self, local, name):
        self.fs.copyFromLocalFile(False, True, self.jvm.org.apache.hadoop.fs.Path(local), self.path(name))


class Run:
    """The generation being made. A stage is written, then marked; a marked stage is not run again."""

    def __init__(self, spark, args):
        self.spark, self.args, self.seconds = spark, args, {}
        self.out = Place(spark, args.out)
        shipped = [("vanban", args.vanban), ("adapt", args.adapt), ("model", args.model)]
        self.maker = "+".join(sha256(path) for _, path in shipped if path)
        for name, path in shipped:
            if path:
                ship(spark, path, name)
        self.before = (self.out.read("current") or "").strip() or None
        number = int(self.before or 0) + 1
        self.name = f"generations/{number:06d}"
        plan = {"maker": self.maker, "input": args.input, "format": args.format, "before": self.before}
        known = self.out.read(f"{self.name}/plan.json")
        self.resumed = known is not None and json.loads(known) == plan
        if not self.resumed:
            self.out.remove(self.name)
            self.out.write(f"{self.name}/plan.json", json.dumps(plan))
        spark.sparkContext.setCheckpointDir(f"{self.out.uri}/{self.name}/work/checkpoints")
        spark.sparkContext.environment["RAYON_NUM_THREADS"] = spark.conf.get("spark.task.cpus", "1")

    def stage(self, name, make, by=None, place=None):
        """What `make()` gives, kept under work/ or `place`; or what a run before this one kept."""
        place, mark = f"{self.name}/{place or f'work/{name}'}", f"{self.name}/work/{name}.done"
        known = self.out.read(mark)
        if known is None:
            said(f"stage {name}")
            begun = time.monotonic()
            rows = make()
            writer = rows.write.mode("overwrite")
            (writer.partitionBy(by) if by else writer).parquet(f"{self.out.uri}/{place}")
            self.seconds[name] = round(time.monotonic() - begun, 3)
            # Of a table without rows no reader could tell the columns.
            known = rows.schema.json()
            self.out.write(mark, known)
        else:
            said(f"stage {name}: done before")
        return self.spark.read.schema(StructType.fromJson(json.loads(known))).parquet(f"{self.out.uri}/{place}")

    def last_records(self):
        """Records of the published generation that the same program and model made; None for the first."""
        if self.before is None:
            return None
        records = self.spark.read.parquet(f"{self.out.uri}/generations/{self.before}/records")
        return records.where(f.col("maker") == self.maker)

    def texts(self):
        """The input as (id, hash, bytes, line), the line as `vanban map` reads it; and broken lines."""
        spark, args = self.spark, self.args
        if args.format == "text":
            root = Place(spark, args.input)
            files = spark.read.format("binaryFile").option("recursiveFileLookup", True).load(args.input)
            # A single file is called by its name, as everywhere.
            below = f.expr(f"substring(path, {len(root.uri) + 2})")
            below = f.when(below == "", f.element_at(f.split("path", "/"), -1)).otherwise(below)
            # Spark breaks base64 into lines, as mail does.
            encoded = f.replace(f.base64("content"), f.lit("\r\n"))
            # Told by their length, before anything of them is read.
            limit = f.lit(args.max_text)
            broken = files.where(f.col("length") > limit).select(below.alias("id"), f.concat(
                "length", f.lit(" bytes, over the limit of "), limit, f.lit("; split it, or raise --max-text")
            ).alias("error"))
            texts = files.where(f.col("length") <= limit).select(
                below.alias("id"),
                f.sha2("content", 256).alias("hash"),
                f.col("length").alias("bytes"),
                f.to_json(f.struct(below.alias("id"), encoded.alias("bytes"))).alias("line"),
            )
            return texts, broken
        if args.format == "parquet":
            table = spark.read.parquet(args.input).select("id", "text")
            broken = table.where("id is null or text is null").select("id", f.lit("id or text is null").alias("error"))
        else:
            lines = spark.read.text(args.input).where("trim(value) <> ''")
            table = lines.select(f.from_json("value", "id string, text string").alias("row"), "value")
            reason = f.lit("not an object with the strings id and text")
            broken = table.where("row.id is null or row.text is null")
            broken = broken.select("row.id", f.concat(reason, f.lit(": "), f.left("value", f.lit(200))).alias("error"))
            table = table.select("row.*")
        table = table.where("id is not null and text is not null")
        line = f.to_json(f.struct("id", "text"))
        texts = table.select(
            "id",
            f.sha2("text", 256).alias("hash"),
            f.octet_length("text").cast("long").alias("bytes"),
            line.alias("line"),
        )
        return texts, broken

    def records(self):
        """All records of this generation: the new ones made, the others taken over."""
        texts, broken = self.texts()
        each = Window.partitionBy("id").orderBy("hash")
        listed = self.stage("inventory", lambda: texts.drop("line").withColumn("n", f.row_number().over(each)))
        twice = listed.where("n > 1").select("id", f.lit("the same id was given before").alias("error"))
        listed = listed.where("n = 1").drop("n")
        known, fresh = self.last_records(), listed
        if known is not None:
            fresh = listed.join(known.select("hash").distinct(), "hash", "left_anti")
        made = self.stage("made", lambda: self.make(texts, fresh))
        faults = made.where("error is not null").select("id", "error")
        faults = self.stage("faults", lambda: faults.unionByName(twice).unionByName(broken))
        whole = made.where("error is null").drop("error")
        if known is not None:
            whole = whole.unionByName(taken_over(listed, known))
        files = f.pmod(f.xxhash64("id"), f.lit(self.args.files_a_year))
        records = self.stage("records", lambda: whole.repartition("year", files), by="year", place="records")
        # What was listed is either a record or a fault: anything else means that the input moved.
        n_listed, n_records = listed.count(), records.count()
        n_faults = made.where("error is not null").count()
        if n_listed != n_records + n_faults:
            self.out.remove(f"{self.name}/plan.json")
            sys.exit(f"{n_listed} texts became {n_records} records and {n_faults} faults: the input changed "
                     "while it was read; nothing was published, run again")
        counts = {"texts": n_listed, "records": n_records, "made": made.count() - n_faults, "set_aside": faults.count()}
        return records, faults, counts

    def make(self, texts, fresh):
        """New texts through `vanban map`, in partitions of like bytes; large texts alone, and first."""
        target = self.args.partition_bytes
        large = fresh.where(f.col("bytes") >= target).select("id", "hash", "bytes")
        large = large.withColumn("slot", f.row_number().over(Window.orderBy(f.desc("bytes"), "id")) - 1)
        large = large.persist(StorageLevel.MEMORY_AND_DISK)
        small = fresh.where(f.col("bytes") < target).select("id", "hash", "bytes")
        n_large = large.count()
        n_small = -(-(small.agg(f.sum("bytes")).first()[0] or 0) // target)
        slot = f.pmod(f.xxhash64("id"), f.lit(max(n_small, 1))) + f.lit(n_large)
        slots = large.unionByName(small.withColumn("slot", slot)).select("id", "hash", f.col("slot").cast("int"))
        said(f"  {n_large} large texts alone, the others in {n_small} partitions")
        work = texts.drop("bytes").join(slots, ["id", "hash"]).dropDuplicates(["id"])
        work = work.repartitionById(max(n_large + n_small, 1), "slot").select("line", "id", "hash")
        command = ["map", "--facts", "--max-line", str(self.args.max_text * 2)]
        command += ["--adapt", "file:adapt"] if self.args.adapt else []
        command += ["--model", "file:model"] if self.args.model else []
        done = work.mapInArrow(
            lambda rows: through(command, rows, kept=("id", "hash"), accepted=(0, 3)),
            "line string, id string, hash string",
        )
        fields = f.from_json("line", f"{RECORD_FIELDS}, error string, facts string")
        # The facts stand last, so that the record is what comes before them.
        cut = f.length("line") - f.length(f.substring_index("line", ',"facts":', -1))
        record = f.concat(f.expr("left(line, cut - 9)"), f.lit("}"))
        facts = f.expr("substring(line, cut + 1, length(line) - cut - 1)")
        done = done.withColumn("own", fields).withColumn("cut", cut)
        return done.select(
            "id", "hash", f.lit(self.maker).alias("maker"),
            f.coalesce(f.left("own.date", f.lit(4)).cast("int"), f.lit(0)).alias("year"),
            *[f.col(f"own.{word.split()[0]}") for word in RECORD_FIELDS.split(", ")],
            f.when(f.col("own.error").isNull(), record).alias("record"),
            f.when(f.col("own.error").isNull(), facts).alias("facts"),
            f.col("own.error"),
        )

    def step(self, stage, name, tables, keys=None):
        """`vanban resolve NAME` over the groups of `tables`; kept by table."""

        def make():
            rows = None
            for table in tables:
                table = table.select("key", "order", "line")
                rows = table if rows is None else rows.unionByName(table)
            if keys is not None:
                rows = rows.join(keys, "key", "left_semi")
            rows = rows.repartition(self.args.parts, "key").sortWithinPartitions("key", "order", "line")
            # {"key":"…"} and the row: {"key":"…","row":{…}}.
            quoted = f.expr("left(to_json(struct(key)), length(to_json(struct(key))) - 1)")
            rows = rows.select(f.concat(quoted, f.lit(',"row":'), "line", f.lit("}")).alias("line"))
            return parsed(rows.mapInArrow(lambda batches: through(["resolve", name], batches), "line string"))

        return Tables(self.stage(stage, make, by="to"))

    def link(self, records):
        """Nodes, edges and doubts as rows of `vanban resolve`."""

        def papers():
            facts = records.select(f.col("facts").alias("line")).repartition(self.args.parts)
            return parsed(facts.mapInArrow(lambda rows: through(["resolve", "papers"], rows), "line string"))

        start = Tables(self.stage("papers", papers, by="to"))
        pairs = self.step("pairs", "pairs", [start.pairs])
        labels = self.stage("labels", lambda: components(pairs.pairs))
        same = start.copies.join(labels, "key", "left")
        same = same.withColumn("key", f.coalesce("label", "key"))
        copies = self.step("copies", "copies", [same])
        cites = self.step("mentions", "mentions", [start.facts, copies.owner]).cites
        numbers, found = self.numbers(copies, cites)
        named = self.step("named", "named", [start.facts, copies.owner, numbers.met])
        called = copies.called.unionByName(numbers.called)
        names = self.step("names", "names", [called, named.calls])
        met = numbers.met.unionByName(named.met).unionByName(names.met)
        acting = self.step("acting", "acting", [start.facts, copies.owner, met])
        if not acting.cites.isEmpty():
            cites = cites.unionByName(acting.cites)
            numbers, _ = self.numbers(copies, cites, numbers, found, acting.cites.select("key").distinct())
        if not acting.calls.isEmpty():
            keys = acting.calls.select("key").distinct()
            again = self.step("names-acting", "names", [called, named.calls, acting.calls], keys)
            names = names.replaced("names", again, keys)
        met = numbers.met.unionByName(named.met).unionByName(names.met)
        # What each document's references mean comes back to the document.
        drafts = copies.draft.unionByName(numbers.draft).unionByName(names.draft)
        needed = met.select(f.get_json_object("line", "$.body.met.node").alias("node"), f.col("key").alias("doc"))
        drafts = needed.distinct().join(drafts.withColumnRenamed("key", "node"), "node")
        drafts = drafts.withColumn("key", f.col("doc"))
        edges = self.step("edges", "edges", [start.facts, copies.owner, met, drafts])
        settled = self.step("settle", "settle", [edges.spoken])
        doubts = numbers.doubts.unionByName(names.doubts).unionByName(edges.doubts)
        made = numbers.made.unionByName(names.made)
        return {"node": copies.node, "made": made, "term": numbers.term, "edges": settled.edges, "doubts": doubts}

    def numbers(self, copies, cites, answers=None, found=None, keys=None):
        """Which paper each number means; asked again where misprints come into question.

        A misprint is looked for on the shelves of its day and title, and what is found there is
        given to the group of its number. That changes what the group makes, so it is repeated
        until it asks for nothing new and no other paper has learned its term meanwhile.
        """
        acting, n, requests = "" if keys is None else "acting-", 0, None
        while True:
            n += 1
            tables = [copies.held, cites] + ([found] if found is not None else [])
            given = self.step(f"numbers-{acting}{n}", "numbers", tables, keys)
            before = answers
            answers = given if answers is None or keys is None else answers.replaced("numbers", given, keys)
            requests = given.requests if requests is None else requests.unionByName(given.requests)
            moved = before is not None and differ(before.learned, answers.learned)
            if given.requests.isEmpty() and not (moved and found is not None):
                return answers, found
            if n == 9:
                sys.exit("numbers did not come to rest in nine rounds; nothing was published")
            shelf = self.step(f"shelf-{acting}{n}", "shelf", [copies.shelved, answers.learned, requests])
            found = shelf.found if found is None or keys is None or not acting else found.unionByName(shelf.found)
            keys = shelf.found.select("key").distinct()

    def publish(self, records, faults, lineage, counts):
        base = f"{self.out.uri}/{self.name}"
        text = records.select("year", f.col("record").alias("value")).repartition("year", f.spark_partition_id())
        text.write.mode("overwrite").partitionBy("year").option("compression", "gzip").text(f"{base}/ndjson")
        faults.write.mode("overwrite").parquet(f"{base}/quarantine")
        held = lineage["node"].select(f.from_json("line", f"body struct<node: struct<{NODE_FIELDS}>>").alias("row"))
        made = lineage["made"].select(f.from_json("line", "body struct<made: array<string>>").alias("row"))
        drafts = f.from_json(f.element_at("row.body.made", 1), f"draft struct<node: struct<{NODE_FIELDS}>>")
        made = made.select(drafts.alias("row"))
        learned = "body struct<learned: struct<id: string, term: string>>"
        terms = lineage["term"].select(f.from_json("line", learned).alias("row"))
        terms = terms.select("row.body.learned.id", f.col("row.body.learned.term").alias("known"))
        nodes = held.select("row.body.node.*").unionByName(made.select("row.draft.node.*")).join(terms, "id", "left")
        nodes = nodes.withColumn("term", f.coalesce("term", "known")).drop("known")
        nodes.write.mode("overwrite").parquet(f"{base}/nodes")
        spoken = f"body struct<spoken: struct<`from`: string, `to`: string, edge: struct<{EDGE_FIELDS}>>>"
        edges = lineage["edges"].select(f.from_json("line", spoken).alias("row"))
        edges = edges.select("row.body.spoken.from", "row.body.spoken.to", "row.body.spoken.edge.*")
        edges.write.mode("overwrite").parquet(f"{base}/edges")
        doubt = "body struct<doubt: struct<doc: string, kind: string, note: string, candidates: array<string>>>"
        doubts = lineage["doubts"].select(f.from_json("line", doubt).alias("row")).select("row.body.doubt.*").distinct()
        doubts.write.mode("overwrite").parquet(f"{base}/doubts")
        if self.args.bulk:
            command = ["export", "--format", "bulk", "--records", "-", "--index", self.args.bulk]
            lines = records.select(f.col("record").alias("line"))
            lines = lines.mapInArrow(lambda rows: through(command, rows), "line string")
            # An action and its document stay together: an even number of lines a file.
            lines.write.mode("overwrite").option("maxRecordsPerFile", 40_000).text(f"{base}/bulk")
        if self.args.graph:
            self.one_graph(lineage)
        counts |= {"nodes": nodes.count(), "edges": edges.count(), "doubts": doubts.count(), "resumed": self.resumed}
        manifest = {"generation": self.name.split("/")[1], "maker": self.maker, "input": self.args.input, **counts}
        manifest["seconds"] = self.seconds
        self.out.write(f"{self.name}/manifest.json", json.dumps(manifest, indent=1) + "\n")
        self.out.write("current", self.name.split("/")[1] + "\n")
        # The rest is tidying; what fails here is made up for by the next run.
        self.out.remove(f"{self.name}/work")
        names = [name for name in self.out.folders("generations") if name <= self.name.split("/")[1]]
        for old in names[: -self.args.keep]:
            self.out.remove(f"generations/{old}")
        print(json.dumps(manifest))

    def one_graph(self, lineage):
        """The whole lineage in one file, made on this machine."""
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/graph"
            command = [self.args.vanban, "resolve", "graph", "--packed", path]
            process = subprocess.Popen(command, stdin=subprocess.PIPE)
            with process.stdin:
                for table in lineage.values():
                    for row in table.select("line").toLocalIterator(prefetchPartitions=True):
                        process.stdin.write(row.line.encode() + b"\n")
            if process.wait() != 0:
                sys.exit(f"{' '.join(command)} ended with status {process.returncode}; nothing was published")
            self.out.put(path, f"{self.name}/graph")


class Tables:
    """The output of a step, one attribute a table."""

    def __init__(self, rows):
        self.rows = rows

    def __getattr__(self, name):
        return self.rows.where(f.col("to") == name).select("key", "order", "by", "line")

    def replaced(self, step, given, keys):
        """These rows, but for the groups `keys` of `step` those of `given`."""
        groups = keys.select(f.concat(f.lit(f"{step}\x01"), "key").alias("by"))
        return Tables(self.rows.join(groups, "by", "left_anti").unionByName(given.rows))


def parsed(rows):
    return rows.select(f.from_json("line", ROW_FIELDS).alias("row"), "line").select("row.*", "line")


def differ(a, b):
    a, b = a.select("line").distinct(), b.select("line").distinct()
    return not a.exceptAll(b).isEmpty() or not b.exceptAll(a).isEmpty()


def components(pairs):
    """The least id of each set of documents that pairs connect, as (key, label)."""
    two = pairs.select(f.from_json("line", "body struct<pair: array<string>>").alias("row"))
    two = two.select(f.col("row.body.pair")[0].alias("a"), f.col("row.body.pair")[1].alias("b")).distinct()
    links = two.unionByName(two.select(f.col("b").alias("a"), f.col("a").alias("b"))).checkpoint()
    labels = links.select(f.col("a").alias("key")).distinct().withColumn("label", f.col("key"))
    while True:
        beside = links.join(labels, links.b == labels.key).groupBy("a").agg(f.min("label").alias("least"))
        moved = (f.col("least") < f.col("label")).alias("moved")
        nearer = labels.join(beside, labels.key == beside.a)
        nearer = nearer.select("key", f.least("label", "least").alias("label"), moved).checkpoint()
        labels = nearer.drop("moved")
        if nearer.where("moved").isEmpty():
            return labels


def taken_over(listed, known):
    """Records of the last generation for texts of the same content; the id may be another."""
    one = known.dropDuplicates(["hash"]).withColumnRenamed("id", "was")
    rows = listed.drop("bytes").join(one, "hash")
    same = f.col("id") == f.col("was")
    # The id stands first in both, and an id is quoted in the same way everywhere.
    head = f.expr("length(to_json(struct(was as id)))")
    renamed = lambda name: f.when(same, f.col(name)).otherwise(
        f.concat(f.expr("left(own_id, length(own_id) - 1)"), f.expr(f"substring({name}, was_length)"))
    )
    rows = rows.withColumn("own_id", f.to_json(f.struct("id"))).withColumn("was_length", head)
    rows = rows.withColumn("record", renamed("record")).withColumn("facts", renamed("facts"))
    return rows.drop("was", "own_id", "was_length")


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def ship(spark, path, name):
    """Sends a file to all workers under `name`."""
    folder = tempfile.mkdtemp(prefix="vanban-")
    link = os.path.join(folder, name)
    os.symlink(os.path.abspath(path), link)
    spark.sparkContext.addFile(link)


def said(text):
    print(text, file=sys.stderr, flush=True)


def size(text):
    """`8MiB`, `512KiB`, `1GiB` or bytes."""
    for unit, factor in (("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)):
        if text.endswith(unit):
            return int(float(text[: -len(unit)]) * factor)
    return int(text)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="make and publish a generation")
    run.add_argument("--input", required=True, help="texts, NDJSON or Parquet with id and text; any URI Spark reads")
    run.add_argument("--format", choices=["text", "ndjson", "parquet"], default="text", help="what it is [default: text]")
    run.add_argument("--out", required=True, help="folder of the generations; any URI that Spark writes")
    run.add_argument("--vanban", required=True, help="the program, for the workers' kind of machine")
    run.add_argument("--adapt", help="what `vanban adapt` learned from the archive")
    run.add_argument("--model", help="another model than the one inside")
    run.add_argument("--bulk", metavar="INDEX", help="also write _bulk actions for this index of a search engine")
    run.add_argument("--graph", action="store_true", help="also write the lineage as one file; all of it in memory here")
    run.add_argument("--partition-bytes", type=size, default=size("4MiB"), help="text in one partition [default: 4MiB]")
    run.add_argument("--max-text", type=size, default=size("16MiB"), help="set larger texts aside [default: 16MiB]")
    run.add_argument("--parts", type=int, help="partitions of the joins [default: twice the cores]")
    run.add_argument("--files-a-year", type=int, default=1, help="files of records a year [default: 1]")
    run.add_argument("--keep", type=int, default=3, help="generations kept [default: 3]")
    show = commands.add_parser("show", help="print the manifest of what is published")
    show.add_argument("--out", required=True, help="folder of the generations")
    return parser.parse_args()


def main():
    args = arguments()
    builder = SparkSession.builder.appName("vanban")
    # Texts are long: few to a batch, or a batch of them fills the memory of a worker.
    builder = builder.config("spark.sql.execution.arrow.maxRecordsPerBatch", 64)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    if args.command == "show":
        out = Place(spark, args.out)
        current = (out.read("current") or "").strip()
        if not current:
            sys.exit(f"{args.out}: nothing is published there")
        print(out.read(f"generations/{current}/manifest.json"), end="")
        return
    args.parts = args.parts or 2 * spark.sparkContext.defaultParallelism
    run = Run(spark, args)
    records, faults, counts = run.records()
    run.publish(records, faults, run.link(records), counts)


if __name__ == "__main__":
    main()
