#!/usr/bin/env python3
"""Makes fixtures/search/blind.jsonl: queries written before any tuning and never used for it.

    search_blind.py DOCS.ndjson EVAL > fixtures/search/blind.jsonl

Known items are stretches of running text of the sample archive, not titles, so that they are
of another kind than those of judged.jsonl; each is asked with its marks and once unmarked,
half-marked, misspelt, damaged or mixed. Topics were worded and judged by hand. Grades as in
search_queries.py. `split` is always `test`.
"""
import json, os, random, re, sys

from search_queries import damaged, fold, half, key, misspelt, read_pairs, slip, words

random.seed(20261128)

# (query, documents: grade 3), in words that the titles do not use.
TOPICS = [
    ("ai được mượn hồ sơ đảng đem ra ngoài", r"/d19_|/d2[0-5]_"),
    ("hủy hồ sơ hết giá trị", r"/d30_|/d32_"),
    ("cong van dinh chinh sai sot van ban", r"dinh-chinh|/d05_"),
    ("hợp nhất văn bản", r"vbhn|van-ban-hop-nhat|/d06_"),
    ("hội cựu chiến binh", r"cuu-chien-binh"),
    ("phụ nữ thời kỳ công nghiệp hóa", r"cong-tac-phu-nu"),
    ("tuyen truyen vien bao cao vien", r"tuyen-truyen-mieng"),
    ("vốn ngân sách đầu tư công 2026", r"dau-tu-cong"),
    ("thôn bản vùng cao phát triển đảng", r"ket-nap-dang-vien"),
    ("ton giao", r"ton-giao"),
    ("bảo vệ nền tảng tư tưởng", r"nen-tang-tu-tuong"),
    ("học tập tư tưởng Hồ Chí Minh", r"chi-thi-05"),
    ("nêu gương của đảng viên", r"neu-guong"),
    ("tai dinh cu thu hoi dat", r"boi-thuong"),
    ("giấy mời họp trực tuyến", r"2023-gm-95"),
    ("cải cách hành chính 2022 2025", r"cai-cach-hanh-chinh"),
    ("bổ nhiệm cán bộ ứng cử", r"phan-cap-quan-ly-can-bo|dinh-chinh-quy-dinh-1010"),
    ("quy chế làm việc đảng ủy phường", r"dang-uy-phuong-quy-che"),
    ("rà soát văn bản theo quy định 399", r"ra-soat-van-ban"),
    ("giáo dục lý tưởng cách mạng cho thanh niên", r"giao-duc-ly-tuong"),
    ("số hóa tài liệu lưu trữ mức chi", r"/d17_"),
    ("trung tam phuc vu hanh chinh cong", r"trung-tam-phuc-vu"),
]


def main():
    docs = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
    pairs = read_pairs(os.path.join(sys.argv[2], "archive"))
    archive = [doc for doc in docs if not doc["id"].startswith("docs/")]
    titles = {doc["id"]: key(f"{doc['type'] or ''} {doc['title'] or ''}") for doc in docs}
    texts = {doc["id"]: key(doc["text"]) for doc in docs}
    items = []
    for doc in random.sample(archive, len(archive)):
        lines = [line for line in doc["text"].split("\n") if 60 < len(line) and not re.search(r"[A-ZĐ]{4}|\d{3}", line)]
        for line in random.sample(lines, min(len(lines), 12)):
            own = words(line)
            length = random.choice((4, 5, 6))
            at = random.randrange(max(1, len(own) - length))
            query = own[at: at + length]
            wanted = key(" ".join(query))
            grades = {id: 2 for id, title in titles.items() if wanted in title}
            grades.update({id: 1 for id, text in texts.items() if wanted in text and id not in grades})
            grades[doc["id"]] = 3
            if len(query) >= 4 and len(grades) <= 8 and not any(word.isdigit() or len(word) < 2 for word in query):
                items.append((query, grades))
                break
    rows = []

    def put(kind, n, query, relevant):
        rows.append({"id": f"{kind}-{n:02}", "class": kind, "split": "test", "query": query, "relevant": relevant})

    def mixed(query):
        noisy = damaged(query, pairs)
        if noisy:
            noisy = [word if i % 2 else kept for i, (word, kept) in enumerate(zip(noisy, query))]
            long = [i for i, word in enumerate(noisy) if len(word) > 3 and noisy[i] == query[i]]
            if long:
                noisy[long[0]] = slip(noisy[long[0]])
        return noisy

    kinds = (("passage", list), ("unmarked", lambda q: [fold(w) for w in q]), ("half", half), ("misspelt", misspelt),
             ("damaged", lambda q: damaged(q, pairs)), ("mixed", mixed))
    for kind, make in kinds:
        n = 0
        for query, grades in random.sample(items, len(items)):
            noisy = make(query)
            if n < 10 and noisy and (kind == "passage" or noisy != query):
                put(kind, n, " ".join(noisy), grades)
                n += 1
    for n, (query, pattern) in enumerate(TOPICS):
        relevant = {doc["id"]: 3 for doc in archive if re.search(pattern, "/" + doc["id"].split("/")[-1])}
        assert relevant, query
        put("topic", n, query, relevant)
    for row in sorted(rows, key=lambda row: row["id"]):
        print(json.dumps(row, ensure_ascii=False))


if __name__ == "__main__":
    main()
