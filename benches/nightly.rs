//! The nightly job at work, as an operator runs it: the release binary on an archive on disk.
//!
//! ```text
//! cargo bench --bench nightly -- damage FROM TO [--every 2]   copy an archive, every second paper as an engine might have read it
//! cargo bench --bench nightly -- papers FOLDER --count N      write N short papers that cite one another
//! cargo bench --bench nightly -- first ARCHIVE                first build: MB/s, and memory over bytes read
//! cargo bench --bench nightly -- nights --counts 1000,10000   first build, a night with nothing, nights with one change
//! ```
//!
//! Prints tab-separated rows. Memory is the largest resident size of the process, files mapped by
//! the index included. Pin it to two processors with `taskset -c 0,1`.

use clap::Parser;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use vanban::restore::{Damage, Model};

#[derive(Parser)]
enum Task {
    Damage {
        from: PathBuf,
        to: PathBuf,
        /// Damage one paper in so many
        #[arg(long, default_value_t = 2)]
        every: usize,
    },
    Papers {
        folder: PathBuf,
        #[arg(long)]
        count: usize,
    },
    First {
        archive: PathBuf,
        #[arg(long, default_value_t = 2)]
        jobs: usize,
    },
    Nights {
        #[arg(long, value_delimiter = ',', default_values_t = [1_000, 10_000])]
        counts: Vec<usize>,
        /// Changed papers, each in a night of its own
        #[arg(long, default_value_t = 3)]
        changes: usize,
    },
}

fn main() -> Result<(), Box<dyn Error>> {
    // `cargo bench` gives this flag to every bench.
    let arguments = std::env::args().filter(|argument| argument != "--bench");
    match Task::parse_from(arguments) {
        Task::Damage { from, to, every } => damage(&from, &to, every),
        Task::Papers { folder, count } => Ok(papers(&folder, count)?),
        Task::First { archive, jobs } => first(&archive, jobs),
        Task::Nights { counts, changes } => nights(&counts, changes),
    }
}

fn damage(from: &Path, to: &Path, every: usize) -> Result<(), Box<dyn Error>> {
    let damage = Damage::new(&Model::embedded());
    let mut bytes = [0, 0];
    let files = walkdir::WalkDir::new(from).sort_by_file_name().into_iter().filter_map(Result::ok);
    for (n, file) in files.filter(|file| file.file_type().is_file()).enumerate() {
        let path = to.join(file.path().strip_prefix(from)?);
        fs::create_dir_all(path.parent().expect("it lies in a folder"))?;
        let text = fs::read_to_string(file.path())?;
        let damaged = n % every.max(1) == 0;
        let text = if damaged { damage.text(&text, n as u64) } else { text };
        bytes[usize::from(damaged)] += text.len();
        fs::write(path, text)?;
    }
    println!("clean\t{}\ndamaged\t{}", bytes[0], bytes[1]);
    Ok(())
}

/// The number and date of paper `n`.
fn identity(n: usize) -> (String, String) {
    let year = 1994 + n % 33;
    (format!("{}/{year}/QĐ-UBND", 1 + n / 33), format!("{:02}/{:02}/{year}", 1 + n % 28, 1 + n % 12))
}

fn paper(n: usize, note: &str) -> String {
    let (number, date) = identity(n);
    let cited: Vec<(String, String)> = [n / 2, n / 3, n / 7].map(identity).into();
    let [(base, base_date), (old, old_date), (other, other_date)] = &cited[..] else { unreachable!("three were made") };
    format!(
        "ỦY BAN NHÂN DÂN\nTỈNH SÔNG THAO\n-------\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n\n\
         Số: {number}\nSông Thao, ngày {date}\n\nQUYẾT ĐỊNH\nVề việc quản lý hồ sơ lưu trữ số {n} trên địa bàn tỉnh\n\n\
         ỦY BAN NHÂN DÂN TỈNH\n\n\
         Căn cứ Luật Tổ chức chính quyền địa phương ngày 19/6/2015;\n\
         Căn cứ Quyết định số {base} ngày {base_date} của Ủy ban nhân dân tỉnh;\n\
         Theo đề nghị của Giám đốc Sở Nội vụ tại Tờ trình số {n}/TTr-SNV,\n\nQUYẾT ĐỊNH:\n\n\
         Điều 1. Ban hành kèm theo Quyết định này Quy định về quản lý hồ sơ lưu trữ số {n}.\n\
         Điều 2. Quyết định này có hiệu lực thi hành kể từ ngày ký và thay thế Quyết định số {old} ngày {old_date} \
         của Ủy ban nhân dân tỉnh.\n\
         Điều 3. Việc lập hồ sơ thực hiện theo Quyết định số {other} ngày {other_date} của Ủy ban nhân dân tỉnh. {note}\n\
         Điều 4. Chánh Văn phòng Ủy ban nhân dân tỉnh, Giám đốc các sở, Thủ trưởng các ban, ngành, Chủ tịch Ủy ban \
         nhân dân các huyện, thị xã, thành phố và các tổ chức, cá nhân có liên quan chịu trách nhiệm thi hành Quyết định này./.\n\n\
         Nơi nhận:\n- Như Điều 4;\n- Lưu: VT.\nTM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH\n\nNguyễn Văn An\n"
    )
}

fn paper_path(folder: &Path, n: usize) -> PathBuf {
    folder.join(format!("{:03}/{n:07}.txt", n / 1000))
}

fn papers(folder: &Path, count: usize) -> std::io::Result<()> {
    for n in 0..count {
        let path = paper_path(folder, n);
        fs::create_dir_all(path.parent().expect("it lies in a folder"))?;
        fs::write(path, paper(n, ""))?;
    }
    Ok(())
}

/// One run of the binary: how long, the most memory, and memory over bytes read.
struct Run {
    seconds: f64,
    most: u64,
    curve: Vec<(u64, u64)>,
}

fn reindex(archive: &Path, store: &Path, jobs: usize) -> Result<Run, Box<dyn Error>> {
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_vanban"))
        .args(["reindex", "--keep", "2", "--jobs", &jobs.to_string(), "--store"])
        .args([store, archive])
        .stderr(Stdio::null())
        .spawn()?;
    let field = |file: &str, name: &str| -> Option<u64> {
        let text = fs::read_to_string(format!("/proc/{}/{file}", child.id())).ok()?;
        text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
    };
    let (mut most, mut curve) = (0, vec![(0, 0)]);
    let id = child.id();
    let mut wait = Duration::from_millis(1);
    let done = loop {
        most = most.max(field("status", "VmHWM:").unwrap_or_default() << 10);
        let read = field("io", "rchar:").unwrap_or_default();
        if read >= curve.last().map_or(0, |(read, _)| *read) + (64 << 20) {
            curve.push((read, field("status", "VmRSS:").unwrap_or_default() << 10));
        }
        // Not reaped before it was looked at: a process that has ended has no status any more.
        let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
        if stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z')) {
            break child.wait()?;
        }
        std::thread::sleep(wait);
        wait = (wait * 2).min(Duration::from_millis(20));
    };
    let seconds = begun.elapsed().as_secs_f64();
    if !matches!(done.code(), Some(0 | 3)) {
        return Err(format!("reindex ended with {done}").into());
    }
    Ok(Run { seconds, most, curve })
}

fn bytes_below(folder: &Path) -> u64 {
    let files = walkdir::WalkDir::new(folder).into_iter().flatten().filter(|entry| entry.file_type().is_file());
    files.filter_map(|file| file.metadata().ok()).map(|data| data.len()).sum()
}

fn first(archive: &Path, jobs: usize) -> Result<(), Box<dyn Error>> {
    let store = tempfile::tempdir()?;
    let bytes = bytes_below(archive);
    let run = reindex(archive, store.path(), jobs)?;
    println!("archive MB\tseconds\tMB/s\tmost memory MB\tstore MB");
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    println!(
        "{:.1}\t{:.1}\t{:.2}\t{:.0}\t{:.1}",
        megabytes(bytes),
        run.seconds,
        megabytes(bytes) / run.seconds,
        megabytes(run.most),
        megabytes(bytes_below(store.path()))
    );
    println!("\nread MB\tmemory MB");
    for (read, memory) in run.curve {
        println!("{:.0}\t{:.0}", megabytes(read), megabytes(memory));
    }
    Ok(())
}

fn nights(counts: &[usize], changes: usize) -> Result<(), Box<dyn Error>> {
    println!("papers\tnight\tseconds\tmost memory MB");
    for &count in counts {
        let folder = tempfile::tempdir()?;
        let (archive, store) = (folder.path().join("archive"), folder.path().join("store"));
        papers(&archive, count)?;
        let told = |night: &str, run: &Run| {
            println!("{count}\t{night}\t{:.2}\t{:.0}", run.seconds, run.most as f64 / 1e6);
        };
        told("first", &reindex(&archive, &store, 2)?);
        told("nothing changed", &reindex(&archive, &store, 2)?);
        for n in 0..changes {
            let changed = (n + 1) * count / (changes + 1);
            fs::write(paper_path(&archive, changed), paper(changed, "Hồ sơ được sắp xếp lại hằng năm."))?;
            told("one changed", &reindex(&archive, &store, 2)?);
        }
    }
    Ok(())
}
