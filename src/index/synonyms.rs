//! Abbreviations and old names, from a file that staff may edit.

use super::analyzer::{Forms, forms};
use crate::error::Error;
use rustc_hash::FxHashMap;
use std::path::Path;

/// What stands for what.
#[derive(Clone, Debug, Default)]
pub struct Synonyms {
    /// From the first folded syllable to (whole wording, what it also finds).
    by_first: FxHashMap<Box<str>, Vec<Entry>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    words: Vec<Forms>,
    also: Vec<Vec<Forms>>,
}

impl Synonyms {
    /// The text of the list carried inside the binary, to begin one's own with.
    pub const EMBEDDED: &str = include_str!("synonyms.txt");

    /// The list carried inside the binary.
    pub fn embedded() -> Synonyms {
        Synonyms::parse(Synonyms::EMBEDDED)
    }

    /// No synonyms at all.
    pub fn none() -> Synonyms {
        Synonyms::default()
    }

    /// Reads a list in the form of the embedded one.
    pub fn read(path: &Path) -> Result<Synonyms, Error> {
        let text = std::fs::read_to_string(path).map_err(|cause| Error::io(path, cause))?;
        Ok(Synonyms::parse(&text))
    }

    /// Reads the text of a list. `#` begins a comment; lines that say nothing are skipped.
    pub fn parse(text: &str) -> Synonyms {
        let mut synonyms = Synonyms::default();
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or_default();
            let members = |side: &str| -> Vec<Vec<Forms>> {
                side.split('=').map(forms).filter(|words| !words.is_empty()).collect()
            };
            match line.split_once("=>") {
                Some((from, to)) => {
                    let also = members(to);
                    for words in members(from) {
                        synonyms.add(words, also.clone());
                    }
                }
                None => {
                    let group = members(line);
                    for (n, words) in group.iter().enumerate() {
                        let also = group.iter().enumerate().filter(|(m, _)| *m != n).map(|(_, words)| words.clone());
                        synonyms.add(words.clone(), also.collect());
                    }
                }
            }
        }
        synonyms
    }

    fn add(&mut self, words: Vec<Forms>, also: Vec<Vec<Forms>>) {
        if also.is_empty() {
            return;
        }
        let entries = self.by_first.entry(words[0].folded.clone()).or_default();
        match entries.iter_mut().find(|entry| entry.words == words) {
            Some(entry) => entry.also.extend(also),
            None => entries.push(Entry { words, also }),
        }
    }

    /// The longest wording of the list that begins `typed`: its length, and what it also finds.
    ///
    /// A typed syllable without marks stands for every reading.
    pub(crate) fn longest(&self, typed: &[&Forms]) -> Option<(usize, &[Vec<Forms>])> {
        let entries = self.by_first.get(&typed.first()?.folded)?;
        entries
            .iter()
            .filter(|entry| entry.words.len() <= typed.len())
            .filter(|entry| {
                entry.words.iter().zip(typed).all(|(word, typed)| {
                    word.folded == typed.folded && (word.exact == typed.exact || !typed.is_marked())
                })
            })
            .max_by_key(|entry| entry.words.len())
            .map(|entry| (entry.words.len(), entry.also.as_slice()))
    }

    /// What a whole short text also stands for, folded: `qd` → `quyet dinh`, `quy dinh`.
    pub(crate) fn readings(&self, folded: &str) -> Vec<String> {
        let words = forms(folded);
        let typed: Vec<&Forms> = words.iter().collect();
        match self.longest(&typed) {
            Some((length, also)) if length == typed.len() => {
                also.iter().map(|words| words.iter().map(|word| &*word.folded).collect::<Vec<_>>().join(" ")).collect()
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn also(synonyms: &Synonyms, typed: &str) -> Option<(usize, Vec<String>)> {
        let words = forms(typed);
        let typed: Vec<&Forms> = words.iter().collect();
        synonyms.longest(&typed).map(|(length, also)| {
            let join = |words: &Vec<Forms>| words.iter().map(|word| word.exact.as_ref()).collect::<Vec<_>>().join(" ");
            (length, also.iter().map(join).collect())
        })
    }

    #[test]
    fn groups_work_both_ways_and_arrows_one_way() {
        let synonyms = Synonyms::parse("UBND = uỷ ban nhân dân\nNQ => nghị quyết # một chiều\n");
        assert_eq!(also(&synonyms, "ubnd tỉnh"), Some((1, vec!["ủy ban nhân dân".into()])));
        assert_eq!(also(&synonyms, "uy ban nhan dan"), Some((4, vec!["ubnd".into()])));
        assert_eq!(also(&synonyms, "nq"), Some((1, vec!["nghị quyết".into()])));
        assert_eq!(also(&synonyms, "nghị quyết"), None);
        assert_eq!(also(&synonyms, "ủy bàn nhân dân"), None);
    }

    #[test]
    fn the_embedded_list_is_read_whole() {
        assert_eq!(also(&Synonyms::embedded(), "HĐND"), Some((1, vec!["hội đồng nhân dân".into()])));
    }
}
