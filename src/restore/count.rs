//! Words → n-gram counts → one interpolated modified Kneser-Ney model.
//!
//! Everything is a sorted array: an n-gram is a number of 16 bits a word, the
//! oldest word highest, so that all n-grams with one context lie together and
//! results do not depend on threads.

use rayon::prelude::*;

/// An n-gram of up to eight words.
pub(crate) type Gram = u128;

/// The n-grams of one length with how often they occur.
pub(crate) struct Counts {
    pub(crate) grams: Vec<Gram>,
    /// Occurrences.
    pub(crate) raw: Vec<u32>,
    /// Occurrences for the longest n-grams, distinct words before it for the others.
    adjusted: Vec<u32>,
}

/// The n-grams of one length with their probability, and their back-off weight as a context.
#[derive(Default)]
pub(crate) struct Level {
    pub(crate) grams: Vec<Gram>,
    pub(crate) prob: Vec<f32>,
    pub(crate) backoff: Vec<f32>,
}

/// The last `n` words of an n-gram.
pub(crate) fn tail(gram: Gram, n: usize) -> Gram {
    gram & ((1 << (16 * n)) - 1)
}

/// Runs of equal keys: (key, first, one past last).
pub(crate) fn runs<'a, K: PartialEq + Copy + 'a>(
    len: usize,
    key: impl Fn(usize) -> K + 'a,
) -> impl Iterator<Item = (K, usize, usize)> + 'a {
    let mut start = 0;
    std::iter::from_fn(move || {
        if start >= len {
            return None;
        }
        let first = start;
        let own = key(first);
        while start < len && key(start) == own {
            start += 1;
        }
        Some((own, first, start))
    })
}

/// Counts the n-grams of 1 to `order` words. `words` holds paragraphs that each
/// begin with `begin`; no n-gram crosses from one into the next.
pub(crate) fn count(words: &[u16], begin: u16, order: usize) -> Vec<Counts> {
    let mut windows: Vec<Gram> = vec![0; words.len()];
    windows.par_iter_mut().enumerate().for_each(|(at, window)| {
        let mut open = true;
        for ahead in 0..order {
            let word = words.get(at + ahead).copied().unwrap_or(begin);
            open &= ahead == 0 || word != begin;
            *window = *window << 16 | Gram::from(if open { word } else { 0 });
        }
    });
    windows.par_sort_unstable();
    let mut levels: Vec<Counts> = (1..=order)
        .map(|n| {
            let head = |at: usize| windows[at] >> (16 * (order - n));
            let mut counts = Counts { grams: Vec::new(), raw: Vec::new(), adjusted: Vec::new() };
            for (gram, first, end) in runs(windows.len(), head) {
                if gram & 0xffff != 0 {
                    counts.grams.push(gram);
                    counts.raw.push((end - first) as u32);
                }
            }
            counts
        })
        .collect();
    drop(windows);
    for n in 1..order {
        let mut ends: Vec<Gram> = levels[n].grams.iter().map(|gram| tail(*gram, n)).collect();
        ends.par_sort_unstable();
        let mut distinct = runs(ends.len(), |at| ends[at]).peekable();
        let level = &mut levels[n - 1];
        for at in 0..level.grams.len() {
            let gram = level.grams[at];
            let seen = distinct.next_if(|(end, ..)| *end == gram).map_or(0, |(_, first, end)| (end - first) as u32);
            // Nothing stands before the start of a paragraph: such n-grams keep their plain count.
            level.adjusted.push(if gram >> (16 * (n - 1)) == Gram::from(begin) { level.raw[at] } else { seen.max(1) });
        }
        if n == 1 {
            let at = level.grams.binary_search(&Gram::from(begin)).expect("paragraphs begin");
            level.adjusted[at] = 0;
        }
    }
    let last = &mut levels[order - 1];
    last.adjusted = last.raw.clone();
    levels
}

/// Chen and Goodman's three discounts, from how many n-grams were seen 1, 2, 3 and 4 times.
fn discounts(counts: &[u32]) -> [f64; 3] {
    let mut seen = [0f64; 5];
    for count in counts {
        if (1..=4).contains(count) {
            seen[*count as usize] += 1.0;
        }
    }
    if seen[1..].contains(&0.0) {
        return [0.5, 1.0, 1.5];
    }
    let y = seen[1] / (seen[1] + 2.0 * seen[2]);
    std::array::from_fn(|at| {
        let n = at + 1;
        (n as f64 - (n + 1) as f64 * y * seen[n + 1] / seen[n]).clamp(0.0, n as f64)
    })
}

/// Interpolated modified Kneser-Ney over all counts. Longest n-grams seen at
/// most `cutoff` times are dropped, their mass kept for the shorter ones.
///
/// `n_words` is the size of the vocabulary, over which what is left of the
/// shortest level is spread evenly.
pub(crate) fn estimate(mut counts: Vec<Counts>, cutoff: u32, n_words: usize) -> Vec<Level> {
    let mut levels: Vec<Level> = Vec::new();
    let order = counts.len();
    for n in 1..=order {
        let counted =
            std::mem::replace(&mut counts[n - 1], Counts { grams: Vec::new(), raw: Vec::new(), adjusted: Vec::new() });
        let discount = discounts(&counted.adjusted);
        let taken = |count: u32| discount[(count.clamp(1, 3) - 1) as usize];
        let cutoff = if n == order { cutoff } else { 0 };
        let mut level = Level::default();
        let mut shorter = levels.pop();
        let mut at_context = 0;
        for (context, first, end) in runs(counted.grams.len(), |at| counted.grams[at] >> 16) {
            let adjusted = &counted.adjusted[first..end];
            let total: f64 = adjusted.iter().map(|count| f64::from(*count)).sum();
            let share = |count: u32| (f64::from(count) - taken(count)).max(0.0) / total;
            let kept: f64 = adjusted.iter().filter(|count| **count > cutoff).map(|count| share(*count)).sum();
            let left = (1.0 - kept) as f32;
            if let Some(shorter) = &mut shorter {
                while shorter.grams[at_context] != context {
                    at_context += 1;
                }
                shorter.backoff[at_context] = left;
            }
            for at in first..end {
                let count = counted.adjusted[at];
                if count <= cutoff && n > 1 {
                    continue;
                }
                let gram = counted.grams[at];
                let below = match &shorter {
                    None => 1.0 / n_words as f32,
                    Some(shorter) => {
                        let end = tail(gram, n - 1);
                        shorter.prob[shorter.grams.binary_search(&end).expect("an n-gram's end was counted")]
                    }
                };
                level.grams.push(gram);
                level.prob.push(share(count) as f32 + left * below);
            }
        }
        level.backoff = vec![1.0; level.grams.len()];
        levels.extend(shorter);
        levels.push(level);
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN: u16 = 1;

    /// The probability of the last word of `gram` after the words before it, by backing off.
    fn prob(levels: &[Level], gram: &[u16]) -> f64 {
        let key = |words: &[u16]| words.iter().fold(0, |key, word| key << 16 | Gram::from(*word));
        let level = &levels[gram.len() - 1];
        if let Ok(at) = level.grams.binary_search(&key(gram)) {
            return f64::from(level.prob[at]);
        }
        let context = &levels[gram.len() - 2];
        let weight = context.grams.binary_search(&key(&gram[..gram.len() - 1])).map_or(1.0, |at| context.backoff[at]);
        f64::from(weight) * prob(levels, &gram[1..])
    }

    #[test]
    fn contexts_sum_to_one_before_and_after_mixing_and_pruning() {
        let first = [BEGIN, 2, 3, 4, 2, 3, 5, BEGIN, 2, 3, 4, 6, BEGIN, 5, 2, 3, 4];
        let second = [BEGIN, 6, 5, 4, 3, BEGIN, 2, 3, 5, 5, 6];
        let learn = |words: &[u16]| estimate(count(words, BEGIN, 3), 0, 6);
        let sums = |levels: &[Level]| {
            for context in [[BEGIN, 2], [2, 3], [3, 4], [5, 5]] {
                let sum: f64 = (1..7).map(|word| prob(levels, &[context[0], context[1], word])).sum();
                assert!((sum - 1.0).abs() < 1e-4, "{context:?}: {sum}");
            }
        };
        sums(&learn(&first));
        let mut mixed = super::super::mix::mix(vec![learn(&first), learn(&second)], &[0.7, 0.3]);
        sums(&mixed);
        let shares: Vec<Vec<f32>> = mixed.iter().map(|level| vec![0.1; level.grams.len()]).collect();
        super::super::mix::prune(&mut mixed, &shares, &[0, 1, 2, 3, 4, 5, 6], 0.5, 8);
        assert!(mixed[1].grams.len() + mixed[2].grams.len() <= 8);
        sums(&mixed);
    }

    #[test]
    fn words_are_counted_by_how_many_words_they_follow() {
        // 3 follows 2 thrice and nothing else; 4 follows 3 and 5.
        let counts = count(&[BEGIN, 2, 3, 2, 3, 4, BEGIN, 2, 3, BEGIN, 5, 4], BEGIN, 2);
        let at = |word: Gram| counts[0].grams.binary_search(&word).unwrap();
        assert_eq!((counts[0].raw[at(3)], counts[0].adjusted[at(3)]), (3, 1));
        assert_eq!((counts[0].raw[at(4)], counts[0].adjusted[at(4)]), (2, 2));
        assert_eq!(counts[1].adjusted, counts[1].raw);
    }
}
