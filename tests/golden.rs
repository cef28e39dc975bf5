//! One folder a document, one snapshot a stage, so that a difference shows which arrow broke.

use insta::{Settings, assert_json_snapshot, assert_snapshot, glob};
use vanban::document::{Document, DocumentId};
use vanban::restore::{Model, Restorer};

#[test]
fn documents() {
    let restorer = Restorer::new(Model::embedded());
    glob!("../fixtures/documents", "*/source.txt", |path| {
        let folder = path.parent().expect("a source lies in its folder");
        let bytes = std::fs::read(path).expect("the source is readable");
        let document = Document::read(DocumentId("source.txt".into()), &bytes, &mut restorer.worker())
            .expect("the sources are text");
        let record = document.record();
        let mut settings = Settings::clone_current();
        settings.set_snapshot_path(folder);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.remove_snapshot_suffix();
        settings.remove_input_file();
        settings.bind(|| {
            assert_snapshot!("restored", record.restored);
            let outline: Vec<String> = record
                .outline
                .iter()
                .map(|node| {
                    format!("{:<44} {}", node.path, node.heading.as_deref().unwrap_or("")).trim_end().to_owned()
                })
                .collect();
            assert_snapshot!("outline", outline.join("\n"));
            assert_json_snapshot!("header", record.header);
            let citations: Vec<String> = record
                .citations
                .iter()
                .map(|citation| {
                    format!(
                        "{:?} {} | {} | {} | {} | {:?} | {}",
                        citation.relation,
                        citation.number.as_deref().or(citation.name.as_deref()).unwrap_or("-"),
                        citation.kind.as_deref().unwrap_or("-"),
                        citation.date.map_or("-".into(), |date| date.to_string()),
                        citation.issuer.as_deref().unwrap_or("-"),
                        citation.locators,
                        citation.path.as_deref().unwrap_or("-"),
                    )
                })
                .collect();
            assert_snapshot!("citations", citations.join("\n"));
        });
    });
}
