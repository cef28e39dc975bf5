//! Several language models → one back-off model, cut down to a size.

use super::count::{Gram, Level, runs, tail};
use rayon::prelude::*;

/// One model's probabilities and back-off weights for the n-grams of the union.
struct Share {
    prob: Vec<f32>,
    backoff: Vec<f32>,
    /// Natural logarithm of the probability of the whole n-gram, first word included.
    whole: Vec<f32>,
}

/// Mixes models over the union of their n-grams; back-off weights are computed
/// anew, so that each context's probabilities sum to one.
///
/// After a context each model counts by its weight times the probability it gives
/// that context, so that the model that knows a phrase is the one that continues it.
pub(crate) fn mix(models: Vec<Vec<Level>>, weights: &[f64]) -> Vec<Level> {
    let order = models[0].len();
    let mut models: Vec<std::vec::IntoIter<Level>> = models.into_iter().map(Vec::into_iter).collect();
    let mut mixed: Vec<Level> = Vec::new();
    let mut below: Vec<Share> = Vec::new();
    for n in 1..=order {
        let levels: Vec<Level> = models.iter_mut().map(|model| model.next().expect("models of one order")).collect();
        let mut grams: Vec<Gram> = levels.iter().flat_map(|level| level.grams.iter().copied()).collect();
        grams.par_sort_unstable();
        grams.dedup();
        // Where each n-gram's context and end lie one level below.
        let lower = mixed.last();
        let mut at_context = 0;
        let contexts: Vec<u32> = match lower {
            None => Vec::new(),
            Some(lower) => grams
                .iter()
                .map(|gram| {
                    while lower.grams[at_context] != gram >> 16 {
                        at_context += 1;
                    }
                    at_context as u32
                })
                .collect(),
        };
        let ends: Vec<u32> = match lower {
            None => Vec::new(),
            Some(lower) => grams
                .par_iter()
                .map(|gram| lower.grams.binary_search(&tail(*gram, n - 1)).expect("models hold every end") as u32)
                .collect(),
        };
        let shares: Vec<Share> = levels
            .into_iter()
            .enumerate()
            .map(|(m, level)| {
                let mut at = 0;
                let empty = || Vec::with_capacity(grams.len());
                let mut share = Share { prob: empty(), backoff: empty(), whole: empty() };
                for (index, gram) in grams.iter().enumerate() {
                    if level.grams.get(at) == Some(gram) {
                        share.prob.push(level.prob[at]);
                        share.backoff.push(level.backoff[at]);
                        at += 1;
                    } else {
                        share.prob.push(match below.get(m) {
                            None => 1e-9,
                            Some(below) => below.backoff[contexts[index] as usize] * below.prob[ends[index] as usize],
                        });
                        share.backoff.push(1.0);
                    }
                    let before = below.get(m).map_or(0.0, |below| below.whole[contexts[index] as usize]);
                    share.whole.push(before + share.prob[index].ln());
                }
                share
            })
            .collect();
        let mut trust = weights.to_vec();
        let mut trusted = u32::MAX;
        let prob: Vec<f32> = (0..grams.len())
            .map(|at| {
                if n > 1 && trusted != contexts[at] {
                    trusted = contexts[at];
                    trust = posterior(weights, &below, trusted as usize);
                }
                shares.iter().zip(&trust).map(|(share, weight)| f64::from(share.prob[at]) * weight).sum::<f64>() as f32
            })
            .collect();
        let backoff = vec![1.0; grams.len()];
        mixed.push(Level { grams, prob, backoff });
        if n > 1 {
            let (lower, upper) = mixed.split_at_mut(n - 1);
            renormalise(&mut lower[n - 2], &upper[0], &ends, &contexts);
        }
        below = shares;
    }
    mixed
}

/// The weights after the context at `context`, which sum to one.
fn posterior(weights: &[f64], below: &[Share], context: usize) -> Vec<f64> {
    let best = below.iter().map(|share| share.whole[context]).fold(f32::MIN, f32::max);
    let scaled = below.iter().zip(weights).map(|(share, weight)| weight * f64::from(share.whole[context] - best).exp());
    let scaled: Vec<f64> = scaled.collect();
    let sum: f64 = scaled.iter().sum();
    scaled.into_iter().map(|weight| weight / sum).collect()
}

/// Sets the back-off weights of `lower` so that with the n-grams of `upper` each context sums to one.
fn renormalise(lower: &mut Level, upper: &Level, ends: &[u32], contexts: &[u32]) {
    for (context, first, end) in runs(contexts.len(), |at| contexts[at]) {
        let mut kept = 0f64;
        let mut covered = 0f64;
        for (prob, end) in upper.prob[first..end].iter().zip(&ends[first..end]) {
            kept += f64::from(*prob);
            covered += f64::from(lower.prob[*end as usize]);
        }
        let weight = (1.0 - kept).max(1e-6) / (1.0 - covered).max(1e-6);
        lower.backoff[context as usize] = weight as f32;
    }
}

/// How often each n-gram's context occurs, as a share of all words, per level and n-gram.
pub(crate) type ContextShares = Vec<Vec<f32>>;

/// Drops the n-grams that change the model least until about `keep` of two and
/// more words are left, and sets the back-offs anew.
///
/// What counts is foremost the choice among words of one class (`classes`, by
/// word; spellings that differ in marks alone), and by `plain` the choice among
/// all words (Stolcke's relative entropy).
/// An n-gram that begins or ends a longer one that stays, stays.
pub(crate) fn prune(levels: &mut [Level], shares: &[Vec<f32>], classes: &[u16], plain: f64, keep: usize) {
    let order = levels.len();
    // Gains under the full model; one pass, as the threshold is found from all gains at once.
    let mut gains: Vec<Vec<f32>> = Vec::new();
    let mut sums = class_sums(&levels[0], classes);
    for n in 2..=order {
        let (gain, next) = gains_of(&levels[n - 2], &levels[n - 1], &shares[n - 1], n, classes, &sums, plain);
        gains.push(gain);
        sums = next;
    }
    // A short n-gram is worth at least as much as the best longer one that needs it.
    for n in (3..=order).rev() {
        let (lower, upper) = gains.split_at_mut(n - 2);
        let (lower, upper) = (&mut lower[n - 3], &upper[0]);
        let below = &levels[n - 2].grams;
        let mut at_context = 0;
        for (at, gram) in levels[n - 1].grams.iter().enumerate() {
            while below[at_context] != gram >> 16 {
                at_context += 1;
            }
            let end = below.binary_search(&tail(*gram, n - 1)).expect("every end is held");
            lower[at_context] = lower[at_context].max(upper[at]);
            lower[end] = lower[end].max(upper[at]);
        }
    }
    let mut all: Vec<f32> = gains.iter().flatten().copied().collect();
    if all.len() <= keep {
        return;
    }
    let (_, threshold, _) = all.select_nth_unstable_by(keep, |a, b| b.total_cmp(a));
    let threshold = *threshold;
    for n in 2..=order {
        let level = &mut levels[n - 1];
        let gain = &gains[n - 2];
        let kept: Vec<usize> = (0..level.grams.len()).filter(|at| gain[*at] > threshold).collect();
        level.grams = kept.iter().map(|at| level.grams[*at]).collect();
        level.prob = kept.iter().map(|at| level.prob[*at]).collect();
        level.backoff = vec![1.0; level.grams.len()];
    }
    for n in 2..=order {
        let (lower, upper) = levels.split_at_mut(n - 1);
        let (lower, upper) = (&mut lower[n - 2], &upper[0]);
        lower.backoff.fill(1.0);
        let mut at_context = 0;
        let mut contexts = Vec::with_capacity(upper.grams.len());
        let mut ends = Vec::with_capacity(upper.grams.len());
        for gram in &upper.grams {
            while lower.grams[at_context] != gram >> 16 {
                at_context += 1;
            }
            contexts.push(at_context as u32);
            ends.push(lower.grams.binary_search(&tail(*gram, n - 1)).expect("every end is held") as u32);
        }
        renormalise(lower, upper, &ends, &contexts);
    }
}

/// The probability of each word's whole class.
fn class_sums(unigrams: &Level, classes: &[u16]) -> Vec<f32> {
    let class = |gram: &Gram| usize::from(classes[*gram as usize]);
    let mut sums = vec![0f32; classes.len()];
    for (gram, prob) in unigrams.grams.iter().zip(&unigrams.prob) {
        sums[class(gram)] += prob;
    }
    unigrams.grams.iter().map(|gram| sums[class(gram)]).collect()
}

/// What the model loses, in expectation, by each n-gram's going; and the probability
/// of each n-gram's class after its context, given (`below`) that after the shorter one.
fn gains_of(
    lower: &Level,
    upper: &Level,
    share: &[f32],
    n: usize,
    classes: &[u16],
    below: &[f32],
    plain: f64,
) -> (Vec<f32>, Vec<f32>) {
    let mut gains = Vec::with_capacity(upper.grams.len());
    let mut sums = Vec::with_capacity(upper.grams.len());
    let mut listed = vec![(0f64, 0f64); classes.len()];
    let mut at_context = 0;
    for (context, first, end) in runs(upper.grams.len(), |at| upper.grams[at] >> 16) {
        while lower.grams[at_context] != context {
            at_context += 1;
        }
        let class = |at: usize| usize::from(classes[tail(upper.grams[at], 1) as usize]);
        let ends: Vec<usize> = (first..end)
            .map(|at| lower.grams.binary_search(&tail(upper.grams[at], n - 1)).expect("every end is held"))
            .collect();
        let (mut kept, mut covered) = (0f64, 0f64);
        for (at, end) in (first..end).zip(&ends) {
            let (prob, shorter) = (f64::from(upper.prob[at]), f64::from(lower.prob[*end]));
            kept += prob;
            covered += shorter;
            listed[class(at)].0 += prob;
            listed[class(at)].1 += shorter;
        }
        let (left, open) = ((1.0 - kept).max(1e-6), (1.0 - covered).max(1e-6));
        let backoff = left / open;
        for (at, end) in (first..end).zip(&ends) {
            let (prob, shorter) = (f64::from(upper.prob[at]), f64::from(lower.prob[*end]));
            let (in_class, in_class_below) = listed[class(at)];
            let sum = in_class + backoff * (f64::from(below[*end]) - in_class_below).max(0.0);
            sums.push(sum as f32);
            let without = (left + prob) / (open + shorter);
            let change = prob * (prob.ln() - (shorter * without).ln());
            let among_all = change - left * (without.ln() - backoff.ln());
            let among_class = change - sum * (sum.ln() - (sum - prob + shorter * without).ln());
            gains.push(((among_class + plain * among_all) * f64::from(share[at])) as f32);
        }
        for at in first..end {
            listed[class(at)] = (0.0, 0.0);
        }
    }
    (gains, sums)
}
