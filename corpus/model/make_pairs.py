#!/usr/bin/env python3
"""Makes (written, read) word pairs for `vanban train --pairs` from pages set, soiled and read by an engine.

Each page is a chance mixture of paragraphs from the given texts (one paragraph a line), set as
papers are set: two-column headers, bold capitals, italics, labels, page numbers; in one of many
faces; then skewed, blurred, thinned or thickened, speckled, compressed or copied black and white,
and read by `tesseract -l eng`. A page depends on SEED and its own number alone, so that pages may be
made in any order, by any number of processes, and again.

    make_pairs.py pages FOLDER SEED FIRST LAST TEXT...   set and read pages FIRST..LAST, one file each
    make_pairs.py align FOLDER > pairs.tsv               written, tab, read; a blank row after each line

Needs Debian's tesseract-ocr, tesseract-ocr-eng, fonts-croscore, fonts-texgyre, fonts-freefont-ttf,
fonts-dejavu, fonts-noto-core, fonts-sil-charis and lmodern, and Pillow and numpy from PyPI.
"""
import io, os, random, re, subprocess, sys, textwrap, unicodedata
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

CR, DJ, FF = (f'/usr/share/fonts/truetype/{d}/' for d in ('croscore', 'dejavu', 'freefont'))
NO, TG = '/usr/share/fonts/truetype/noto/', '/usr/share/texmf/fonts/opentype/public/tex-gyre/'
LM, SC = '/usr/share/texmf/fonts/opentype/public/lm/', '/usr/share/fonts/truetype/charis/'


def gyre(name):
    return tuple(f'{TG}texgyre{name}-{s}.otf' for s in ('regular', 'bold', 'italic', 'bolditalic'))


# Regular, bold, italic, bold italic; how often. Papers are set in Times faces nearly always.
FACES = [
    (10, tuple(f'{CR}Tinos-{s}.ttf' for s in ('Regular', 'Bold', 'Italic', 'BoldItalic'))),
    (6, gyre('termes')),
    (4, tuple(f'{FF}FreeSerif{s}.ttf' for s in ('', 'Bold', 'Italic', 'BoldItalic'))),
    (2, tuple(f'{DJ}DejaVuSerif{s}.ttf' for s in ('', '-Bold', '-Italic', '-BoldItalic'))),
    (1, tuple(f'{DJ}DejaVuSerifCondensed{s}.ttf' for s in ('', '-Bold', '-Italic', '-BoldItalic'))),
    (1, gyre('pagella')),
    (1, gyre('bonum')),
    (1, gyre('schola')),
    (2, tuple(f'{CR}Arimo-{s}.ttf' for s in ('Regular', 'Bold', 'Italic', 'BoldItalic'))),
    (1, tuple(f'{NO}NotoSerif-{s}.ttf' for s in ('Regular', 'Bold', 'Italic', 'BoldItalic'))),
    (1, tuple(f'{NO}NotoSans-{s}.ttf' for s in ('Regular', 'Bold', 'Italic', 'BoldItalic'))),
    (1, tuple(f'{DJ}DejaVuSans{s}.ttf' for s in ('', '-Bold', '-Oblique', '-BoldOblique'))),
    (1, tuple(f'{LM}lmroman12-{s}.otf' for s in ('regular', 'bold', 'italic')) + (f'{LM}lmroman10-bolditalic.otf',)),
    (1, tuple(f'{SC}CharisSIL-{s}.ttf' for s in ('Regular', 'Bold', 'Italic', 'BoldItalic'))),
]
REGULAR, BOLD, ITALIC, BOTH = range(4)

PLACES = 'Hà Nội|Hải Phòng|Đà Nẵng|Cần Thơ|Huế|Sông Thao|Quảng Ngãi|Đắk Lắk|Lạng Sơn|Nghệ An|Bến Tre|Ninh Bình|Thái Nguyên|Gia Lai'.split('|')
KINDS = [('QĐ', 'QUYẾT ĐỊNH'), ('CT', 'CHỈ THỊ'), ('NQ', 'NGHỊ QUYẾT'), ('TB', 'THÔNG BÁO'), ('KL', 'KẾT LUẬN'), ('KH', 'KẾ HOẠCH'),
         ('HD', 'HƯỚNG DẪN'), ('TT', 'THÔNG TRI'), ('QC', 'QUY CHẾ'), ('QĐ', 'QUY ĐỊNH'), ('BC', 'BÁO CÁO'), ('CV', ''), ('TTr', 'TỜ TRÌNH')]
PARTY = ['TỈNH ỦY {p}', 'THÀNH ỦY {p}', 'BAN CHẤP HÀNH TRUNG ƯƠNG', 'BAN DÂN VẬN TỈNH ỦY', 'BAN TỔ CHỨC THÀNH ỦY', 'ỦY BAN KIỂM TRA', 'HUYỆN ỦY {p}', 'BAN TUYÊN GIÁO TRUNG ƯƠNG']
STATE = ['ỦY BAN NHÂN DÂN TỈNH {p}', 'UBND THÀNH PHỐ {p}', 'HỘI ĐỒNG NHÂN DÂN', 'BỘ NỘI VỤ', 'CHÍNH PHỦ', 'SỞ TƯ PHÁP', 'BỘ TÀI CHÍNH', 'THỦ TƯỚNG CHÍNH PHỦ']
LETTERS = 'a b c d đ e g h i k l m n o p q'.split()
ROMAN = 'I II III IV V VI VII VIII IX X XI XII XIII XIV XVI'.split()


def label(rng):
    n = rng.randint(1, 25)
    return rng.choice([
        f'{rng.choice(LETTERS)})', f'{rng.choice(LETTERS)})', f'{rng.choice(LETTERS)}.', f'{n}.', f'{n}-', f'{n})', f'{n}.{rng.randint(1, 9)}.',
        f'{rng.choice(ROMAN)}-', f'{rng.choice(ROMAN)}.', f'Điều {n}.', f'Khoản {n}.', f'Chương {rng.choice(ROMAN)}', f'Mục {n}.', '-', '+', '*'])


def header(rng):
    """Lines of (text, style, place) segments."""
    p = rng.choice(PLACES)
    date = f'ngày {rng.randint(1, 31):02} tháng {rng.randint(1, 12):02} năm {rng.randint(1998, 2026)}'
    code, kind = rng.choice(KINDS)
    party = rng.random() < 0.6
    left = rng.choice(PARTY if party else STATE).format(p=p.upper())
    if party:
        number = f'Số {rng.randint(1, 999):02}-{code}/{rng.choice(["TU", "TW", "BDVTU", "VPTU", "HU", "BTGTU"])}'
        rows = [[(left, BOLD, 'left'), ('ĐẢNG CỘNG SẢN VIỆT NAM', BOLD, 'right')],
                [(number, REGULAR, 'left'), (f'{p}, {date}', ITALIC, 'right')]]
    else:
        number = f'Số: {rng.randint(1, 2999):02}/{rng.choice(["", "2013/", "2021/", "2024/"])}{code}-{rng.choice(["UBND", "HĐND", "CP", "BNV", "BTC"])}'
        rows = [[(left, BOLD, 'left'), ('CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM', BOLD, 'right')],
                [('', BOLD, 'left'), ('Độc lập - Tự do - Hạnh phúc', BOLD, 'right')],
                [(number, REGULAR, 'left'), (f'{p}, {date}', ITALIC, 'right')]]
    return rows + [[]] + ([[(kind, BOLD, 'middle')]] if kind else [])


def lines_of(rng, texts):
    """About a page of lines, each a list of segments; the empty list is a gap."""
    rows = header(rng) if rng.random() < 0.4 else []
    if rng.random() < 0.3:
        rows.insert(0, [(str(rng.randint(2, 30)), REGULAR, 'middle')])
    width = rng.choice([78, 84, 88, 92])
    first = bool(rows)
    while len(rows) < 46:
        text = rng.choices(texts, [weight for weight, _ in texts])[0][1]
        paragraph = ' '.join(rng.choice(text).split())[:900]
        # No paragraph in small letters opens or closes in the middle of a word.
        paragraph = paragraph.rsplit(' ', 1)[0] if len(paragraph) == 900 else paragraph
        style = rng.choices([REGULAR, ITALIC, BOLD, BOTH], [80, 12, 6, 2])[0]
        if first:
            paragraph, style, first = paragraph[:180].rsplit(' ', 1)[0], BOLD, False
            rows += [[(line, style, 'middle')] for line in textwrap.wrap(paragraph, 60, break_on_hyphens=False)] + [[]]
            continue
        if len(paragraph) < 90 and rng.random() < 0.4 or rng.random() < 0.03:
            paragraph = paragraph[:150].rsplit(' ', 1)[0].upper()
            rows += [[(line, BOLD, 'middle')] for line in textwrap.wrap(paragraph, 60, break_on_hyphens=False)]
            continue
        if rng.random() < 0.4:
            paragraph = f'{label(rng)} {paragraph}'
        rows += [[(line, style, 'left')] for line in textwrap.wrap(paragraph, width, break_on_hyphens=False)]
        if rng.random() < 0.3:
            rows.append([])
    return rows[:48]


def soiled(image, rng, dpi):
    """What a copier and a scanner do to a page; the angle by which it was turned, in degrees."""
    noise = np.random.default_rng(rng.randrange(1 << 30))
    angle = rng.choice([0, 0, 0, rng.uniform(-0.6, 0.6)])
    if angle:
        image = image.rotate(angle, Image.BICUBIC, fillcolor=255)
    stroke = rng.random()
    if dpi >= 200 and stroke < 0.15:
        image = image.filter(ImageFilter.MinFilter(3))
    elif dpi >= 300 and stroke < 0.3:
        image = image.filter(ImageFilter.MaxFilter(3))
    image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.25) * dpi / 200))
    a = np.asarray(image).astype(float)
    if rng.random() < 0.3:  # ink that comes and goes
        small = noise.normal(0, 1, (a.shape[0] // 24 + 2, a.shape[1] // 24 + 2))
        patches = Image.fromarray(small.astype('float32'), 'F').resize((a.shape[1], a.shape[0]), Image.BICUBIC)
        a = 255 - (255 - a) * np.clip(1 - rng.uniform(0.05, 0.25) * np.abs(np.asarray(patches)), 0.3, 1)
    if rng.random() < 0.3:  # a page darker on one side
        a -= np.linspace(0, rng.uniform(10, 70), a.shape[1])[None, :]
    a += noise.normal(0, rng.uniform(1, 18), a.shape)
    if rng.random() < 0.45:
        a = np.where(a > rng.uniform(115, 195), 255, 0)
        if rng.random() < 0.5:  # specks
            n = int(a.size * rng.uniform(0, 4e-4))
            y, x = noise.integers(0, a.shape[0] - 1, n), noise.integers(0, a.shape[1] - 1, n)
            a[y, x] = a[y + 1, x] = a[y, x + 1] = rng.choice([0, 0, 255])
    image = Image.fromarray(np.clip(a, 0, 255).astype('uint8'))
    if rng.random() < 0.35:
        kept = io.BytesIO()
        image.save(kept, 'JPEG', quality=rng.randint(18, 70))
        image = Image.open(kept).convert('L')
    return image, angle


def page(seed, number, texts):
    """(written line, read line) of one page."""
    rng = random.Random(f'{seed}/{number}')
    face = rng.choices([face for _, face in FACES], [weight for weight, _ in FACES])[0]
    rows = lines_of(rng, texts)
    dpi = rng.choice([150, 200, 200, 200, 250, 300])
    size = int(rng.choice([12, 13, 13, 13.5, 14, 14]) * dpi / 72)
    width, height = int(8.27 * dpi), int(11.69 * dpi)
    image = Image.new('L', (width, height), 255)
    draw = ImageDraw.Draw(image)
    left, usable = int(0.85 * dpi), int(6.7 * dpi)
    step = min(int(size * rng.choice([1.2, 1.3, 1.4])), int(10.4 * dpi / 48))
    ink = rng.choice([0, 20, 40, 70])
    y, boxes = int(0.6 * dpi), []
    for row in rows:
        room = usable / max(1, len(row))
        for text, style, place in row:
            font = ImageFont.truetype(face[style], size)
            w = font.getlength(text)
            if w > (room - size if len(row) > 1 else usable):
                font = ImageFont.truetype(face[style], max(8, int(size * ((room - size) if len(row) > 1 else usable) / w)))
                w = font.getlength(text)
            x = {'left': left, 'middle': left + (usable - w) / 2, 'right': left + usable - w}[place]
            draw.text((x, y), text, font=font, fill=ink)
        boxes.append(y + step / 2)
        y += step if row else step // 2
    image, angle = soiled(image, rng, dpi)
    tmp = f'/dev/shm/pairs{os.getpid()}.png'
    image.save(tmp, dpi=(dpi, dpi))
    tsv = subprocess.run(['tesseract', tmp, '-', '-l', os.environ.get('OCR_LANG', 'eng'), '--psm', rng.choice(['6', '4', '3']), 'tsv'],
                         capture_output=True, text=True, env=dict(os.environ, OMP_THREAD_LIMIT='1')).stdout
    os.remove(tmp)
    got = [[] for _ in boxes]
    for cells in (row.split('\t') for row in tsv.split('\n')[1:]):
        if len(cells) == 12 and cells[0] == '5' and cells[11].strip():
            x, mid = int(cells[6]), int(cells[7]) + int(cells[9]) / 2
            # Turned anticlockwise, the right end of a line lies higher.
            mid += np.tan(np.radians(angle)) * (x + int(cells[8]) / 2 - width / 2)
            got[min(range(len(boxes)), key=lambda i: (abs(boxes[i] - mid), not rows[i]))].append((x, cells[11]))
    for row, words in zip(rows, got):
        yield ' '.join(text for text, _, _ in row if text), ' '.join(word for _, word in sorted(words))


def bare(word):
    """Small letters without marks."""
    word = unicodedata.normalize('NFD', word.lower().replace('đ', 'd'))
    return ''.join(c for c in word if unicodedata.category(c) != 'Mn')


def apart(a, b):
    """Edit distance of letters; what looks alike counts half."""
    alike = [set('1il|!j'), set('o06c'), set('s5$6'), set('4a'), set('dbp'), set('uv'), set('e€c'), set('y¥v')]
    row = list(range(len(b) + 1))
    for i, x in enumerate(a):
        last, row[0] = row[0], i + 1
        for j, y in enumerate(b):
            cost = 0 if x == y else 0.5 if any(x in s and y in s for s in alike) else 1
            last, row[j + 1] = row[j + 1], min(row[j + 1] + 1, row[j] + 1, last + cost)
    return row[-1]


def aligned(written, read):
    """Word pairs of a line: one to one, two read as one, one read as two; '' for what was lost or put in."""
    a, b = [bare(w) for w in written], [bare(w) for w in read]
    def cost(i, n, j, m):
        x, y = ''.join(a[i:i + n]), ''.join(b[j:j + m])
        return 0.2 * (n + m - 2) + apart(x, y) / max(len(x), len(y), 1)
    best = {(0, 0): (0, None)}
    for i in range(len(a) + 1):
        for j in range(len(b) + 1):
            for n, m in ((1, 1), (2, 1), (1, 2), (3, 1), (1, 0), (0, 1)):
                if i >= n and j >= m and (i - n, j - m) in best:
                    step = 0.9 if not n or not m else cost(i - n, n, j - m, m)
                    total = best[i - n, j - m][0] + step
                    if (i, j) not in best or total < best[i, j][0] - 1e-9:
                        best[i, j] = total, (i - n, j - m)
    out, at = [], (len(a), len(b))
    while best[at][1] is not None:
        before = best[at][1]
        out.append((' '.join(written[before[0]:at[0]]), ' '.join(read[before[1]:at[1]])))
        at = before
    return out[::-1]


def lost(written, read):
    """The engine lost or invented so much of a line that its words say nothing."""
    a, b = (len(re.sub(r'\W', '', s)) for s in (written, read))
    return not a or b < 0.75 * a or b > 1.5 * a + 6


def main():
    if len(sys.argv) >= 7 and sys.argv[1] == 'pages':
        folder, seed, first, last = sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
        os.makedirs(folder, exist_ok=True)
        texts = []
        for path in sys.argv[6:]:
            path, _, weight = path.partition(':')
            with open(path, encoding='utf8') as lines:
                texts.append((float(weight or 1), [unicodedata.normalize('NFC', line) for line in lines if 40 < len(line) < 3000]))
        for number in range(first, last + 1):
            path = f'{folder}/{number:05}.tsv'
            if not os.path.exists(path):
                rows = ''.join(f'{written}\t{read}\n' for written, read in page(seed, number, texts))
                with open(f'{path}.part', 'w', encoding='utf8') as out:
                    out.write(rows)
                os.rename(f'{path}.part', path)
    elif len(sys.argv) == 3 and sys.argv[1] == 'align':
        for name in sorted(os.listdir(sys.argv[2])):
            if not name.endswith('.tsv'):
                continue
            for row in open(f'{sys.argv[2]}/{name}', encoding='utf8'):
                written, read = row.rstrip('\n').split('\t')
                if not lost(written, read):
                    for pair in aligned(written.split(), read.split()):
                        print('\t'.join(pair))
                    print()
    else:
        sys.exit(__doc__)


main()
