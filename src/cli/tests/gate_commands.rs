//! The gate and programs that draw.

use super::Place;
use super::gate::{bytes, draws, npy};
use std::time::{Duration, Instant};

const TARGET: &str = "[target.gaussian]\nmean = [1.0, -1.0]\nvariance = 2.0\n";

fn place() -> Place {
    let place = Place::new();
    place.spec(TARGET);
    place
}

fn gate(place: &Place, more: &[&str]) -> (i32, String, String) {
    let mut args = vec!["gate", "--target", "question.toml"];
    args.extend(more);
    place.run(&args)
}

/// The draws of a program are judged like those of a file; it is told what to draw.
#[test]
#[cfg(unix)]
fn programs_draw() {
    let place = place();
    place.file("good.npy", &npy("<f8", false, "(20000, 2)", &bytes(&draws(20_000, 2.0))));
    place.file("bad.npy", &npy("<f8", false, "(20000, 2)", &bytes(&draws(20_000, 2.2))));
    let run = |command: &str, more: &[&str]| {
        let mut all = vec!["--sampler-cmd", command];
        all.extend(more);
        gate(&place, &all)
    };
    let (code, out, err) = run("sh -c 'cat > told.json; cat good.npy'", &["--draws", "20000", "--seed", "7", "--json"]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(out, gate(&place, &["--samples", "good.npy", "--json", "--seed", "7"]).1);
    let told = std::fs::read_to_string(place.dir.path().join("told.json")).unwrap();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["protocol"], "scorebound-sampler/1");
    assert_eq!((&told["samples"], &told["seed"], &told["dim"]), (&20_000.into(), &7.into(), &2.into()));
    assert_eq!(told["target"]["means"], serde_json::json!([[1.0, -1.0]]));
    assert_eq!(told["target"]["covariances"], serde_json::json!([2.0]));
    // A program that does not read what it is told, and one that writes text.
    assert_eq!(run("cat good.npy", &["--draws", "20000"]).0, 0);
    assert_eq!(run("cat bad.npy", &["--draws", "20000"]).0, 1);
    let text: String = draws(20_000, 2.0).iter().map(|[x, y]| format!("{x},{y}\n")).collect();
    place.file("good.csv", text.as_bytes());
    assert_eq!(run("cat good.csv", &["--draws", "20000"]).0, 0);
    // What --detect needs is asked for.
    let (code, _, err) = run("cat good.npy", &["--detect", "variance=20%"]);
    assert!(code == 0 && err.contains("is asked for"), "{err}");
    // The folder of the target is gone again.
    assert!(!std::path::Path::new(told["module"].as_str().unwrap()).exists());
}

/// What a program can get wrong is an error with exit code 2 that tells its last words, and none outlives its time.
#[test]
#[cfg(unix)]
fn programs_that_fail() {
    let place = place();
    place.file("good.npy", &npy("<f8", false, "(2000, 2)", &bytes(&draws(2000, 2.0))));
    let asked = ["--draws", "2000", "--timeout", "2"];
    for (command, says) in [
        ("no-such-program", "cannot be started"),
        ("sh -c 'echo no such module >&2; exit 3'", "ended with exit code 3; its last words"),
        ("sh -c 'cat good.npy; exit 3'", "ended with exit code 3"),
        ("sh -c 'kill -9 $$'", "ended by signal 9"),
        ("sh -c 'head -c 300 good.npy'", "cut short"),
        ("sh -c 'echo hello'", "hello"),
        ("sh -c 'cat good.npy; echo done'", "goes on after an array of 2000 rows"),
        ("true", "there is nothing"),
        ("sh -c 'sleep 60'", "was not done after 2 seconds"),
        // Its output is done and it is not; and one that leaves another behind.
        ("sh -c 'cat good.npy; exec >&-; sleep 60'", "was not done after 2 seconds"),
        ("sh -c 'sleep 60 & sleep 60'", "was not done after 2 seconds"),
        ("sh -c 'head -c 300 good.npy; sleep 60'", "was not done after 2 seconds"),
        ("sh -c 'cat good.npy' 'oops", "a quote is not closed"),
        ("", "no command"),
    ] {
        let started = Instant::now();
        let mut all = vec!["--sampler-cmd", command];
        all.extend(asked);
        let (code, out, err) = gate(&place, &all);
        assert!(code == 2 && out.is_empty() && err.contains(says), "{command}: {code} {out}{err}");
        assert!(started.elapsed() < Duration::from_secs(40), "{command}");
    }
    let few = ["--sampler-cmd", "cat good.npy", "--draws", "3000"];
    let (code, _, err) = gate(&place, &few);
    assert!(code == 2 && err.contains("wrote 2000 rows where 3000 were asked for"), "{err}");
    for (more, says) in [
        (&["--sampler-cmd", "cat good.npy", "--samples", "good.npy"][..], "cannot be used with"),
        (&["--sampler-cmd", "cat good.npy", "--timeout=-1"], "--timeout -1 is no time"),
        (&["--samples", "good.npy", "--draws", "10"], "cannot be used with"),
        (&["--samples", "good.npy", "--timeout", "10"], "cannot be used with"),
    ] {
        let (code, _, err) = gate(&place, more);
        assert!(code == 2 && err.contains(says), "{more:?}: {err}");
    }
}
