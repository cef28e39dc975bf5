//! One run as a Prometheus text file, for node_exporter's textfile collector.

use super::report::Report;
use std::fmt::Write;

/// The metrics of a run; `None` for one that failed.
pub fn metrics(report: Option<&Report>, ended: jiff::Timestamp) -> String {
    let mut text = String::new();
    let mut gauge = |name: &str, help: &str, value: f64| {
        let _ = writeln!(text, "# HELP vanban_{name} {help}\n# TYPE vanban_{name} gauge\nvanban_{name} {value}");
    };
    gauge("last_run_success", "Whether the last run ended well.", f64::from(u8::from(report.is_some())));
    gauge("last_run_timestamp_seconds", "When the last run ended.", ended.as_second() as f64);
    let Some(report) = report else { return text };
    let (totals, files) = (&report.documents, &report.files);
    gauge("last_run_duration_seconds", "How long the last run took.", report.seconds);
    gauge("last_run_read_bytes", "Bytes of files read in the last run.", report.bytes_read as f64);
    gauge("last_run_read_files", "Files read in the last run.", files.read as f64);
    gauge("last_run_published", "Whether the last run published a generation.", f64::from(u8::from(report.published)));
    gauge("generation", "Number of the current generation.", report.generation.unwrap_or_default() as f64);
    gauge("documents", "Documents held.", totals.documents as f64);
    gauge("documents_damaged", "Documents held that were damaged.", totals.damaged as f64);
    gauge("set_aside_files", "Files that could not be taken.", files.set_aside as f64);
    gauge("syllables", "Syllables of all documents.", totals.syllables as f64);
    gauge("syllables_changed", "Syllables that restoration changed.", totals.syllables_changed as f64);
    gauge("doubtful_readings", "Readings on which another came close.", totals.doubtful as f64);
    gauge("citations", "Citations found.", totals.citations as f64);
    gauge("citations_resolved", "Citations that lead to a document held.", totals.resolved as f64);
    let _ = writeln!(
        text,
        "# HELP vanban_last_run_stage_seconds Time by stage.\n# TYPE vanban_last_run_stage_seconds gauge"
    );
    for (stage, seconds) in &report.stages {
        let _ = writeln!(text, "vanban_last_run_stage_seconds{{stage=\"{stage}\"}} {seconds}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_comment_or_a_sample() {
        let mut report = Report { generation: Some(7), ..Report::default() };
        report.stages.insert("read".into(), 1.5);
        let text = metrics(Some(&report), jiff::Timestamp::from_second(12).unwrap());
        for line in text.lines().filter(|line| !line.starts_with("# ")) {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(name.starts_with("vanban_") && value.parse::<f64>().is_ok(), "{line}");
        }
        assert!(text.contains("vanban_generation 7\n") && text.contains("{stage=\"read\"} 1.5\n"));
        assert!(metrics(None, jiff::Timestamp::UNIX_EPOCH).contains("vanban_last_run_success 0\n"));
    }
}
