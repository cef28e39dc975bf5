//! Full-text search over documents and articles, with marks, without marks, in either spelling.
