//! An engine in thirty lines: tables in memory, sorted and cut into groups between the steps.

use std::collections::{BTreeMap, BTreeSet};
use vanban::graph::Graph;
use vanban::graph::facts::Facts;
use vanban::graph::steps::{Body, Group, Row, Step, Table, join};

/// What each group of a step gave.
type Given = BTreeMap<String, Vec<Row>>;

/// One step over the groups of `rows`, all of them or those of `keys`. Rows go through JSON, as
/// they do between two machines.
fn step(step: Step, rows: &[Row], keys: Option<&BTreeSet<String>>) -> Given {
    let mut groups: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows.iter().filter(|row| keys.is_none_or(|keys| keys.contains(&row.key))) {
        groups.entry(&row.key).or_default().push(row);
    }
    let mut given = Given::new();
    for (key, mut rows) in groups {
        rows.sort_by_cached_key(|row| (row.order.clone(), serde_json::to_string(row).unwrap()));
        let out = given.entry(key.to_owned()).or_default();
        let mut emit = |row: Row| out.push(serde_json::from_str(&serde_json::to_string(&row).unwrap()).unwrap());
        let mut group = Group::new(step, key);
        rows.into_iter().for_each(|row| group.take(row.clone(), &mut emit));
        group.end(&mut emit);
    }
    given
}

fn table(given: &Given, table: Table) -> Vec<Row> {
    given.values().flatten().filter(|row| row.to == table).cloned().collect()
}

fn keys(rows: &[Row]) -> BTreeSet<String> {
    rows.iter().map(|row| row.key.clone()).collect()
}

/// The numbers of `only`, or all, until nothing new is asked for.
fn numbers(copies: &Given, cites: &[Row], found: &mut Vec<Row>, answers: &mut Given, only: Option<BTreeSet<String>>) {
    let mut only = only;
    let mut requests: Vec<Row> = Vec::new();
    for round in 0.. {
        assert!(round < 9, "the numbers come to rest");
        let rows = [&table(copies, Table::Held)[..], cites, &found[..]].concat();
        let given = step(Step::Numbers, &rows, only.as_ref());
        let before = table(answers, Table::Learned);
        let new = table(&given, Table::Requests);
        answers.extend(given);
        let learned = table(answers, Table::Learned);
        requests.extend(new.iter().cloned());
        if new.is_empty() && (requests.is_empty() || before == learned) {
            return;
        }
        let rows = [&table(copies, Table::Shelved)[..], &learned, &requests].concat();
        let more = table(&step(Step::Shelf, &rows, None), Table::Found);
        only = Some(keys(&more));
        found.retain(|row| !only.as_ref().is_some_and(|keys| keys.contains(&row.key)));
        found.extend(more);
    }
}

/// The least id of each set of documents that pairs connect.
fn labels(pairs: &[Row]) -> BTreeMap<String, String> {
    let mut labels: BTreeMap<String, String> = BTreeMap::new();
    loop {
        let before = labels.clone();
        for row in pairs {
            let Body::Pair(a, b) = &row.body else { continue };
            let of = |id: &String| labels.get(id).unwrap_or(id).clone();
            let least = of(a).min(of(b));
            labels.insert(a.clone(), least.clone());
            labels.insert(b.clone(), least);
        }
        if labels == before {
            return labels;
        }
    }
}

/// The order of steps that the Spark driver follows.
pub fn linked_in_steps(facts: Vec<Facts>) -> Graph {
    let start: Vec<Row> = facts
        .into_iter()
        .map(|facts| {
            let key = facts.id.clone();
            let body = Body::Facts(Box::new(facts));
            Row { to: Table::Facts, key, order: String::new(), by: String::new(), body }
        })
        .collect();
    let start = step(Step::Papers, &start, None);
    let labels = labels(&table(&step(Step::Pairs, &table(&start, Table::Pairs), None), Table::Pairs));
    let mut same = table(&start, Table::Copies);
    for row in &mut same {
        row.key = labels.get(&row.key).unwrap_or(&row.key).clone();
    }
    let copies = step(Step::Copies, &same, None);
    let known = [table(&start, Table::Facts), table(&copies, Table::Owner)].concat();
    let cites = table(&step(Step::Mentions, &known, None), Table::Cites);

    let (mut answers, mut found) = (Given::new(), Vec::new());
    numbers(&copies, &cites, &mut found, &mut answers, None);
    let named = step(Step::Named, &[&known[..], &table(&answers, Table::Met)].concat(), None);
    let called = [table(&copies, Table::Called), table(&answers, Table::Called)].concat();
    let calls = table(&named, Table::Calls);
    let mut names = step(Step::Names, &[&called[..], &calls].concat(), None);

    let met = |answers: &Given, names: &Given| {
        [table(answers, Table::Met), table(&named, Table::Met), table(names, Table::Met)].concat()
    };
    let acting = step(Step::Acting, &[&known[..], &met(&answers, &names)].concat(), None);
    let (more_cites, more_calls) = (table(&acting, Table::Cites), table(&acting, Table::Calls));
    let only = keys(&more_cites);
    numbers(&copies, &[&cites[..], &more_cites].concat(), &mut found, &mut answers, Some(only));
    names.extend(step(Step::Names, &[&called[..], &calls, &more_calls].concat(), Some(&keys(&more_calls))));

    let met = met(&answers, &names);
    let drafts: BTreeMap<String, Row> = [&copies, &answers, &names]
        .into_iter()
        .flat_map(|given| table(given, Table::Draft))
        .map(|row| (row.key.clone(), row))
        .collect();
    let needed: Vec<Row> = met
        .iter()
        .filter_map(|row| match &row.body {
            Body::Met { node, .. } => Some(Row { key: row.key.clone(), ..drafts[node].clone() }),
            _ => None,
        })
        .collect();
    let edges = step(Step::Edges, &[&known[..], &met, &needed].concat(), None);
    let settled = step(Step::Settle, &table(&edges, Table::Spoken), None);
    let doubts = [&answers, &names, &edges].map(|given| table(given, Table::Doubts)).concat();
    let made = [table(&answers, Table::Made), table(&names, Table::Made)].concat();
    let rest = [table(&copies, Table::Node), table(&answers, Table::Term), table(&settled, Table::Edges)].concat();
    join([rest, made, doubts].concat())
}
