//! Punctuation at the edges of a token: what it costs, and the ways to take it off.

/// Negative log-probability of punctuation at a token's end.
pub(super) fn trail_cost(trail: &str) -> i32 {
    if trail.is_empty() {
        return 70;
    }
    trail
        .chars()
        .map(|c| match c {
            ',' => 1_150,
            '.' => 1_300,
            ';' => 1_700,
            ':' => 2_100,
            ')' => 2_000,
            '”' | '"' => 2_300,
            '-' => 2_500,
            '?' | '!' | '…' => 3_200,
            _ => 4_500,
        })
        .sum()
}

pub(super) fn lead_cost(lead: &str) -> i32 {
    lead.chars()
        .map(|c| match c {
            '(' => 2_000,
            '“' | '"' => 2_300,
            '-' => 3_000,
            _ => 4_500,
        })
        .sum()
}

pub(super) fn stops(trail: &str) -> bool {
    trail.contains(['.', ';', ':', '?', '!', '…'])
}

/// The ways to take edge punctuation off: fully, and leaving one or two marks with the letters.
pub(super) fn peelings(text: &str) -> Vec<(usize, usize)> {
    let is_mark = |c: char| !c.is_alphanumeric();
    let mut starts = vec![text.len() - text.trim_start_matches(is_mark).len()];
    let mut ends = vec![text.trim_end_matches(is_mark).len()];
    if starts[0] >= ends[0] {
        // Marks alone, such as `&` or `@`.
        starts = vec![0];
        ends = vec![text.len()];
        if let Some((at, _)) = text.char_indices().next_back().filter(|(at, _)| *at > 0) {
            ends.push(at);
        }
    } else {
        for _ in 0..2 {
            let (start, end) = (starts[starts.len() - 1], ends[ends.len() - 1]);
            if let Some((at, _)) = text[..start].char_indices().next_back() {
                starts.push(at);
            }
            if let Some(c) = text[end..].chars().next() {
                ends.push(end + c.len_utf8());
            }
        }
        starts.dedup();
        ends.dedup();
    }
    let mut out = Vec::with_capacity(starts.len() * ends.len());
    for start in &starts {
        for end in &ends {
            if start < end {
                out.push((*start, *end));
            }
        }
    }
    out
}
