//! The architecture as a table: each module names only modules on floors below it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use syn::visit::Visit;

/// Each module and all it may name. Bottom first, so that no cycle can be written.
const FLOORS: [(&str, &[&str]); 14] = [
    ("error", &[]),
    ("text", &[]),
    ("number", &["text"]),
    ("source", &["error", "text"]),
    ("restore", &["error", "text", "number"]),
    ("decision", &["error", "text"]),
    ("outline", &["text"]),
    ("citation", &["text", "number", "outline"]),
    ("document", &["text", "number", "source", "restore", "outline", "citation"]),
    ("graph", &["error", "text", "number", "outline", "citation", "document"]),
    ("index", &["error", "text", "number", "outline", "document"]),
    ("eval", &["error", "text", "restore", "citation", "document"]),
    ("store", &["error", "text", "citation", "decision", "source", "restore", "document", "graph", "index"]),
    ("review", &["error", "text", "citation", "decision", "restore", "document", "graph", "store"]),
];

/// Collects the top-level modules that a file names through `crate::`.
#[derive(Default)]
struct Named(BTreeSet<String>);

impl Named {
    fn tree(&mut self, tree: &syn::UseTree, at_crate: bool) {
        match tree {
            syn::UseTree::Path(path) if path.ident == "crate" => self.tree(&path.tree, true),
            syn::UseTree::Path(path) if at_crate => {
                self.0.insert(path.ident.to_string());
            }
            syn::UseTree::Name(name) if at_crate => {
                self.0.insert(name.ident.to_string());
            }
            syn::UseTree::Rename(rename) if at_crate => {
                self.0.insert(rename.ident.to_string());
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.tree(item, at_crate)),
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Named {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&item.tree, false);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let mut segments = path.segments.iter();
        if segments.next().is_some_and(|first| first.ident == "crate")
            && let Some(module) = segments.next()
        {
            self.0.insert(module.ident.to_string());
        }
        syn::visit::visit_path(self, path);
    }
}

fn named_by(source: &str) -> BTreeSet<String> {
    let file = syn::parse_file(source).expect("the sources compile");
    let mut named = Named::default();
    named.visit_file(&file);
    named.0
}

fn sources_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("src is readable") {
        let path = entry.expect("src is readable").path();
        if path.is_dir() {
            sources_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn breaches(module: &str, named: &BTreeSet<String>, floors: &BTreeMap<&str, &[&str]>) -> Vec<String> {
    let allowed = floors[module];
    named
        .iter()
        .filter(|other| floors.contains_key(other.as_str()) && *other != module && !allowed.contains(&other.as_str()))
        .cloned()
        .collect()
}

#[test]
fn modules_name_only_the_floors_below() {
    let floors: BTreeMap<&str, &[&str]> = FLOORS.into_iter().collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources_below(&root, &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let inside = file.strip_prefix(&root).expect("found below src");
        let first = inside.components().next().expect("a file has a name").as_os_str().to_string_lossy().into_owned();
        let module = first.strip_suffix(".rs").unwrap_or(&first).to_owned();
        if ["lib", "bin", "build"].contains(&module.as_str()) {
            continue;
        }
        assert!(floors.contains_key(module.as_str()), "{module} stands on no floor: add it to the table");
        let source = std::fs::read_to_string(&file).expect("src is readable");
        for other in breaches(&module, &named_by(&source), &floors) {
            wrong.push(format!("{} names {other}", inside.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_way_to_name_a_module_is_seen() {
    let floors: BTreeMap<&str, &[&str]> = FLOORS.into_iter().collect();
    for source in [
        "use crate::store::Store;",
        "use crate::{text::Span, store};",
        "use crate::store as shop;",
        "fn f() { crate::store::open(); }",
        "fn f(x: crate::store::Store) {}",
        "mod tests { use crate::store::Store; }",
    ] {
        assert_eq!(breaches("text", &named_by(source), &floors), ["store"], "{source}");
    }
}

#[test]
fn floors_are_ordered() {
    let mut below = BTreeSet::new();
    for (module, may_name) in FLOORS {
        for other in may_name {
            assert!(below.contains(other), "{module} may not name {other}, which stands above it");
        }
        below.insert(module);
    }
}
