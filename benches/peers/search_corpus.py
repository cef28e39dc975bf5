#!/usr/bin/env python3
"""Papers for the search side-by-sides: one JSON line a document.

    search_corpus.py ARCHIVE EVAL [--docs DIR] [--times N] > docs.ndjson

ARCHIVE is corpus/archive; EVAL is fixtures/eval with its hand-made metadata and its clean
texts, which stand for perfect restoration, so that search is judged and nothing else.
DIR is a folder of further texts with a meta.jsonl. With --times N every text of DIR comes N times, each copy with
other numbers, dates and names, so that copies are no duplicates.
"""
import argparse, hashlib, json, os, re, sys, unicodedata

FAMILY = "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Lưu Mai Tạ".split()
MIDDLE = "Văn Thị Hữu Đức Minh Ngọc Thanh Quang Xuân Hồng Đình Công Kim Thu Anh Tuấn".split()
GIVEN = "An Bình Chi Dũng Giang Hà Hải Hạnh Hoa Hùng Hương Khánh Lan Linh Long Mai Nam Nga Oanh Phúc Quân Sơn Tâm Thảo Trang Tú Vinh Yến".split()
PLACES = ["Hà Giang", "Cao Bằng", "Lào Cai", "Yên Bái", "Thái Nguyên", "Lạng Sơn", "Quảng Ninh", "Bắc Giang", "Phú Thọ",
          "Vĩnh Phúc", "Bắc Ninh", "Hải Dương", "Hải Phòng", "Hưng Yên", "Thái Bình", "Hà Nam", "Nam Định", "Ninh Bình",
          "Thanh Hóa", "Nghệ An", "Hà Tĩnh", "Quảng Bình", "Quảng Trị", "Đà Nẵng", "Quảng Nam", "Quảng Ngãi", "Bình Định",
          "Phú Yên", "Khánh Hòa", "Ninh Thuận", "Bình Thuận", "Kon Tum", "Gia Lai", "Đắk Lắk", "Lâm Đồng", "Tây Ninh",
          "Bình Dương", "Đồng Nai", "Long An", "Tiền Giang", "Bến Tre", "Trà Vinh", "Vĩnh Long", "Đồng Tháp", "An Giang",
          "Kiên Giang", "Cần Thơ", "Hậu Giang", "Sóc Trăng", "Bạc Liêu", "Cà Mau"]
PERSON = re.compile(r"\b(?:%s)(?: [A-ZĐÀ-Ỹ][a-zà-ỹđ]+){1,3}" % "|".join(FAMILY))
PLACE = re.compile("|".join(PLACES))
DIGITS = re.compile(r"\d+")


def changed(text, copy):
    """The text with other numbers, dates and names; the same for the same copy."""
    def draw(what, n):
        return int.from_bytes(hashlib.blake2b(f"{copy}|{what}".encode(), digest_size=4).digest(), "big") % n

    def digits(match):
        number = match.group()
        if len(number) == 4 and number[:2] in ("19", "20"):
            return str(1995 + draw(number, 31))
        if len(number) <= 2:
            return str(1 + draw(number, 28)).zfill(len(number))
        return str(10 ** (len(number) - 1) + draw(number, 9 * 10 ** (len(number) - 1)))

    def person(match):
        name = match.group()
        return " ".join((FAMILY[draw(name, len(FAMILY))], MIDDLE[draw(name + "1", len(MIDDLE))], GIVEN[draw(name + "2", len(GIVEN))]))

    # Labels of articles and clauses stay, so that the structure does.
    def line(text):
        label = re.match(r"\s*(?:Điều|Chương|Mục|Phần|Phụ lục)?\s*[\dIVXLC]+[.)]?", text)
        cut = label.end() if label else 0
        rest = PERSON.sub(person, text[cut:])
        rest = PLACE.sub(lambda match: PLACES[draw(match.group(), len(PLACES))], rest)
        return text[:cut] + DIGITS.sub(digits, rest)

    return "\n".join(map(line, text.split("\n")))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("archive")
    parser.add_argument("eval")
    parser.add_argument("--docs")
    parser.add_argument("--times", type=int, default=1)
    options = parser.parse_args()

    def put(id, meta, text):
        row = {"id": id, "text": unicodedata.normalize("NFC", text)}
        for key in ("number", "type", "issuer", "date", "title"):
            row[key] = meta.get(key) or None
        if row["date"] and not re.fullmatch(r"\d{4}-\d\d-\d\d", row["date"]):
            row["date"] = None
        print(json.dumps(row, ensure_ascii=False))

    answers = {row["file"]: row for row in map(json.loads, open(os.path.join(options.eval, "archive.jsonl"), encoding="utf-8"))}
    for folder, _, names in sorted(os.walk(options.archive)):
        for name in sorted(names):
            if name.endswith(".txt"):
                path = os.path.join(folder, name)
                id = os.path.relpath(path, options.archive)
                clean = os.path.join(options.eval, "archive", name.removesuffix(".txt") + ".clean.txt")
                text = open(clean if os.path.exists(clean) else path, encoding="utf-8").read()
                put(id, answers.get(name, {}), text)
    if options.docs:
        for row in map(json.loads, open(os.path.join(options.docs, "meta.jsonl"), encoding="utf-8")):
            path = os.path.join(options.docs, row["id"] + ".txt")
            if not os.path.exists(path):
                continue
            text = open(path, encoding="utf-8").read()
            put(f"docs/{row['id']}.txt", row, text)
            for copy in range(1, options.times):
                meta = dict(row)
                for key in ("number", "title"):
                    if meta.get(key):
                        meta[key] = changed(meta[key], copy)
                if meta.get("date"):
                    meta["date"] = f"{1995 + copy * 7 % 31}-{1 + copy % 12:02}-{1 + copy * 5 % 28:02}"
                put(f"docs/{row['id']}~{copy}.txt", meta, changed(text, copy))


main()
