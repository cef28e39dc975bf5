//! What has been done to one document, each act with its first day.

use super::ENDINGS;
use crate::citation::Relation;
use crate::graph::kind::Sort;
use crate::graph::place::{Place, Unit};
use crate::graph::{Edge, NodeIndex};
use jiff::civil::Date;

/// One act upon the document.
#[derive(Clone, Debug)]
pub(super) struct Act {
    pub(super) actor: NodeIndex,
    /// As seen from the actor: never a passive one.
    pub(super) relation: Relation,
    pub(super) edge: Edge,
    /// The place concerned; whole document where `None` and not `vague`.
    pub(super) place: Option<Place>,
    /// A part is meant, but the words name no place.
    pub(super) vague: bool,
    /// First day of the effect.
    pub(super) day: Option<Date>,
    /// The effect has begun by this day, where the first day is not known.
    pub(super) by_then: Option<Date>,
    /// The rule, where the act is one of the law and not of the actor.
    pub(super) rule: Option<&'static str>,
    /// Why it never takes effect.
    pub(super) idle: Option<String>,
}

impl Act {
    pub(super) fn is_whole(&self) -> bool {
        self.place.is_none() && !self.vague
    }

    pub(super) fn ends(&self) -> bool {
        !self.edge.restores && (ENDINGS.has(self.relation) || self.rule.is_some())
    }

    pub(super) fn amends(&self) -> bool {
        !self.edge.restores && self.relation == Relation::Amends
    }

    fn has_begun(&self, day: Date) -> bool {
        self.day.or(self.by_then).is_some_and(|begun| begun <= day)
    }

    fn covers(&self, place: &Place) -> bool {
        !self.vague && self.place.as_ref().is_none_or(|own| own.covers(place))
    }

    pub(super) fn note(&self) -> Option<String> {
        self.rule.map(str::to_owned)
    }

    /// The day on which `place` ends by this act, later than the act's own where it is spared for a time.
    fn end_of(&self, place: Option<&Place>) -> EndDay {
        let spared = place.is_some_and(|place| self.edge.spared().any(|spared| spared.covers(place)));
        if !spared {
            return EndDay::On(self.day);
        }
        match self.edge.except_until {
            // Nothing that is spared ends before the rest.
            Some(day) => EndDay::On(Some(self.day.map_or(day, |own| own.max(day)))),
            None => EndDay::Never,
        }
    }
}

enum EndDay {
    On(Option<Date>),
    Never,
}

/// When and by what something ended.
#[derive(Clone, Debug)]
pub(super) struct Ending {
    pub(super) day: Option<Date>,
    /// Index into [`Life::acts`].
    pub(super) act: usize,
    /// The act whose document may stand in its place; the same, but where the last parts went later.
    pub(super) chain: usize,
}

/// What is left on a day.
#[derive(Clone, Debug)]
pub(super) enum DocState {
    Whole,
    /// Some place has ended, first by this act.
    Partly(usize),
    Ended(Ending),
    /// This act ends it, but perhaps not yet.
    Doubtful(usize),
}

/// One document and everything done to it.
#[derive(Clone, Debug)]
pub(super) struct Life {
    pub(super) start: Option<Date>,
    /// The text or the graph file states the first day, not only the date.
    pub(super) first_day_stated: bool,
    pub(super) signed: Option<Date>,
    pub(super) held: bool,
    pub(super) sort: Sort,
    /// Acts on others or was itself acted on, so that a letter counts as ruling.
    pub(super) rules: bool,
    pub(super) outline: Vec<Place>,
    pub(super) delays: Vec<(Place, Date)>,
    /// Those that take effect, on a day that may not be known.
    pub(super) acts: Vec<Act>,
    /// Those that never do, and why.
    pub(super) idle: Vec<Act>,
    /// By documents older than this one.
    pub(super) paradoxes: Vec<Act>,
}

impl Life {
    /// Whether the outline, if there is one, has this place.
    pub(super) fn has(&self, place: &Place) -> bool {
        let head = place.head();
        let below = head.steps.last().is_some_and(|(unit, _)| *unit > Unit::Dieu);
        if self.outline.is_empty() || below || (head.steps.is_empty() && head.annex.is_none()) {
            return true;
        }
        self.outline.iter().any(|known| head.covers(known))
            || self.acts.iter().any(|act| act.place.as_ref().is_some_and(|other| other.covers(place)))
    }

    /// The place's own first day: stated, or that of the act that inserted it.
    pub(super) fn delay(&self, place: &Place) -> Option<Date> {
        let stated = self.delays.iter().filter(|(own, _)| own.covers(place)).map(|(_, day)| *day).max();
        stated.or_else(|| {
            let article = place.steps.iter().any(|(unit, _)| *unit == Unit::Dieu);
            if self.outline.is_empty() || !article || self.outline.iter().any(|known| place.head().covers(known)) {
                return None;
            }
            let inserts = |act: &&Act| {
                act.relation == Relation::Amends && act.place.as_ref().is_some_and(|own| own.covers(place))
            };
            self.acts.iter().filter(inserts).filter_map(|act| act.day).min()
        })
    }

    /// Whether a later day is known on which it ends.
    pub(super) fn ends_later(&self, at: Date) -> bool {
        self.acts.iter().any(|act| act.ends() && act.is_whole() && act.day.is_some_and(|day| day > at))
    }

    /// Whether the whole document has ended.
    pub(super) fn is_over(&self, day: Date) -> bool {
        matches!(self.doc_state(day), DocState::Ended(_))
    }

    /// An express restoration that undoes `act` for `place` between `ended` and `day`.
    fn restored(&self, act: &Act, place: Option<&Place>, ended: Option<Date>, day: Date) -> bool {
        self.acts.iter().any(|back| {
            back.edge.restores
                && back.has_begun(day)
                && ended.is_none_or(|ended| back.day.is_none_or(|back| back >= ended))
                && match (place, &back.place) {
                    (Some(place), Some(own)) => own.covers(place),
                    (None, Some(_)) => false,
                    (_, None) => true,
                }
                // Bringing back the whole does not bring back what had gone before on its own.
                && match (&act.place, &back.place) {
                    (None, _) => true,
                    (Some(_), None) => act.relation == Relation::Suspends,
                    (Some(ended), Some(back)) => ended.covers(back) || act.relation == Relation::Suspends,
                }
        })
    }

    /// The first lasting end of a place, or of the whole where `None`, by acts upon it or its ancestors.
    fn direct_end(&self, place: Option<&Place>, day: Date) -> DocState {
        let mut best: Option<Ending> = None;
        let mut doubtful = None;
        for (n, act) in self.acts.iter().enumerate() {
            let concerned = match place {
                None => act.is_whole(),
                Some(place) => act.covers(place),
            };
            if !act.ends() || !concerned {
                continue;
            }
            let EndDay::On(end) = act.end_of(place) else { continue };
            let begun = end.or(act.by_then);
            match begun {
                Some(begun) if begun > day => {
                    if end.is_none() {
                        doubtful.get_or_insert(n);
                    }
                    continue;
                }
                None => {
                    doubtful.get_or_insert(n);
                    continue;
                }
                Some(_) => {}
            }
            if self.restored(act, place, end, day) {
                continue;
            }
            let better = match &best {
                None => true,
                Some(other) => {
                    let key = |day: Option<Date>, n: usize| (day.unwrap_or(Date::MAX), rank(&self.acts[n]), n);
                    key(end, n) < key(other.day, other.act)
                }
            };
            if better {
                best = Some(Ending { day: end, act: n, chain: n });
            }
        }
        match (best, doubtful) {
            (Some(ending), _) => DocState::Ended(ending),
            (None, Some(act)) => DocState::Doubtful(act),
            (None, None) => DocState::Whole,
        }
    }

    /// What is left of one place.
    pub(super) fn place_state(&self, place: &Place, day: Date) -> DocState {
        match self.direct_end(Some(place), day) {
            DocState::Whole => {}
            DocState::Ended(ending) => {
                let spared = self.part_survives(&self.acts[ending.act], Some(place), day);
                return match spared {
                    true => DocState::Partly(ending.act),
                    false => DocState::Ended(self.last_part(ending, Some(place), day)),
                };
            }
            other => return other,
        }
        let inner = |act: &&Act| act.place.as_ref().is_some_and(|own| place.covers(own) && own != place);
        match self.first_ended_part(day, inner) {
            Some(act) => DocState::Partly(act),
            None => DocState::Whole,
        }
    }

    /// What is left of the document.
    pub(super) fn doc_state(&self, day: Date) -> DocState {
        match self.direct_end(None, day) {
            DocState::Whole => {}
            DocState::Ended(ending) => {
                if self.part_survives(&self.acts[ending.act], None, day) {
                    return DocState::Partly(ending.act);
                }
                return DocState::Ended(self.last_part(ending, None, day));
            }
            doubtful => {
                return doubtful;
            }
        }
        let Some(first) = self.first_ended_part(day, |_| true) else { return DocState::Whole };
        match self.end_by_parts(day) {
            Some(ending) => DocState::Ended(ending),
            None => DocState::Partly(first),
        }
    }

    /// The end of `place` (the document where `None`) is that of the last part that was spared or brought back.
    fn last_part(&self, ending: Ending, place: Option<&Place>, day: Date) -> Ending {
        let ends = self.survivors(&self.acts[ending.act], place, day).into_iter().filter_map(|part| {
            match self.direct_end(Some(&part), day) {
                DocState::Ended(end) => Some(end),
                _ => None,
            }
        });
        let last = ends.filter(|end| end.day > ending.day).max_by_key(|end| end.day);
        match last.filter(|_| ending.day.is_some()) {
            Some(last) => Ending { chain: ending.chain, ..last },
            None => ending,
        }
    }

    /// Places inside `place` (the document where `None`) that the act spared, or that were brought back after it.
    fn survivors(&self, act: &Act, place: Option<&Place>, day: Date) -> Vec<Place> {
        let inside = |other: &Place| place.is_none_or(|place| place.covers(other) && place != other);
        let spared = act.edge.spared().map(|spared| spared.within(&self.outline));
        let back = self.acts.iter().filter(|back| back.edge.restores && back.has_begun(day));
        spared.chain(back.filter_map(|back| back.place.clone())).filter(inside).collect()
    }

    /// Whether something inside `place` (the document where `None`) outlived the act.
    fn part_survives(&self, act: &Act, place: Option<&Place>, day: Date) -> bool {
        let parts = self.survivors(act, place, day);
        parts.iter().any(|part| !matches!(self.direct_end(Some(part), day), DocState::Ended(_)))
    }

    fn first_ended_part(&self, day: Date, wanted: impl Fn(&&Act) -> bool) -> Option<usize> {
        let parts = self.acts.iter().enumerate().filter(|(_, act)| act.ends() && !act.is_whole() && wanted(act));
        let ended = parts.filter(|(_, act)| {
            if act.vague {
                return act.has_begun(day);
            }
            matches!(self.direct_end(act.place.as_ref(), day), DocState::Ended(_))
        });
        ended.min_by_key(|(n, act)| (act.day.or(act.by_then), *n)).map(|(n, _)| n)
    }

    /// The day the last article went, where several acts took them one by one.
    fn end_by_parts(&self, day: Date) -> Option<Ending> {
        // A decision that attaches a regulation rules through it: its own articles only put it into force.
        let attached = self.outline.iter().any(|place| place.attached && !place.steps.is_empty());
        let articles = self.outline.iter().filter(|place| {
            let article = place.steps.last().is_some_and(|(unit, _)| *unit == Unit::Dieu);
            article && place.annex.is_none() && place.attached == attached
        });
        let mut last: Option<Ending> = None;
        for article in articles {
            let DocState::Ended(ending) = self.direct_end(Some(article), day) else { return None };
            if last.as_ref().is_none_or(|last| ending.day > last.day) {
                last = Some(ending);
            }
        }
        last
    }

    /// The act that suspends this place, an ancestor, or the whole where `None`.
    pub(super) fn suspension(&self, place: Option<&Place>, day: Date) -> Option<usize> {
        self.acts.iter().position(|act| {
            let concerned = match place {
                None => act.is_whole(),
                Some(place) => act.covers(place),
            };
            concerned && self.suspends(act, place, day)
        })
    }

    fn suspends(&self, act: &Act, place: Option<&Place>, day: Date) -> bool {
        let spared = match act.end_of(place) {
            EndDay::Never => true,
            EndDay::On(first) => first.is_some_and(|first| day < first),
        };
        act.relation == Relation::Suspends
            && !act.edge.restores
            && !spared
            && act.has_begun(day)
            && act.edge.until.is_none_or(|until| day < until)
            && !self.restored(act, place, act.day, day)
    }

    /// Suspended places inside `place`, or inside the document.
    pub(super) fn suspended_parts(&self, place: Option<&Place>, day: Date) -> Vec<Place> {
        let parts = self.acts.iter().filter(|act| {
            let inside = act.place.as_ref().is_some_and(|own| place.is_none_or(|place| place.covers(own)));
            inside && self.suspends(act, act.place.as_ref(), day)
        });
        parts.filter_map(|act| act.place.clone()).collect()
    }

    /// Amendments of the place, its ancestors and what it holds, that have taken effect.
    pub(super) fn amendments<'l>(&'l self, place: Option<&'l Place>, day: Date) -> impl Iterator<Item = &'l Act> {
        self.acts.iter().filter(move |act| act.amends() && act.has_begun(day)).filter(move |act| {
            let Some(place) = place else { return true };
            match &act.place {
                Some(own) => own.meets(place),
                // A title says “amends” without a place; its articles then say where.
                None => !self.acts.iter().any(|other| {
                    other.actor == act.actor && other.relation == Relation::Amends && other.place.is_some()
                }),
            }
        })
    }

    /// Days on which the answer may change, in order.
    pub(super) fn turning_days(&self) -> Vec<Date> {
        let mut days: Vec<Date> = self.start.into_iter().collect();
        for act in &self.acts {
            days.extend(act.day);
            days.extend(act.edge.until);
            days.extend(act.edge.except_until);
        }
        days.sort_unstable();
        days.dedup();
        days
    }

    /// When the last of these places ended for good (the whole document where one is `None`).
    pub(super) fn end_of_all(&self, places: &[Option<Place>]) -> Option<Ending> {
        let last_day = self.turning_days().into_iter().next_back()?;
        if places.iter().any(Option::is_none) {
            return match self.doc_state(last_day) {
                DocState::Ended(ending) => Some(ending),
                _ => None,
            };
        }
        let mut last: Option<Ending> = None;
        for place in places.iter().flatten() {
            let DocState::Ended(ending) = self.place_state(&place.within(&self.outline), last_day) else {
                return None;
            };
            if last.as_ref().is_none_or(|last| ending.day > last.day) {
                last = Some(ending);
            }
        }
        last
    }

    /// When the first of these places ended for good, where some have and each is named.
    pub(super) fn first_end_of(&self, places: &[Option<Place>]) -> Option<Ending> {
        let last_day = self.turning_days().into_iter().next_back()?;
        let named: Option<Vec<&Place>> = places.iter().map(Option::as_ref).collect();
        let ends =
            named?.into_iter().filter_map(|place| match self.place_state(&place.within(&self.outline), last_day) {
                DocState::Ended(ending) => Some(ending),
                _ => None,
            });
        ends.min_by_key(|ending| ending.day)
    }
}

/// Which of two acts of the same day is named: the one that says what takes its place.
fn rank(act: &Act) -> u8 {
    match act.relation {
        Relation::Replaces => 0,
        Relation::EndsEffect => 1,
        Relation::Repeals => 2,
        _ => 3,
    }
}
