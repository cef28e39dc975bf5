#!/usr/bin/env python3
"""Restoration side by side in one run: accuracy and speed of what can be installed, on the same pairs.

usage: benches/peers/restore.py FOLDER [FOLDER ...]      e.g. fixtures/eval/archive

Each folder holds X.clean.txt (truth) and X.ocr.txt (scan), line for line. Every system restores the same
lines, and is given by processor time; all are scored by `vanban eval --restored`. A peer that is not installed is skipped:
    pip install underthesea pyvi symspellpy; apt install hunspell hunspell-vi
"""
import importlib.metadata
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import time
import unicodedata

ROOT = pathlib.Path(__file__).resolve().parents[2]
VANBAN = ROOT / "target/release/vanban"


def strip(text):
    """Without marks, as a keyboard without Vietnamese would have it."""
    text = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in text if not unicodedata.combining(c))


def children():
    """Seconds of processor time of the programs started so far; others on the machine do not count."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def guarded(function):
    """A peer that stops on a line leaves that line as it was; how often is counted."""

    def line(text):
        try:
            return function(text)
        except Exception:
            line.failed += 1
            return text

    line.failed = 0
    return line


def version(package):
    return f"{package} {importlib.metadata.version(package)}"


def pyvi(lines):
    from pyvi import ViUtils

    one = guarded(lambda text: ViUtils.add_accents(text) if text.strip() else text)
    one("khoi dong")
    begun = time.process_time()
    out = [one(line) for line in lines]
    return out, time.process_time() - begun, f"{version('pyvi')} add_accents, stops on {one.failed} lines"


def pyvi_stripped(lines):
    out, seconds, name = pyvi([strip(line) for line in lines])
    return out, seconds, name + ", marks stripped first"


def underthesea(lines):
    from underthesea import text_normalize

    one = guarded(lambda text: text_normalize(text) if text.strip() else text)
    one("khởi động")
    begun = time.process_time()
    out = [one(line) for line in lines]
    return out, time.process_time() - begun, f"{version('underthesea')} text_normalize"


def hunspell(lines):
    said = subprocess.run(["hunspell", "--version"], capture_output=True, text=True, check=True).stdout.split("\n")[0]
    words = sorted({word for line in lines for word in re.findall(r"[^\W\d_]+", line)})
    begun = children()
    answer = subprocess.run(
        ["hunspell", "-d", "vi_VN", "-i", "utf-8", "-a"], input="\n".join("^" + word for word in words),
        capture_output=True, text=True, check=True,
    ).stdout
    blocks = [block for block in answer.split("\n\n") if block.strip()]
    first = {}
    for row in "\n".join(blocks).split("\n"):
        match = re.match(r"& (\S+) \d+ \d+: ([^,]+)", row)
        if match:
            first[match.group(1)] = match.group(2)
    out = [re.sub(r"[^\W\d_]+", lambda m: first.get(m.group(), m.group()), line) for line in lines]
    return out, children() - begun, re.search(r"Hunspell [\d.]+", said).group() + ", first suggestion"


def ours(lines):
    with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False) as file:
        file.write("\n".join(lines) + "\n")
    subprocess.run([VANBAN, "restore", os.devnull], capture_output=True)
    begun = children()
    text = subprocess.run(["taskset", "-c", "0", VANBAN, "restore", file.name], capture_output=True, text=True, check=True).stdout
    seconds = children() - begun
    os.unlink(file.name)
    said = subprocess.run([VANBAN, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return text.split("\n")[: len(lines)], seconds, said + ", start-up included"


def score(gold, lines):
    with tempfile.TemporaryDirectory() as folder:
        truth, read = pathlib.Path(folder, "truth.txt"), pathlib.Path(folder, "read.txt")
        truth.write_text("\n".join(gold) + "\n")
        read.write_text("\n".join(lines) + "\n")
        return subprocess.run([VANBAN, "eval", truth, "--restored", read], capture_output=True, text=True).stdout


def main():
    gold, scan = [], []
    for folder in sys.argv[1:] or sys.exit(__doc__):
        for clean in sorted(pathlib.Path(folder).glob("*.clean.txt")):
            gold += clean.read_text().split("\n")
            scan += clean.with_name(clean.name.replace(".clean.", ".ocr.")).read_text().split("\n")
    if len(gold) != len(scan):
        sys.exit("truth and scan have different numbers of lines")
    megabytes = sum(len(line.encode()) + 1 for line in scan) / 1e6
    print(f"{len(gold)} lines, {megabytes:.2f} MB scanned")
    systems = {"as scanned": lambda lines: (lines, 0.0, ""), "hunspell": hunspell, "underthesea": underthesea,
               "pyvi": pyvi, "pyvi, stripped": pyvi_stripped, "vanban": ours}
    for name, system in systems.items():
        try:
            lines, seconds, said = system(scan)
        except (ImportError, FileNotFoundError, subprocess.CalledProcessError) as cause:
            print(f"\n== {name}: skipped: {cause}")
            continue
        speed = f"{megabytes / seconds:.3f} MB/s" if seconds else ""
        print(f"\n== {name}  {speed}  {said}\n{score(gold, lines)}", flush=True)


main()
