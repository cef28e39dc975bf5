#!/usr/bin/env python3
"""A whole night side by side: `vanban reindex` against the chain a user would otherwise build.

usage: benches/peers/night.py FOLDER          a folder of .txt documents, e.g. corpus/archive

The chain: Python reads each file, pyvi puts the marks back, underthesea normalises, a regular expression finds
document numbers, SQLite FTS5 indexes. Both read the same files, one after the other. Seconds are processor time:
what else the machine does then does not count, nor that ours uses all cores and Python one.
    pip install underthesea pyvi
"""
import importlib.metadata
import pathlib
import re
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
import unicodedata

ROOT = pathlib.Path(__file__).resolve().parents[2]
VANBAN = ROOT / "target/release/vanban"
NUMBER = re.compile(r"\b\d+(?:/\d{4})?[-/][A-ZĐ]+(?:[-/][A-ZĐa-zđ]+)*")


def strip(text):
    text = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in text if not unicodedata.combining(c))


def chain(files, database):
    from pyvi import ViUtils
    from underthesea import text_normalize

    def line(text):
        if not text.strip():
            return text
        try:
            return text_normalize(ViUtils.add_accents(strip(text)))
        except Exception:  # pyvi stops on words it has not met.
            return text

    base = sqlite3.connect(database)
    base.execute("create virtual table documents using fts5(name, text, tokenize='unicode61 remove_diacritics 2')")
    base.execute("create table citations(name, number)")
    for file in files:
        text = "\n".join(line(row) for row in file.read_text(errors="replace").split("\n"))
        base.execute("insert into documents values (?, ?)", (file.name, text))
        base.executemany("insert into citations values (?, ?)", {(file.name, found) for found in NUMBER.findall(text)})
    base.commit()
    return base


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else sys.exit(__doc__))
    files = sorted(folder.rglob("*.txt"))
    megabytes = sum(file.stat().st_size for file in files) / 1e6
    print(f"{len(files)} files, {megabytes:.2f} MB")
    with tempfile.TemporaryDirectory() as scratch:
        store = pathlib.Path(scratch, "store")
        done = subprocess.run([VANBAN, "reindex", folder, "--store", store], capture_output=True, text=True)
        if done.returncode not in (0, 3):
            sys.exit(done.stderr)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        ours, memory = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
        print(f"vanban reindex      {ours:8.1f} s  {megabytes / ours:8.3f} MB/s  {memory:5.0f} MiB")
        begun = time.process_time()
        base = chain(files, pathlib.Path(scratch, "chain.sqlite"))
        theirs = time.process_time() - begun
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        packages = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("pyvi", "underthesea"))
        print(f"Python chain        {theirs:8.1f} s  {megabytes / theirs:8.3f} MB/s  {memory:5.0f} MiB  ({packages}, SQLite {sqlite3.sqlite_version})")
        print(f"ratio               {theirs / ours:8.1f}")
        print(f"document numbers the chain found: {base.execute('select count(*) from citations').fetchone()[0]}")


main()
