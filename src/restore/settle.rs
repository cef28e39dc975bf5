//! Readings that are settled from outside, put in the place of the decoder's.

use super::{Edit, Restored};
use crate::text::Span;

impl Restored {
    /// The same restoration with each `source` stretch (in order and apart) reading as settled.
    ///
    /// A settled reading is an edit of full confidence, also where it is what was scanned: somebody
    /// looked at it. A piece of the decoder's that is touched gives way as a whole.
    pub fn settle(self, source: &str, settled: &[(Span, &str)]) -> Restored {
        if settled.is_empty() {
            return self;
        }
        // Every piece of the new text: where it comes from, what it says, and the edit behind it.
        let mut pieces: Vec<(Span, &str, Option<Edit>)> = Vec::new();
        let sure = |origin| Edit {
            span: Span::default(),
            source: origin,
            confidence: 1000,
            teaches: 1000,
            runner_up: None,
            channel: 0,
            language: 0,
        };
        for &(piece, origin) in self.map.pieces() {
            let next = settled.partition_point(|(span, _)| span.end <= origin.start);
            if settled.get(next).is_some_and(|(span, _)| span.overlaps(origin)) {
                continue;
            }
            let own = self.edits.binary_search_by_key(&piece.start, |edit| edit.span.start);
            // A piece that was left out has no edit, and may begin where the next one does.
            let own = own.ok().map(|n| &self.edits[n]).filter(|edit| edit.source == origin);
            pieces.push((origin, piece.of(&self.text), own.cloned()));
        }
        pieces.extend(settled.iter().map(|(origin, reading)| (*origin, *reading, Some(sure(*origin)))));
        pieces.sort_by_key(|(origin, _, _)| (origin.start, origin.end));
        let mut out = Restored { defects: self.defects.clone(), n_syllables: self.n_syllables, ..Restored::default() };
        let mut copied = 0;
        for (origin, reading, edit) in pieces {
            out.text.push_str(&source[copied..origin.start]);
            let span = Span::new(out.text.len(), out.text.len() + reading.len());
            out.text.push_str(reading);
            out.map.push(span, origin);
            out.edits.extend(edit.map(|edit| Edit { span, ..edit }));
            copied = origin.end;
        }
        out.text.push_str(&source[copied..]);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SpanMap;

    fn restored() -> (&'static str, Restored) {
        let source = "Can ctf Nghi quyet";
        let mut map = SpanMap::default();
        let mut edits = Vec::new();
        let text = "Căn của Nghị quyet";
        let place = |text: &str, part: &str| Span::new(text.find(part).unwrap(), text.find(part).unwrap() + part.len());
        for (read, written) in [("Can", "Căn"), ("ctf", "của"), ("Nghi", "Nghị")] {
            let (span, origin) = (place(text, written), place(source, read));
            map.push(span, origin);
            edits.push(Edit {
                span,
                source: origin,
                confidence: 700,
                teaches: 700,
                runner_up: None,
                channel: 9,
                language: 9,
            });
        }
        (source, Restored { text: text.into(), edits, map, n_syllables: 4, ..Restored::default() })
    }

    fn check(settled: &[(&str, &str)], text: &str, confidences: &[u16]) {
        let (source, restored) = restored();
        let place = |part: &str| Span::new(source.find(part).unwrap(), source.find(part).unwrap() + part.len());
        let settled: Vec<(Span, &str)> = settled.iter().map(|(read, written)| (place(read), *written)).collect();
        let out = restored.settle(source, &settled);
        assert_eq!(out.text, text);
        assert_eq!(out.edits.iter().map(|edit| edit.confidence).collect::<Vec<_>>(), confidences);
        for edit in &out.edits {
            assert_eq!(out.source_span(edit.span), edit.source);
        }
    }

    #[test]
    fn a_settled_reading_takes_the_place_of_the_decoders() {
        check(&[], "Căn của Nghị quyet", &[700; 3]);
        check(&[("ctf", "cứ")], "Căn cứ Nghị quyet", &[700, 1000, 700]);
        check(&[("quyet", "quyết")], "Căn của Nghị quyết", &[700, 700, 700, 1000]);
        check(&[("Can ctf", "Căn cứ"), ("Nghi", "Nghị")], "Căn cứ Nghị quyet", &[1000, 1000]);
        check(&[("Can", "Can")], "Can của Nghị quyet", &[1000, 700, 700]);
    }
}
