use super::channel::*;
use super::learn::Trainer;
#[test]
fn scratch_learn() {
    let dir = "/work/data/restore";
    let t0 = std::time::Instant::now();
    let mut trainer = Trainer::default();
    for f in ["legal_times", "party_times", "legal_mixed_fonts_a", "legal_mixed_fonts_b"] {
        for row in std::fs::read_to_string(format!("{dir}/{f}.tsv")).unwrap().lines() {
            if let Some((a, b)) = row.split_once('\t') { trainer.add_pair(a, b); }
        }
    }
    let lex = std::fs::read_to_string("/work/shared/lexicon/syllable_freq_legal_party.tsv").unwrap();
    let words: Vec<&str> = lex.lines().filter_map(|l| l.split_once('\t')).map(|x| x.0).collect();
    let tables = trainer.finish(words.iter().copied());
    eprintln!("learn {:?} rimes {} onset_reads {} rime_reads {} whole {} nov {} chunks {}", t0.elapsed(), tables.rimes.len(), tables.onset_reads.len(), tables.rime_reads.iter().map(|x| x.1.len()).sum::<usize>(), tables.whole_reads.iter().map(|x| x.1.len()).sum::<usize>(), tables.novelty.len(), tables.chunks.len());
    let bytes = tables.to_bytes();
    eprintln!("bytes {}", bytes.len());
    std::fs::write(format!("{dir}/channel.bin"), &bytes).unwrap();
}
#[test]
fn scratch_oracle() {
    let ch = Channel::from_bytes(&std::fs::read("/work/data/restore/channel.bin").unwrap()).unwrap();
    let lex = std::fs::read_to_string("/work/shared/lexicon/syllable_freq_legal_party.tsv").unwrap();
    let set: rustc_hash::FxHashSet<SyllableId> = lex.lines().filter_map(|l| l.split_once('\t')).filter(|x| x.1.parse::<u32>().unwrap() >= 5).filter_map(|x| ch.syllable(&crate::text::old_tone_placement(x.0))).collect();
    eprintln!("syllables {}", set.len());
    let (mut n, mut hit, mut rank1, mut ncand) = (0, 0, 0, 0);
    let mut misses = std::collections::BTreeMap::<(String, String), u32>::new();
    let mut t = std::time::Duration::ZERO;
    let mut out = Vec::new();
    for e in std::fs::read_dir("/work/shared/dev").unwrap() {
        let p = e.unwrap().path();
        let ps = p.to_str().unwrap();
        if !ps.ends_with(".clean.txt") { continue; }
        let a = std::fs::read_to_string(&p).unwrap();
        let b = std::fs::read_to_string(ps.replace(".clean.", ".ocr.")).unwrap();
        for (x, y) in a.lines().zip(b.lines()) {
            let xs: Vec<_> = x.split_whitespace().collect();
            let ys: Vec<_> = y.split_whitespace().collect();
            if xs.len() != ys.len() { continue; }
            for (w, r) in xs.iter().zip(&ys) {
                let Some((w, r)) = super::learn::cores(w, r) else { continue };
                let lower = crate::text::old_tone_placement(&w.to_lowercase());
                let Some(syl) = ch.syllable(&lower) else { continue };
                n += 1;
                let t0 = std::time::Instant::now();
                ch.readings(r, |s| set.contains(&s), &mut out);
                t += t0.elapsed();
                ncand += out.iter().take_while(|c| c.best() < out[0].best() + 4000).count();
                if out.iter().any(|c| c.syllable == syl) { hit += 1; } else { *misses.entry((w.to_owned(), r.to_owned())).or_default() += 1; }
                if out.first().is_some_and(|c| c.syllable == syl) { rank1 += 1; }
            }
        }
    }
    eprintln!("n {n} oracle {:.3} rank1 {:.3} cand {:.1} time/token {:?}", 100. * hit as f64 / n as f64, 100. * rank1 as f64 / n as f64, ncand as f64 / n as f64, t / n);
    let mut m: Vec<_> = misses.into_iter().collect();
    m.sort_by_key(|x| std::cmp::Reverse(x.1));
    for ((w, r), c) in m.iter().take(80) { eprint!("{w}/{r}:{c} "); }
    eprintln!();
}

#[test]
fn scratch_restore() {
    let dirs = std::env::var("DIRS").unwrap_or("/work/shared/dev".into());
    let model = super::Model::read(std::path::Path::new(&std::env::var("MODEL").unwrap_or("corpus/model/vanban.model".into()))).unwrap();
    let t0 = std::time::Instant::now();
    let ch = Channel::from_bytes(&std::fs::read("/work/data/restore/channel.bin").unwrap()).unwrap();
    let restorer = super::Restorer::with_channel(model, ch);
    eprintln!("start {:?}", t0.elapsed());
    let mut worker = restorer.worker();
    for dir in dirs.split(',') {
        let outdir = format!("/work/data/restore/out/{}", dir.rsplit('/').next().unwrap());
        std::fs::create_dir_all(&outdir).unwrap();
        let (mut t, mut bytes) = (std::time::Duration::ZERO, 0);
        for round in 0..2 {
        for e in std::fs::read_dir(dir).unwrap() {
            let p = e.unwrap().path();
            let ps = p.to_str().unwrap();
            if !ps.ends_with(".ocr.txt") { continue; }
            let b = std::fs::read_to_string(&p).unwrap();
            let t0 = std::time::Instant::now();
            let r = worker.restore(&b);
            if round == 1 { t += t0.elapsed(); bytes += b.len(); }
            std::fs::write(format!("{outdir}/{}", p.file_name().unwrap().to_str().unwrap().replace(".ocr.txt", ".txt")), r.text).unwrap();
        }}
        eprintln!("{dir}: {bytes} bytes {:?} {:.2} MB/s", t, bytes as f64 / 1e6 / t.as_secs_f64());
    }
}

#[test]
fn scratch_pack() {
    let path = std::path::Path::new("corpus/model/vanban.model");
    let model = super::Model::read(path).unwrap();
    let mut sections: Vec<(String, Vec<u8>)> = model.sections().map(|(n, _)| (n.to_owned(), model.section(n).to_vec())).filter(|x| x.0 != "channel" && x.0 != "case").collect();
    sections.push(("channel".into(), std::fs::read("/work/data/restore/channel.bin").unwrap()));
    if let Ok(b) = std::fs::read("/work/data/restore/case.bin") { sections.push(("case".into(), b)); }
    let refs: Vec<(&str, Vec<u8>)> = sections.iter().map(|(n, b)| (n.as_str(), b.clone())).collect();
    super::Model::new(&refs).write(path).unwrap();
}
