#!/usr/bin/env python3
"""Fits anew what each sign says of a reading's being wrong, for `src/restore/calibration.rs`.

    benches/calibration.py ROWS[:WEIGHT]... [--held-out ROWS...]

ROWS come from the library's own test, once for each engine setting, with pairs that the model has not seen:

    VANBAN_PAIRS=FOLDER VANBAN_SIGNS=ROWS cargo test --release --lib signs_to_fit

with VANBAN_ADAPT=FILE where `vanban adapt` learned from those scans. WEIGHT is what a syllable of that file
counts beside one of the others, 1 where none is given. Printed: BIAS and WEIGHTS, and of every file, held out
or not, its wrong syllables, how many of them the surest 90 % hold, what share the least sure 5 % hold,
and of each tenth, the least sure first, how sure it is and how often right, both per cent.
Needs numpy and scikit-learn.
"""
import sys
import numpy as np
from sklearn.linear_model import LogisticRegression

def read(path):
    rows = np.loadtxt(path, dtype=np.int64)
    return rows[:, 1:] / 1000, 1 - rows[:, 0]

def report(path, wrong, y):
    order, n = np.argsort(-wrong, kind='stable'), len(y)
    tenths = [order[n * k // 10:n * (k + 1) // 10] for k in range(10)]
    print(f'{path}: {n} syllables, {y.sum()} wrong, {y[order[n // 10:]].sum()} of them among the surest 90 %, '
          f'{100 * y[order[:n // 20]].sum() / max(1, y.sum()):.1f} % among the least sure 5 %')
    print('   ', ' '.join(f'{100 - 100 * wrong[t].mean():.1f}/{100 - 100 * y[t].mean():.1f}' for t in tenths))

def main():
    cut = sys.argv.index('--held-out') if '--held-out' in sys.argv else len(sys.argv)
    fitted, held_out = sys.argv[1:cut], sys.argv[cut + 1:]
    if not fitted:
        sys.exit(__doc__)
    files = [(path, float(weight or 1)) for path, _, weight in (name.partition(':') for name in fitted)]
    data = [read(path) for path, _ in files]
    weights = np.concatenate([np.full(len(y), weight) for (_, weight), (_, y) in zip(files, data)])
    model = LogisticRegression(C=1, max_iter=1500)
    model.fit(np.vstack([x for x, _ in data]), np.concatenate([y for _, y in data]), sample_weight=weights)
    print('BIAS', round(1000 * model.intercept_[0]))
    print('WEIGHTS', [round(1000 * weight) for weight in model.coef_[0]])
    for path in [path for path, _ in files] + held_out:
        x, y = read(path)
        report(path, model.predict_proba(x)[:, 1], y)

main()
