#!/usr/bin/env python3
"""Restores, reads and links an archive on Apache Spark, and publishes the whole at once.

    spark-submit vanban_spark.py run --vanban ./vanban --input s3a://archive/scans --out s3a://archive/vanban
    spark-submit vanban_spark.py show --out s3a://archive/vanban

With --store DIR all is also gathered, on the machine that submits, into a store that `vanban serve`,
`search`, `show`, `status` and `trace` open: a folder there, or one it shares with those who read.

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
others are taken over; links are made anew from all facts. Where nothing changed nothing is made, and
the last generation stands. A run that fails leaves its finished stages, and the next run goes on from
there. One run at a time: leave that to your scheduler.

The rules of linking are those of `vanban resolve`; this program brings together what they ask for.
"""

import argparse
import atexit
import collections
import hashlib
import json
import os
import shutil
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
PACKED_FIELDS = "`by` string, document string"
FAULT_FIELDS = "id string, hash string, maker string, error string"
EDGE_FIELDS = (
    "relation string, locator string, since string, until string, except array<string>, except_until string, "
    "restores boolean, sentence string, source struct<doc: string, span: array<long>>, confidence float, why string"
)
NODE_FIELDS = (
    "id string, number string, type string, issuer string, date string, effective string, term string, "
    "title string, held boolean, sources array<string>, notes array<string>"
)

# Of strings in JSON Spark takes twenty million characters unless told otherwise, and gives null beyond.
JSON = {"maxStringLen": str((1 << 31) - 1)}

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


