//! Search side by side: builds, answers and times our index and a plain tantivy index of the same units.
//!
//! ```text
//! cargo bench --bench search -- copies DOCS.ndjson TIMES MORE.ndjson [FOLDER]
//! cargo bench --bench search -- units  DOCS.ndjson UNITS.ndjson
//! cargo bench --bench search -- build  DOCS.ndjson FOLDER
//! cargo bench --bench search -- write  DOCS.ndjson FOLDER
//! cargo bench --bench search -- answer FOLDER JUDGED.jsonl RUNS.tsv
//! cargo bench --bench search -- speed  FOLDER QUERIES.txt READERS
//! ```
//!
//! `benches/peers/search.sh` calls it in order, with the other engines beside it. Both indices are read and
//! written with the allocator of the program.

use serde::{Deserialize, Serialize};
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tantivy::collector::TopDocs;
use tantivy::query::QueryParser;
use tantivy::schema::{FAST, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions, Value};
use tantivy::snippet::SnippetGenerator;
use tantivy::tokenizer::{
    AsciiFoldingFilter, LowerCaser, SimpleTokenizer, TextAnalyzer, Token, TokenFilter, TokenStream, Tokenizer,
};
use tantivy::{Searcher, TantivyDocument};
use vanban::document::{Document, DocumentId};
use vanban::index::{Index, Query, Validity, WriteOptions, passages};

#[path = "search/copies.rs"]
mod copies;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Outcome<T> = Result<T, Box<dyn Error>>;

#[derive(Clone, Deserialize, Serialize)]
struct Paper {
    id: String,
    number: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    issuer: Option<String>,
    date: Option<String>,
    title: Option<String>,
    text: String,
}

#[derive(Deserialize)]
struct Judged {
    id: String,
    query: String,
}

fn main() -> Outcome<()> {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["copies", papers, times, out] => copies::write(papers, times.parse()?, out, None),
        ["copies", papers, times, out, folder] => copies::write(papers, times.parse()?, out, Some(Path::new(folder))),
        ["units", papers, out] => units(papers, out),
        ["build", papers, folder] => build(papers, Path::new(folder)),
        ["write", papers, folder] => write(papers, Path::new(folder)),
        ["answer", folder, judged, out] => answer(Path::new(folder), judged, out),
        ["speed", folder, queries, readers] => speed(Path::new(folder), queries, readers.parse()?),
        _ => {
            println!("give copies, units, build, write, answer or speed with its files; see benches/peers/search.sh");
            Ok(())
        }
    }
}

fn papers(path: &str) -> Outcome<impl Iterator<Item = Document>> {
    let lines = BufReader::with_capacity(1 << 20, File::open(path)?).lines();
    Ok(lines.map_while(Result::ok).filter_map(|line| {
        let paper: Paper = serde_json::from_str(&line).ok()?;
        let mut document = Document { id: DocumentId(paper.id), ..Document::default() };
        document.header.number = paper.number;
        document.header.kind = paper.kind;
        document.header.issuer = paper.issuer;
        document.header.title = paper.title;
        document.header.date = paper.date.and_then(|date| date.parse().ok());
        document.outline = vanban::outline::parse(&paper.text);
        document.restored.text = paper.text;
        Some(document)
    }))
}

/// What the other engines index: one line a unit, the same units as ours.
fn units(from: &str, to: &str) -> Outcome<()> {
    let mut out = BufWriter::new(File::create(to)?);
    for document in papers(from)? {
        for unit in passages(&document) {
            let line = serde_json::json!({
                "doc": document.id.0, "path": unit.path, "head": unit.head, "context": unit.context, "text": unit.text,
            });
            writeln!(out, "{line}")?;
        }
    }
    Ok(out.flush()?)
}

fn size(folder: &Path) -> Outcome<u64> {
    let mut sum = 0;
    for entry in std::fs::read_dir(folder)? {
        sum += entry?.metadata()?.len();
    }
    Ok(sum)
}

fn build(from: &str, folder: &Path) -> Outcome<()> {
    // Reading and dividing the papers is no part of either time.
    let documents: Vec<Document> = papers(from)?.collect();
    let bytes: usize = documents.iter().map(|document| document.restored.text.len()).sum();
    println!("documents\t{}\tbytes\t{bytes}", documents.len());
    let jobs = std::thread::available_parallelism()?.get();
    for round in 0..2 {
        let ours = folder.join("vanban");
        drop(std::fs::remove_dir_all(&ours));
        let start = Instant::now();
        let options = WriteOptions { jobs, memory: 512 << 20, binding: String::new() };
        Index::update(None, &ours, &[], &documents, &options)?;
        println!("build\tvanban\t{round}\t{:.2} s\t{} bytes", start.elapsed().as_secs_f64(), size(&ours)?);
        let same = folder.join("same");
        let start = Instant::now();
        build_same(&documents, &same, jobs)?;
        println!(
            "build\ttantivy, same fields\t{round}\t{:.2} s\t{} bytes",
            start.elapsed().as_secs_f64(),
            size(&same)?
        );
    }
    let plain = folder.join("plain");
    let start = Instant::now();
    build_plain(&documents, &plain, jobs)?;
    println!("build\ttantivy, plain\t0\t{:.2} s\t{} bytes", start.elapsed().as_secs_f64(), size(&plain)?);
    Ok(())
}

/// Our index alone, of more papers than fit into memory.
fn write(from: &str, folder: &Path) -> Outcome<()> {
    let ours = folder.join("vanban");
    drop(std::fs::remove_dir_all(&ours));
    let jobs = std::thread::available_parallelism()?.get();
    let start = Instant::now();
    let options = WriteOptions { jobs, memory: 512 << 20, binding: String::new() };
    let written = Index::update(None, &ours, &[], papers(from)?, &options)?;
    let seconds = start.elapsed().as_secs_f64();
    println!("write\tvanban\t{} documents\t{seconds:.2} s with reading\t{} bytes", written.documents, size(&ours)?);
    Ok(())
}

/// Pairs of neighbours, as a filter over any tokenizer.
#[derive(Clone)]
struct Shingles;

#[derive(Clone)]
struct ShingleTokenizer<T>(T);

struct ShingleStream<S> {
    inner: S,
    previous: Option<String>,
    token: Token,
}

impl TokenFilter for Shingles {
    type Tokenizer<T: Tokenizer> = ShingleTokenizer<T>;

    fn transform<T: Tokenizer>(self, tokenizer: T) -> ShingleTokenizer<T> {
        ShingleTokenizer(tokenizer)
    }
}

impl<T: Tokenizer> Tokenizer for ShingleTokenizer<T> {
    type TokenStream<'a> = ShingleStream<T::TokenStream<'a>>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Self::TokenStream<'a> {
        ShingleStream { inner: self.0.token_stream(text), previous: None, token: Token::default() }
    }
}

impl<S: TokenStream> TokenStream for ShingleStream<S> {
    fn advance(&mut self) -> bool {
        while self.inner.advance() {
            let next = self.inner.token();
            let Some(previous) = self.previous.replace(next.text.clone()) else { continue };
            self.token.text.clear();
            self.token.text.push_str(&previous);
            self.token.text.push(' ');
            self.token.text.push_str(&next.text);
            self.token.position = next.position;
            return true;
        }
        false
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

fn register(index: &tantivy::Index) {
    let lower = || TextAnalyzer::builder(SimpleTokenizer::default()).filter(LowerCaser);
    index.tokenizers().register("lower", lower().build());
    index.tokenizers().register("ascii", lower().filter(AsciiFoldingFilter).build());
    index.tokenizers().register("pairs", lower().filter(AsciiFoldingFilter).filter(Shingles).build());
}

fn text(tokenizer: &str, option: IndexRecordOption) -> TextOptions {
    TextOptions::default()
        .set_indexing_options(TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(option))
}

/// The fields of ours, cut by tantivy's own tokenizers.
fn build_same(documents: &[Document], folder: &Path, jobs: usize) -> Outcome<()> {
    drop(std::fs::remove_dir_all(folder));
    std::fs::create_dir_all(folder)?;
    let mut schema = Schema::builder();
    let id = schema.add_text_field("id", STRING | FAST);
    let place = schema.add_text_field("place", STRING);
    let exact = schema.add_text_field("exact", text("lower", IndexRecordOption::WithFreqsAndPositions));
    let folded = schema.add_text_field("folded", text("ascii", IndexRecordOption::WithFreqsAndPositions));
    let pairs = schema.add_text_field("pairs", text("pairs", IndexRecordOption::WithFreqs));
    let head = schema.add_text_field("head", text("ascii", IndexRecordOption::WithFreqs));
    let body = schema.add_bytes_field("body", STORED);
    let index = tantivy::Index::create_in_dir(folder, schema.build())?;
    register(&index);
    let mut writer = index.writer_with_num_threads(jobs, 512 << 20)?;
    for document in documents {
        for unit in passages(document) {
            let mut row = TantivyDocument::new();
            row.add_text(id, &document.id.0);
            row.add_text(place, unit.path.as_deref().unwrap_or_default());
            for field in [exact, folded] {
                row.add_text(field, &unit.text);
                row.add_text(field, &unit.context);
            }
            row.add_text(pairs, &unit.text);
            row.add_text(head, &unit.head);
            row.add_bytes(body, unit.text.as_bytes());
            writer.add_document(row)?;
        }
    }
    writer.commit()?;
    Ok(writer.wait_merging_threads()?)
}

/// What one gets by the manual: two folded fields and the default parser.
fn build_plain(documents: &[Document], folder: &Path, jobs: usize) -> Outcome<()> {
    drop(std::fs::remove_dir_all(folder));
    std::fs::create_dir_all(folder)?;
    let mut schema = Schema::builder();
    let id = schema.add_text_field("id", STRING | STORED);
    let title = schema.add_text_field("title", text("ascii", IndexRecordOption::WithFreqsAndPositions) | STORED);
    let body = schema.add_text_field("body", text("ascii", IndexRecordOption::WithFreqsAndPositions) | STORED);
    let index = tantivy::Index::create_in_dir(folder, schema.build())?;
    register(&index);
    let mut writer = index.writer_with_num_threads(jobs, 512 << 20)?;
    for document in documents {
        for unit in passages(document) {
            let mut row = TantivyDocument::new();
            row.add_text(id, &document.id.0);
            row.add_text(title, format!("{} \n{}", unit.head, unit.context));
            row.add_text(body, &unit.text);
            writer.add_document(row)?;
        }
    }
    writer.commit()?;
    Ok(writer.wait_merging_threads()?)
}

struct Plain {
    searcher: Searcher,
    all: QueryParser,
    any: QueryParser,
}

impl Plain {
    fn open(folder: &Path) -> Outcome<Plain> {
        let index = tantivy::Index::open_in_dir(folder)?;
        register(&index);
        let schema = index.schema();
        let fields = vec![schema.get_field("title")?, schema.get_field("body")?];
        let mut any = QueryParser::for_index(&index, fields);
        any.set_field_boost(schema.get_field("title")?, 2.0);
        let mut all = any.clone();
        all.set_conjunction_by_default();
        Ok(Plain { searcher: index.reader()?.searcher(), all, any })
    }

    /// Units with all words, then, if they are few, those with any; each document once.
    fn documents(&self, query: &str, limit: usize) -> Outcome<Vec<String>> {
        let id = self.searcher.schema().get_field("id")?;
        let mut found: Vec<String> = Vec::new();
        for parser in [&self.all, &self.any] {
            let (parsed, _) = parser.parse_query_lenient(query);
            for (_, address) in self.searcher.search(&parsed, &TopDocs::with_limit(limit * 8).order_by_score())? {
                let row: TantivyDocument = self.searcher.doc(address)?;
                let id = row.get_first(id).and_then(|value| value.as_str()).unwrap_or_default();
                if !found.iter().any(|known| known == id) {
                    found.push(id.to_owned());
                }
            }
            if found.len() >= limit {
                break;
            }
        }
        found.truncate(limit);
        Ok(found)
    }

    /// Ten hits with snippets.
    fn page(&self, query: &str) -> Outcome<usize> {
        let body = self.searcher.schema().get_field("body")?;
        let (parsed, _) = self.all.parse_query_lenient(query);
        let top = self.searcher.search(&parsed, &TopDocs::with_limit(10).order_by_score())?;
        let snippets = SnippetGenerator::create(&self.searcher, &*parsed, body)?;
        for (_, address) in &top {
            let row: TantivyDocument = self.searcher.doc(*address)?;
            std::hint::black_box(snippets.snippet_from_doc(&row));
        }
        Ok(top.len())
    }
}

fn answer(folder: &Path, judged: &str, out: &str) -> Outcome<()> {
    let index = Index::open(&folder.join("vanban"), Validity::default())?;
    let plain = Plain::open(&folder.join("plain"))?;
    let mut out = BufWriter::new(File::create(out)?);
    for line in BufReader::new(File::open(judged)?).lines() {
        let judged: Judged = serde_json::from_str(&line?)?;
        let query = Query { limit: 100, per_document: 1, facets: false, ..Query::new(&judged.query) };
        let mut found: Vec<String> = Vec::new();
        for hit in index.search(&query)?.hits {
            if !found.contains(&hit.card.id) {
                found.push(hit.card.id);
            }
        }
        for (engine, found) in [("vanban", found), ("tantivy", plain.documents(&judged.query, 100)?)] {
            for (rank, document) in found.iter().take(100).enumerate() {
                writeln!(out, "{engine}\t{}\t{}\t{document}", judged.id, rank + 1)?;
            }
        }
    }
    Ok(out.flush()?)
}

fn speed(folder: &Path, queries: &str, readers: usize) -> Outcome<()> {
    let queries: Vec<String> = BufReader::new(File::open(queries)?).lines().collect::<Result<_, _>>()?;
    let start = Instant::now();
    let index = Index::open(&folder.join("vanban"), Validity::default())?;
    println!("open\tvanban\t{:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    let plain = Plain::open(&folder.join("plain"))?;
    let ours = |query: &str| -> usize { index.search(&Query::new(query)).map_or(0, |results| results.hits.len()) };
    let lean = |query: &str| -> usize {
        index.search(&Query { facets: false, ..Query::new(query) }).map_or(0, |results| results.hits.len())
    };
    let theirs = |query: &str| -> usize { plain.page(query).unwrap_or(0) };
    measure("vanban", readers, &queries, &ours);
    measure("vanban, no facets", readers, &queries, &lean);
    measure("tantivy", readers, &queries, &theirs);
    Ok(())
}

fn measure(name: &str, readers: usize, queries: &[String], ask: &(dyn Fn(&str) -> usize + Sync)) {
    for query in queries.iter().take(50) {
        std::hint::black_box(ask(query));
    }
    let next = AtomicUsize::new(0);
    let before = processor_time();
    let rounds = if readers > 1 { 4 } else { 1 };
    let mut times: Vec<(Duration, usize)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..readers)
            .map(|_| {
                scope.spawn(|| {
                    let mut times = Vec::new();
                    loop {
                        let n = next.fetch_add(1, Ordering::Relaxed);
                        if n >= queries.len() * rounds {
                            return times;
                        }
                        let start = Instant::now();
                        std::hint::black_box(ask(&queries[n % queries.len()]));
                        times.push((start.elapsed(), n % queries.len()));
                    }
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    });
    times.sort_unstable();
    let at = |share: f64| times[((times.len() as f64 * share) as usize).min(times.len() - 1)].0.as_secs_f64() * 1e3;
    println!(
        "speed\t{name}\t{readers} readers\tmedian {:.2} ms\tp90 {:.2} ms\tp99 {:.2} ms\tprocessor {:.2} ms\tslowest `{}`",
        at(0.5),
        at(0.9),
        at(0.99),
        (processor_time() - before) * 1e3 / times.len() as f64,
        times.last().map_or("", |(_, n)| queries[*n].as_str())
    );
}

/// Seconds of processor time this process has used: what a busy machine cannot lengthen much.
fn processor_time() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // After the name, which may hold blanks: user and system time are the 12th and 13th, in hundredths.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}
