//! The gate: files of draws, faults, and what people type wrong.

use super::Place;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

const TARGET: &str = "[target.gaussian]\nmean = [1.0, -1.0]\nvariance = 2.0\n";

/// Draws of `N((1, -1), variance I)`, row by row; no seed was chosen.
pub(super) fn draws(n: usize, variance: f64) -> Vec<[f64; 2]> {
    seeded(n, variance, 1)
}

fn seeded(n: usize, variance: f64, seed: u64) -> Vec<[f64; 2]> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut one = |mean: f64| -> f64 {
        let z: f64 = StandardNormal.sample(&mut rng);
        mean + variance.sqrt() * z
    };
    (0..n).map(|_| [one(1.0), one(-1.0)]).collect()
}

/// A .npy file of this type and shape.
pub(super) fn npy(descr: &str, fortran: bool, shape: &str, data: &[u8]) -> Vec<u8> {
    let order = if fortran { "True" } else { "False" };
    let mut head = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}");
    while !(10 + head.len() + 1).is_multiple_of(64) {
        head.push(' ');
    }
    head.push('\n');
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((head.len() as u16).to_le_bytes());
    file.extend(head.as_bytes());
    file.extend(data);
    file
}

pub fn place() -> Place {
    let place = Place::new();
    place.spec(TARGET);
    place
}

impl Place {
    pub(super) fn file(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.dir.path().join(name), bytes).unwrap();
    }

    pub fn gate(&self, more: &[&str]) -> (i32, String, String) {
        let mut args = vec!["gate", "--target", "question.toml"];
        args.extend(more);
        self.run(&args)
    }
}

pub(super) fn bytes(rows: &[[f64; 2]]) -> Vec<u8> {
    rows.iter().flatten().flat_map(|x| x.to_le_bytes()).collect()
}

/// Right draws pass at false alarms of 1e-6, whatever they are written in; the counts are the same bytes at one and three threads.
#[test]
fn right_draws_pass_in_every_kind_of_file() {
    let place = place();
    let rows = draws(20_000, 2.0);
    place.file("a.npy", &npy("<f8", false, "(20000, 2)", &bytes(&rows)));
    let columns: Vec<u8> = (0..2).flat_map(|i| rows.iter().flat_map(move |row| row[i].to_le_bytes())).collect();
    place.file("f.npy", &npy("<f8", true, "(20000, 2)", &columns));
    let big: Vec<u8> = rows.iter().flatten().flat_map(|x| x.to_be_bytes()).collect();
    place.file("b.npy", &npy(">f8", false, "(20000, 2)", &big));
    let text: String = rows.iter().map(|[x, y]| format!("{x},{y}\n")).collect();
    place.file("a.csv", format!("x,y\n{text}").as_bytes());
    place.file("s.csv", text.replace(',', ";").as_bytes());
    let (code, all, err) = place.gate(&["--samples", "a.npy", "--json"]);
    assert_eq!(code, 0, "{err}");
    let found: serde_json::Value = serde_json::from_str(&all).unwrap();
    assert!(found["pass"] == true && found["n"] == 20_000 && found["alpha"] == 1e-6, "{all}");
    for test in found["tests"].as_array().unwrap() {
        for key in ["name", "statistic", "threshold", "p-bound", "detectable"] {
            assert!(test.get(key).is_some(), "{test}");
        }
    }
    for file in ["f.npy", "b.npy", "a.csv", "s.csv"] {
        assert_eq!(place.gate(&["--samples", file, "--json"]).1, all, "{file}");
    }
    assert_eq!(place.gate(&["--samples", "a.npy", "--json", "--threads", "1"]).1, all);
    let single: Vec<u8> = rows.iter().flatten().flat_map(|x| (*x as f32).to_le_bytes()).collect();
    place.file("single.npy", &npy("<f4", false, "(20000, 2)", &single));
    assert_eq!(place.gate(&["--samples", "single.npy"]).0, 0);
}

/// A variance that is 10 % too large is a fault at 20,000 draws, and the report names it.
#[test]
fn faults_fail_and_are_named() {
    let place = place();
    place.file("bad.npy", &npy("<f8", false, "(20000, 2)", &bytes(&draws(20_000, 2.2))));
    let (code, out, _) = place.gate(&["--samples", "bad.npy"]);
    assert!(code == 1 && out.starts_with("FAIL: 20000 draws in 2 dimensions"), "{out}");
    assert!(out.contains("variance of") && out.contains("larger"), "{out}");
    // Within a tenth in total variation it is allowed.
    let (code, out, _) = place.gate(&["--samples", "bad.npy", "--within", "tv=0.1"]);
    assert!(code == 0 && out.starts_with("PASS"), "{out}");
}

/// Draws of independent chains are units; the same rows as independent draws fail, since neighbours are equal.
#[test]
fn chains_are_the_units() {
    let place = place();
    let repeated: Vec<[f64; 2]> = draws(2000, 2.0).into_iter().flat_map(|row| [row; 10]).collect();
    place.file("chains.npy", &npy("<f8", false, "(2000, 10, 2)", &bytes(&repeated)));
    place.file("rows.npy", &npy("<f8", false, "(20000, 2)", &bytes(&repeated)));
    let (code, out, err) = place.gate(&["--samples", "chains.npy"]);
    assert!(code == 0 && out.contains("in 2000 independent groups"), "{out}{err}");
    let (code, out, _) = place.gate(&["--samples", "rows.npy"]);
    assert!(code == 1 && out.contains("rows 1 apart are not independent"), "{out}");
    assert_eq!(place.gate(&["--samples", "rows.npy", "--batches", "2000"]).0, 0);
    assert_eq!(place.gate(&["--samples", "rows.npy", "--batches", "7"]).0, 2);
}

/// A gate that cannot see what it is asked to see is an error, and the plan says how many draws it takes.
#[test]
fn a_blind_gate_is_an_error() {
    let place = place();
    place.file("few.npy", &npy("<f8", false, "(2000, 2)", &bytes(&draws(2000, 2.0))));
    let (code, _, err) = place.gate(&["--samples", "few.npy", "--detect", "variance=1%"]);
    assert!(code == 2 && err.contains("cannot see `variance=1%` with 2000 draws"), "{err}");
    assert_eq!(place.gate(&["--samples", "few.npy", "--detect", "variance=50%"]).0, 0);
    let (code, out, err) =
        place.run(&["gate", "plan", "--target", "question.toml", "--detect", "variance=1%", "--json"]);
    assert_eq!(code, 0, "{err}");
    let plan: serde_json::Value = serde_json::from_str(&out).unwrap();
    let needed = plan[0]["draws"].as_f64().unwrap();
    // At least what the best test of the variance of 2 n independent coordinates needs at these levels, at most twice that: its
    // exponent is (delta/2)^2 n.
    let best = (1e6_f64.ln().sqrt() + 1e3_f64.ln().sqrt()).powi(2) / 0.005_f64.powi(2) / 2.0;
    assert!(needed > best && needed < 2.0 * best, "{needed} {best}");
}

/// The exact law of a sampler's output is what draws are held against with --law; faults of its program have a plan.
#[test]
fn laws_of_samplers_are_known() {
    let place = place();
    let spec = "[target.gaussian]\nmean = 0.0\nvariance = 4.0\ndim = 1\n[start.gaussian]\nmean = 0.0\nvariance = 1.0\n\
        [sampler.lmc]\nstep = 0.1\nsteps = 8\n";
    std::fs::write(place.dir.path().join("lmc.toml"), spec).unwrap();
    // x <- (1 - h/4) x + sqrt(2h) xi, eight times from N(0, 1).
    let (mut variance, a) = (1.0, 1.0 - 0.1 / 4.0);
    (0..8).for_each(|_| variance = a * a * variance + 0.2);
    let rows: Vec<u8> = draws(20_000, variance).iter().flat_map(|row| (row[0] - 1.0).to_le_bytes()).collect();
    place.file("own.npy", &npy("<f8", false, "(20000, 1)", &rows));
    let (code, out, err) = place.run(&["gate", "--law", "lmc.toml", "--samples", "own.npy"]);
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(place.run(&["gate", "--target", "lmc.toml", "--samples", "own.npy"]).0, 1);
    let faults = ["noise=sqrt2", "missing-last-step", "step=2"];
    let mut args = vec!["gate", "plan", "--law", "lmc.toml"];
    faults.iter().for_each(|fault| args.extend(["--detect", fault]));
    let (code, out, err) = place.run(&args);
    assert!(code == 0 && faults.iter().all(|fault| out.contains(fault.trim_end_matches("sqrt2"))), "{out}{err}");
    let (code, _, err) = place.run(&["gate", "plan", "--law", "lmc.toml", "--detect", "off-by-one"]);
    assert!(code == 2 && err.contains("one level only"), "{err}");
}

#[test]
fn what_people_get_wrong() {
    let place = place();
    let rows = draws(100, 2.0);
    let good = npy("<f8", false, "(100, 2)", &bytes(&rows));
    place.file("cut.npy", &good[..good.len() - 8]);
    place.file("four.npy", &npy("<f8", false, "(4, 2)", &bytes(&rows)[..64]));
    place.file("two.npy", &[&good[..], &good[..]].concat());
    place.file("three.npy", &npy("<f8", false, "(50, 3)", &bytes(&rows)[..1200]));
    place.file("complex.npy", &npy("<c16", false, "(50, 2)", &bytes(&rows)));
    place.file("text.npy", b"1,2\n");
    place.file("words.csv", b"a,b\n1,2\n3,x\n");
    place.file("ragged.csv", b"1,2\n3\n");
    place.file("a.xlsx", b"");
    place.file("empty.csv", b"");
    let mut nans = rows.clone();
    nans[7][1] = f64::NAN;
    nans[9][0] = f64::INFINITY;
    place.file("nan.npy", &npy("<f8", false, "(100, 2)", &bytes(&nans)));
    place.file("one.npy", &npy("<f8", false, "(1, 100, 2)", &bytes(&rows)));
    place.file("good.npy", &good);
    for (more, says) in [
        (&["--samples", "cut.npy"][..], "cut short"),
        (&["--samples", "four.npy"], "4 draws are too few"),
        (&["--samples", "good.npy", "--batches", "10"], "10 independent groups are too few"),
        (&["--samples", "good.npy", "--alpha", "-1"], "--alpha -1 is no probability"),
        (&["--samples", "good.npy", "--law", "question.toml"], "has no `sampler`"),
        (&["--samples", "two.npy"], "goes on after an array of 100 rows"),
        (&["--samples", "three.npy"], "[50, 3]"),
        (&["--samples", "complex.npy"], "float16"),
        (&["--samples", "text.npy"], "numpy.save"),
        (&["--samples", "words.csv"], "line 3, column 2: `x` is no number"),
        (&["--samples", "ragged.csv"], "line 2 has 1 columns"),
        (&["--samples", "a.xlsx"], ".parquet"),
        (&["--samples", "empty.csv"], "too few"),
        (&["--samples", "missing.npy"], "missing.npy"),
        (&["--samples", "nan.npy"], "1 NaN and 1 infinite values; the first in row 7, column 1"),
        (&["--samples", "one.npy"], "--batches"),
        (&["--samples", "good.npy", "--within", "0.1"], "tv=X"),
        (&["--samples", "good.npy", "--alpha", "2"], "--alpha 2"),
        (&["--samples", "good.npy", "--detect", "colour"], "variance=1%"),
        (&["--samples", "good.npy", "--detect", "mode-weight=2%"], "no modes"),
        (&[], "--samples"),
    ] {
        let (code, out, err) = place.gate(more);
        assert!(code == 2 && out.is_empty() && err.contains(says), "{more:?}: {out}{err}");
    }
}

/// What --save keeps is what --baseline compares with: the same wrong sampler passes, a worse one fails.
#[test]
fn a_sampler_may_not_get_worse() {
    let place = place();
    let file = |name: &str, variance: f64, seed: u64| {
        place.file(name, &npy("<f8", false, "(50000, 2)", &bytes(&seeded(50_000, variance, seed))));
    };
    file("then.npy", 2.2, 1);
    file("now.npy", 2.2, 2);
    file("worse.npy", 2.6, 3);
    let (code, out, _) = place.gate(&["--samples", "then.npy", "--save", "kept.json", "--json"]);
    // Wrong it is, and kept all the same.
    assert!(code == 1 && place.dir.path().join("kept.json").exists(), "{out}");
    let (code, out, err) = place.gate(&["--samples", "now.npy", "--baseline", "kept.json"]);
    assert!(code == 0 && out.starts_with("PASS"), "{out}{err}");
    let (code, out, _) = place.gate(&["--samples", "worse.npy", "--baseline", "kept.json"]);
    assert!(code == 1 && out.contains("in the run that was kept"), "{out}");
    let kept = std::fs::read(place.dir.path().join("kept.json")).unwrap();
    assert!(kept.len() < 200_000, "{}", kept.len());
    place.file("half.json", &kept[..kept.len() / 2]);
    place.file("other.json", b"{\"pass\": true}");
    place.file("format.json", &String::from_utf8(kept).unwrap().replace("baseline/1", "baseline/9").into_bytes());
    for (file, says) in [
        ("half.json", "is no result that was kept"),
        ("other.json", "is no result that was kept"),
        ("format.json", "baseline/9"),
        ("none.json", "none.json"),
    ] {
        let (code, out, err) = place.gate(&["--samples", "now.npy", "--baseline", file]);
        assert!(code == 2 && out.is_empty() && err.contains(says), "{file}: {err}");
    }
    let (code, _, err) = place.gate(&["--samples", "now.npy", "--baseline", "kept.json", "--seed", "5"]);
    assert!(code == 2 && err.contains("another law, or for other random directions"), "{err}");
    let (code, _, err) = place.gate(&["--samples", "now.npy", "--save", "no/such/kept.json"]);
    assert!(code == 2 && err.contains("kept.json"), "{err}");
}
