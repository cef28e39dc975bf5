#!/usr/bin/env python3
"""What review is worth: decisions simulated from the gold, on documents of an engine never met.

    benches/review.py WORK PAIRS [DECISIONS] [VANBAN]

With 0 decisions only the reach of the queue is measured, on the documents as they are.
PAIRS holds X.clean.txt and X.ocr.txt, line for line (see the pages' tool), here read with another
engine setting than the model was trained on. They are joined to documents of about 2,000
syllables. WORK is a scratch folder. Printed: errors before and after adaptation, after so many
decisions in the queue's order and in random order, per decision; what share of the wrong
syllables the queue meets in its first 5 % of the text; and every document that got worse,
with whether `vanban review changes` names each of its lines.
"""
import csv, glob, io, json, os, random, shutil, subprocess, sys, unicodedata

SYLLABLES = 2000

def tone(token):
    """The same whether the tone stands on the first or the second of two vowels."""
    token = unicodedata.normalize('NFD', token)
    marks = [c for c in token if c in '\u0300\u0301\u0303\u0309\u0323']
    bare = ''.join(c for c in token if c not in '\u0300\u0301\u0303\u0309\u0323')
    return unicodedata.normalize('NFC', bare) + ''.join(marks)

def tokens(line):
    stripped = (t.strip('.,;:()[]{}“”"‘’\'!?…–—-*/|\\') for t in line.split())
    return [t for t in stripped if t]

def align(a, b):
    """Pairs (i, j) of the cheapest alignment; None where a side has nothing."""
    n, m = len(a), len(b)
    cost = [[0] * (m + 1) for _ in range(n + 1)]
    for i in range(n + 1):
        for j in range(m + 1):
            if i and j:
                cost[i][j] = min(cost[i-1][j-1] + (tone(a[i-1]) != tone(b[j-1])), cost[i-1][j] + 1, cost[i][j-1] + 1)
            elif i or j:
                cost[i][j] = i + j
    pairs, i, j = [], n, m
    while i or j:
        if i and j and cost[i][j] == cost[i-1][j-1] + (tone(a[i-1]) != tone(b[j-1])):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif i and cost[i][j] == cost[i-1][j] + 1:
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    return pairs[::-1]

def split(doc):
    """The file of a document, and the lines of it before the document begins: `a.txt#l66` begins at line 66."""
    name, _, begin = doc.partition('#l')
    return name, int(begin) - 1 if begin else 0

def wrong(gold, read):
    g, r = tokens(gold), tokens(read)
    if [tone(t) for t in g] == [tone(t) for t in r]:
        return 0
    return sum(i is None or j is None or tone(g[i]) != tone(r[j]) for i, j in align(g, r))

class Bench:
    def __init__(self, work, pairs, vanban, least):
        self.work, self.vanban, self.least = work, vanban, least
        self.archive, self.gold = f'{work}/archive', {}
        shutil.rmtree(work, ignore_errors=True)
        os.makedirs(self.archive)
        clean, ocr, n = [], [], 0
        names = sorted(glob.glob(f'{pairs}/*.clean.txt'))
        for path in names:
            clean += open(path, encoding='utf8').read().rstrip('\n').split('\n') + ['']
            ocr += open(path.replace('.clean.', '.ocr.'), encoding='utf8').read().rstrip('\n').split('\n') + ['']
            ocr += [''] * (len(clean) - len(ocr))
            if sum(len(line.split()) for line in clean) >= self.least or path == names[-1]:
                n += 1
                open(f'{self.archive}/{n:03}.txt', 'w', encoding='utf8').write('\n'.join(ocr) + '\n')
                self.gold[f'{n:03}.txt'] = clean
                clean, ocr = [], []
        self.syllables = sum(len(tokens(line)) for lines in self.gold.values() for line in lines)

    def run(self, *args, check=True):
        done = subprocess.run([self.vanban, *args], capture_output=True, text=True)
        if check and done.returncode:
            sys.exit(f'vanban {" ".join(args)}: {done.stderr}')
        return done.stdout

    def reindex(self, store, *args):
        self.run('reindex', self.archive, '--store', store, '--keep', '9', *args)

    def texts(self, store):
        rows = self.run('export', '--format', 'ndjson', '--store', store).splitlines()
        texts = {name: [''] * len(lines) for name, lines in self.gold.items()}
        for row in map(json.loads, rows):
            name, before = split(row['id'])
            # The text of a part ends with its last line; what is behind that is the next part's.
            read = row['restored'].removesuffix('\n').split('\n')
            texts[name][before:before + len(read)] = read
        return texts

    def errors(self, texts):
        return {doc: sum(wrong(g, r) for g, r in zip(lines, texts[doc])) for doc, lines in self.gold.items()}

    def queue(self, store):
        rows = self.run('review', 'list', '--json', '--limit', '1000000', '--store', store).splitlines()
        return [json.loads(row) for row in rows]

    def look(self, item, doc, number, line, want):
        """What a person who sees this line of the page would write for the entry's reading, which stands
        `want` of the way along it, and how many errors that mends; None where it does not stand there."""
        reading, places, at = item['reading'], [], 0
        name, before = split(doc)
        gold = self.gold[name][before + number - 1:before + number]
        while (at := line.find(reading, at)) >= 0:
            places.append(at)
            at += 1
        if not places or not tokens(reading) or not gold:
            return None
        at = min(places, key=lambda place: abs(place / max(1, len(line)) - want))
        first = len(tokens(line[:at]))
        here = range(first, first + len(tokens(reading)))
        g, r = tokens(gold[0]), tokens(line)
        pairs = align(g, r)
        bad = lambda i, j: i is None or j is None or tone(g[i]) != tone(r[j])
        mine = [n for n, (i, j) in enumerate(pairs) if j in here]
        if not mine:
            return None
        # Printed words that were not read at all are written beside a wrong one that stands there.
        low, high = mine[0], mine[-1]
        if any(bad(*pairs[n]) for n in mine):
            while low and pairs[low - 1][1] is None:
                low -= 1
            while high + 1 < len(pairs) and pairs[high + 1][1] is None:
                high += 1
        span = pairs[low:high + 1]
        return ' '.join(g[i] for i, _ in span if i is not None), sum(bad(i, j) for i, j in span)

    def truth(self, item):
        """What a person would write for the entry where it is shown, and how many errors that mends."""
        want = item['column'] / max(1, len(item['scan_line']))
        return self.look(item, item['doc'], item['line'], item['reading_line'], want)

    def mended(self, item, texts):
        """Errors in all places of the entry, as far as they are named, the rest after their likeness."""
        known = [self.truth(item)]
        for doc, line in item['elsewhere']:
            name, before = split(doc)
            known += [self.look(item, doc, line, texts[name][before + line - 1], 0)]
        known = [looked[1] for looked in known if looked]
        return item['places'] * sum(known) / len(known) if known else 0

    def reach(self, store, items, texts, n_wrong):
        """What share of the errors the queue meets in the first 5 % of the syllables."""
        budget = 0.05 * self.syllables
        for name, cost in (('every place', lambda item: item['places']), ('each answer once', lambda item: 1)):
            seen = met = 0
            for item in (item for item in items if item['line'] and item['kind'] in ('reading', 'name', 'number')):
                seen += cost(item) * max(1, len(tokens(item['reading'])))
                if seen > budget:
                    break
                met += self.mended(item, texts)
            print(f'the first 5 % of the text, counting {name}: {met:.0f} of {n_wrong} errors, {100 * met / max(1, n_wrong):.1f} %')

    def sheet(self, store, items):
        """Answers for these entries, as a filled-in sheet."""
        out = io.StringIO()
        rows = csv.writer(out)
        rows.writerow(['key', 'answer', 'everywhere'])
        for item in items:
            if item['kind'] in ('reading', 'name', 'number') and item['line']:
                meant, wrong = self.truth(item) or ('', 0)
                rows.writerow([item['key'], meant if meant and wrong else '=', 'yes' if item['places'] > 1 else ''])
            else:
                rows.writerow([item['key'], 'ok', ''])
        path = f'{self.work}/sheet.csv'
        open(path, 'w', encoding='utf8').write(out.getvalue())
        self.run('review', 'import', path, '--who', 'gold', '--store', store, check=False)

def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    n_decisions = int(sys.argv[3]) if len(sys.argv) > 3 else 200
    vanban = sys.argv[4] if len(sys.argv) > 4 else 'target/release/vanban'
    bench = Bench(sys.argv[1], sys.argv[2], vanban, SYLLABLES if n_decisions else 0)
    store = f'{bench.work}/store'
    print(f'{len(bench.gold)} documents, {bench.syllables} syllables')
    def show(name, errors):
        total = sum(errors.values())
        print(f'{name:34} {total:6} wrong  {100 - 100 * total / bench.syllables:6.2f} %')
        return total
    bench.reindex(store)
    texts = bench.texts(store)
    n_read = show('as the model reads it', bench.errors(texts))
    bench.reach(store, bench.queue(store), texts, n_read)
    if not n_decisions:
        return
    bench.reindex(store, '--full')
    texts = bench.texts(store)
    before = bench.errors(texts)
    n_before = show('adapted, no decisions', before)
    items = bench.queue(store)
    bench.reach(store, items, texts, n_before)
    for order in ('queue', 'random'):
        chosen = list(items)
        if order == 'random':
            random.Random(7).shuffle(chosen)
        other = f'{bench.work}/store-{order}'
        shutil.copytree(store, other, symlinks=True)
        bench.sheet(other, chosen[:n_decisions])
        bench.reindex(other)
        show(f'{order}: decisions alone', bench.errors(bench.texts(other)))
        bench.reindex(other, '--full')
        now = bench.texts(other)
        after = bench.errors(now)
        n_after = show(f'{order}: decisions and what they teach', after)
        print(f'  {(n_before - n_after) / n_decisions:.2f} errors removed per decision, '
              f'{100 * (n_before - n_after) / max(1, n_before):.0f} % of the errors')
        generations = sorted(glob.glob(f'{other}/gen-*'))
        rows = bench.run('review', 'changes', '--json', '--from', str(int(generations[-3][-6:])), '--store', other)
        told = set()
        for row in map(json.loads, rows.splitlines()):
            name, ahead = split(row['doc'])
            told.add((name, ahead + row['line']))
        worse = [(doc, n + 1) for doc, lines in bench.gold.items() for n, gold in enumerate(lines)
                 if wrong(gold, now[doc][n]) > wrong(gold, texts[doc][n])]
        unreported = [place for place in worse if place not in told]
        print(f'  {sum(after[doc] > before[doc] for doc in before)} documents worse, {len(worse)} lines worse, '
              f'{len(unreported)} of them not reported')

main()
