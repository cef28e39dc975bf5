use std::io::Read;
fn main() {
    for a in std::env::args().skip(1) {
        let mut b = vec![];
        std::fs::File::open(&a).unwrap().read_to_end(&mut b).unwrap();
        let t = std::time::Instant::now();
        match vanban::source::read(&a, &b, &Default::default()) {
            Ok(ps) => {
                for p in ps {
                    match p.content {
                        Ok(d) => {
                            println!(
                                "=== {a}{} {} line {} pages {:?} {:?} {:?}",
                                p.suffix,
                                d.encoding,
                                p.first_line,
                                p.pages,
                                d.defects,
                                t.elapsed()
                            );
                            if std::env::var_os("Q").is_none() {
                                println!("{}", d.text)
                            }
                            if let Ok(l) = std::env::var("L") {
                                let n: usize = l.parse().unwrap();
                                for x in d.text.lines().skip(n - 1).take(3) {
                                    println!("{x}")
                                }
                            }
                        }
                        Err(r) => println!("=== {a}{} REFUSED {r:?}", p.suffix),
                    }
                }
            }
            Err(r) => println!("=== {a} REFUSED {r:?} {:?}", t.elapsed()),
        }
    }
}
