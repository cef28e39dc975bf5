#!/usr/bin/env python3
"""Makes fixtures/search/judged.jsonl: queries with the documents that answer them.

    search_queries.py DOCS.ndjson EVAL > fixtures/search/judged.jsonl

Known-item queries are cut from titles and article headings of the sample archive and then
unmarked, half-marked, misspelt at the keyboard, or damaged as the OCR engine damages them
(by word pairs from EVAL/archive). Grades: 3 the document itself, 2 the same words in another
title, 1 the same words in a text. Topics and look-ups were written and judged by hand.
Everything follows from a fixed seed; every third item is `test`, the rest `dev`.
"""
import json, os, random, re, sys, unicodedata

random.seed(20261122)
KEYS = {c: n for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm") for c, n in zip(row, zip(" " + row, row[1:] + " "))}


def fold(text):
    text = unicodedata.normalize("NFD", text.lower()).replace("đ", "d")
    return unicodedata.normalize("NFC", "".join(c for c in text if not unicodedata.combining(c)))


def place(word):
    for new, old in (("oà", "òa"), ("oá", "óa"), ("oả", "ỏa"), ("oã", "õa"), ("oạ", "ọa"), ("oè", "òe"), ("oé", "óe"),
                     ("oẻ", "ỏe"), ("uỳ", "ùy"), ("uý", "úy"), ("uỷ", "ủy"), ("uỹ", "ũy"), ("uỵ", "ụy")):
        if word.endswith(new) and not word.endswith("q" + new):
            return word[: -len(new)] + old
    return word


def words(text):
    return [place(word) for word in re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text).lower())]


def key(text):
    return " " + " ".join(words(text)) + " "


def marked(word):
    return fold(word) != word


def half(query):
    out = [word if random.random() < 0.5 else fold(word) for word in query]
    if not any(map(marked, out)) or all(marked(w) for w in query if w in out and marked(w)):
        n = [i for i, word in enumerate(query) if marked(word)]
        if n:
            out[n[0]] = query[n[0]]
            for i in n[1:2]:
                out[i] = fold(query[i])
    return out


def slip(word):
    """One slip of the fingers."""
    at = random.randrange(1, len(word))
    kind = random.choice(("swap", "drop", "double", "neighbour"))
    base = fold(word[at])
    if kind == "swap" and word[at] != word[at - 1]:
        return word[: at - 1] + word[at] + word[at - 1] + word[at + 1:]
    if kind == "drop" and len(word) > 3:
        return word[:at] + word[at + 1:]
    if kind == "neighbour" and base in KEYS:
        return word[:at] + random.choice([k for k in KEYS[base] if k != " "]) + word[at + 1:]
    return word[:at] + word[at] + word[at:]


def misspelt(query):
    out = [fold(w) for w in query] if random.random() < 0.5 else list(query)
    long = [i for i, word in enumerate(out) if len(word) >= 3]
    for i in random.sample(long, min(len(long), 1 if len(query) < 5 else 2)):
        out[i] = slip(out[i])
    return out


def read_pairs(folder):
    pairs = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith(".clean.txt"):
            stem = os.path.join(folder, name[: -len(".clean.txt")])
            lines = zip(open(stem + ".clean.txt", encoding="utf-8"), open(stem + ".ocr.txt", encoding="utf-8"))
            for clean, read in lines:
                clean, read = clean.split(), read.split()
                if len(clean) == len(read):
                    for a, b in zip(clean, read):
                        a, b = a.strip(".,;:()“”\"").lower(), b.strip(".,;:()“”\"").lower()
                        # Forms that only lost their marks belong to the unmarked class.
                        if a and b and b.isalnum() and abs(len(a) - len(b)) <= 2 and fold(a) != fold(b):
                            pairs.setdefault(place(a), []).append(b)
    return pairs


def damaged(query, pairs):
    out = [fold(word) if random.random() < 0.7 else word for word in query]
    known = [i for i, word in enumerate(query) if word in pairs]
    if not known:
        return None
    for i in random.sample(known, min(len(known), 1 if len(query) < 5 else 2)):
        out[i] = random.choice(pairs[query[i]])
    return out


# (query, documents: grade), judged by reading titles and texts.
TOPICS = [
    ("quy chế dân vận", r"quy-che-(cong-tac-)?dan-van|quy-che-phoi-hop-dan-van"),
    ("thi đua dân vận khéo", r"dan-van-kheo"),
    ("tiếp dân và xử lý đơn thư", r"tiep-cong-dan"),
    ("khiếu kiện đông người phức tạp", r"khieu-kien-dong-nguoi|van-phu|ha-giang"),
    ("đền bù giải phóng mặt bằng khi thu hồi đất", r"boi-thuong"),
    ("giao nộp hồ sơ vào kho lưu trữ lịch sử", r"/d0[1289]_|/d10_|/d04_"),
    ("tiền công chỉnh lý tài liệu giấy", r"/d12_|/d13_|/d2[89]_|/d30_|/d16_"),
    ("khai thác phông lưu trữ đảng", r"/d19_|/d2[0-5]_"),
    ("cách trình bày văn bản của Đảng", r"the-thuc"),
    ("chế độ báo cáo của cấp ủy", r"che-do-thong-tin-bao-cao|che-do-bao-cao"),
    ("làm việc của ban chấp hành khóa 19", r"quy-che-lam-viec"),
    ("sáp nhập xã, bỏ cấp huyện", r"sap-xep-don-vi|2207|mot-phan-van-ban"),
    ("phân cấp quản lý cán bộ", r"phan-cap-quan-ly-can-bo|dinh-chinh-quy-dinh-1010"),
    ("văn bản hết hiệu lực", r"het-hieu-luc|bai-bo-mot-phan"),
    ("một cửa liên thông thủ tục hành chính", r"mot-cua|trung-tam-phuc-vu-hanh-chinh-cong|cai-cach-hanh-chinh"),
    ("chuyển đổi số trong cơ quan nhà nước", r"chuyen-doi-so"),
    ("phòng chống tham nhũng tiêu cực", r"pctntc"),
    ("dạy thêm học thêm", r"day-them"),
    ("ô nhiễm làng nghề chế biến nông sản", r"lang-nghe"),
    ("bão lũ thiên tai cứu nạn", r"thien-tai"),
    ("trợ cấp cho người nghèo, đối tượng bảo trợ", r"tro-giup-xa-hoi"),
    ("đạo đức phong cách Hồ Chí Minh", r"chi-thi-05|giao-duc-ly-tuong"),
    ("chất lượng sinh hoạt chi bộ", r"sinh-hoat-chi-bo"),
    ("thực hiện dân chủ ở cơ sở xã phường", r"dan-chu"),
    ("kỷ luật đảng viên", r"ky-luat|dau-hieu-vi-pham"),
    ("diễn tập phòng thủ", r"dien-tap"),
    ("kết nạp đảng viên vùng cao", r"ket-nap-dang-vien"),
    ("quy tắc ứng xử công chức", r"ung-xu|neu-guong"),
    ("BCĐ phòng chống tham nhũng", r"pctntc"),
    ("VBHN quy chế dân vận", r"vbhn-02"),
    ("công tác văn thư lưu trữ", r"van-thu-luu-tru|/d26_|/d03_|/d11_"),
    ("đại hội đảng các cấp nhiệm kỳ 2025 2030", r"chi-thi-dai-hoi"),
]
# Laws of the larger collection, in words of our own.
LAWS = [
    ("luật đất đai", "uts-luat-dat-dai|pd-luat-45-2013-qh13"), ("bộ luật hình sự", "uts-bo-luat-hinh-su|pd-bo-luat-100-2015-qh13"),
    ("luật bảo vệ môi trường", "uts-luat-bao-ve-moi-truong|pd-luat-72-2020-qh14"), ("luật cạnh tranh", "uts-luat-canh-tranh|pd-luat-23-2018-qh14"),
    ("luật cư trú", "uts-luat-cu-tru|pd-luat-68-2020-qh14"), ("luật đường sắt", "uts-luat-duong-sat|pd-luat-06-2017-qh14"),
    ("luật khiếu nại tố cáo", "uts-luat-khieu-nai-to-cao"), ("luật dân chủ ở cơ sở", "pd-luat-10-2022-qh15"),
    ("luật quản lý thuế", "uts-luat-quan-ly-thue|pd-luat-38-2019-qh14"), ("luật nghĩa vụ quân sự", "uts-luat-nghia-vu-quan-su|pd-luat-78-2015-qh13"),
    ("luật công chứng", "uts-luat-cong-chung"), ("luật doanh nghiệp", "uts-luat-doanh-nghiep|pd-luat-59-2020-qh14"),
    ("bộ luật lao động", "uts-bo-luat-lao-dong|pd-bo-luat-45-2019-qh14"), ("luật hợp tác xã", "uts-luat-hop-tac-xa"),
    ("luật giao thông đường bộ", "uts-luat-giao-thong-duong-bo|pd-luat-23-2008-qh12"), ("luật hôn nhân gia đình", "uts-luat-hon-nhan-va-gia-dinh|pd-luat-52-2014-qh13"),
]


def main():
    docs = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
    pairs = read_pairs(os.path.join(sys.argv[2], "archive"))
    archive = [doc for doc in docs if not doc["id"].startswith("docs/")]
    titles = {doc["id"]: key(f"{doc['type'] or ''} {doc['title'] or ''}") for doc in docs}
    texts = {doc["id"]: key(doc["text"]) for doc in docs}
    rows = []

    def judged(item, query):
        wanted = key(" ".join(query))
        grades = {id: 2 for id, title in titles.items() if wanted in title}
        grades.update({id: 1 for id, text in texts.items() if wanted in text and id not in grades})
        grades[item] = 3
        return grades

    def put(kind, n, query, relevant):
        split = "test" if n % 3 == 2 else "dev"
        rows.append({"id": f"{kind}-{n:02}", "class": kind, "split": split, "query": query, "relevant": relevant})

    def take(title):
        own = words(re.sub(r"^(v/v|về việc|về|ban hành|quy định)\s+", "", title.lower()))
        n = random.choice((4, 4, 5, 5, 6, 7))
        at = random.randrange(max(1, min(len(own) - n, 8)))
        return own[at: at + n]

    items = []
    for doc in archive:
        if not doc["title"]:
            continue
        for _ in range(20):
            query = take(doc["title"])
            grades = judged(doc["id"], query)
            if len(query) >= 4 and len(grades) <= 40 and not any(w.isdigit() or w in ("tw", "tu", "số") for w in query):
                items.append((query, grades))
                break
    heads = []
    for doc in archive:
        found = re.findall(r"^Điều \d+\. ([^\n]{14,90})$", doc["text"], re.M)
        for head in random.sample(found, min(2, len(found))):
            query = words(head)[:6]
            grades = judged(doc["id"], query)
            if len(query) >= 3 and len(grades) <= 40 and not any(word.isdigit() for word in query):
                heads.append((query, grades))
    random.shuffle(items)
    random.shuffle(heads)
    known = items[:36] + heads[:24]
    random.shuffle(known)

    for n, (query, grades) in enumerate(items[:24]):
        put("title", n, " ".join(query), grades)
    for n, (query, grades) in enumerate(heads[:24]):
        put("article", n, " ".join(query), grades)
    for kind, make in (("unmarked", lambda q: [fold(w) for w in q]), ("half", half), ("misspelt", misspelt),
                       ("damaged", lambda q: damaged(q, pairs))):
        n = 0
        for query, grades in random.sample(known, len(known)):
            noisy = make(query)
            if noisy and noisy != query and n < 27:
                put(kind, n, " ".join(noisy), grades)
                n += 1
    # Half-marked, misspelt and damaged at once, in capitals now and then.
    n = 0
    for query, grades in random.sample(known, len(known)):
        noisy = damaged(query, pairs)
        if noisy and n < 24:
            noisy = [word if i % 2 else kept for i, (word, kept) in enumerate(zip(noisy, query))]
            long = [i for i, word in enumerate(noisy) if len(word) > 3 and noisy[i] == query[i]]
            if long and random.random() < 0.5:
                noisy[long[0]] = slip(noisy[long[0]])
            text = " ".join(noisy)
            put("mixed", n, text.upper() if random.random() < 0.2 else text, grades)
            n += 1

    numbered = [doc for doc in archive if doc["number"]]
    lookups = random.sample(numbered, 18) + random.sample([doc for doc in docs if doc["id"].startswith("docs/pd-nghi-dinh")], 12)
    shapes = [
        lambda d: d["number"], lambda d: fold(d["number"]), lambda d: re.sub(r"[-/]", " ", fold(d["number"]).upper()),
        lambda d: f"{d['type'].lower()} {d['number'].split('-')[0] if '/' in d['number'].split('-')[0] else d['number']}",
        lambda d: fold(d["number"]).replace("/", " / ").replace("-", " - "), lambda d: "số " + d["number"].lower(),
    ]
    for n, doc in enumerate(lookups):
        same = {other["id"]: 3 for other in docs if other["number"] and fold(other["number"]) == fold(doc["number"])}
        put("number", n, shapes[n % len(shapes)](doc), same)
    for n, (query, pattern) in enumerate(TOPICS):
        relevant = {doc["id"]: 3 for doc in archive if re.search(pattern, "/" + doc["id"].split("/")[-1]) or re.search(pattern, doc["id"])}
        assert relevant, query
        put("topic", n, query, relevant)
    for n, (query, pattern) in enumerate(LAWS):
        relevant = {doc["id"]: 3 for doc in docs if re.fullmatch(f"docs/(?:{pattern})\\.txt", doc["id"])}
        if relevant:
            put("law", n, query if n % 2 else fold(query), relevant)
    for row in sorted(rows, key=lambda row: row["id"]):
        print(json.dumps(row, ensure_ascii=False))


if __name__ == "__main__":
    main()
