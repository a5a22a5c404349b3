//! Tables of data as targets.

use super::Place;

const TABLE: &str = "a,b,kind\n1,10,x\n5,40,y\n1,10,x\n3,20,y\n";
const CSV: &str = "[data.csv]\nfile = \"t.csv\"\n";
const TRAINED: &str = "[score.learned]\nsamples = 60\nearly-stop = 0.1\ntest = 200\nanchors = 100\n";
const SAMPLER: &str =
    "[sampler.reverse-sde]\nscheme = \"exponential-minus\"\nhorizon = 2.0\nearly-stop = 0.1\nsteps = 6\n";
const TV: &str = "[measure]\ndivergences = [\"tv\", \"kl\"]\nagainst = \"early-stopped\"\n";

fn place() -> Place {
    let place = Place::new();
    std::fs::write(place.dir.path().join("t.csv"), TABLE).unwrap();
    place
}

/// One column is the law of its numbers, standardised: the same as the points written out.
#[test]
fn a_column_is_the_law_of_its_points() {
    let place = place();
    let found = |target: &str| {
        let (code, out, err) = place.eval(&format!("{target}{SAMPLER}{TV}"));
        assert_eq!(code, 0, "{err}");
        let mut out: serde_json::Value = serde_json::from_str(&out).unwrap();
        let data = out.as_object_mut().unwrap().remove("data");
        (out, data)
    };
    // Mean 2.5, variance 2.75.
    let sd = 2.75_f64.sqrt();
    let atoms = [-1.5 / sd, 2.5 / sd, 0.5 / sd];
    let written = format!("[target.points]\nweights = [0.5, 0.25, 0.25]\npoints = {atoms:?}\n");
    let (of_table, data) = found(&format!("{CSV}columns = [\"a\"]\n"));
    assert_eq!((of_table, None), found(&written));
    // What was made of the table stands beside it.
    let data = data.unwrap();
    assert_eq!((&data["file"], &data["rows"], &data["distinct"]), (&"t.csv".into(), &4.into(), &3.into()));
    let column = &data["columns"][0];
    assert_eq!((&column["name"], &column["mean"]), (&"a".into(), &2.5.into()));
    assert!((column["scale"].as_f64().unwrap() - sd).abs() < 1e-15, "{column}");
    let plain = "[target.points]\nweights = [0.5, 0.25, 0.25]\npoints = [1.0, 5.0, 3.0]\n";
    let (of_table, data) = found(&format!("{CSV}columns = [0]\nstandardise = false\n"));
    assert_eq!((of_table, None), found(plain));
    assert_eq!(data.unwrap()["columns"], serde_json::json!([{ "name": "a" }]));
}

#[test]
fn scores_of_tables_are_learned_and_their_files_looked_at_again() {
    let place = place();
    place.spec(&format!("{CSV}columns = [\"a\", \"b\"]\n{TRAINED}[measure]\nlearning = [\"total\", \"bias\"]\n"));
    let run = || {
        let (code, _, err) = place.run(&["run", "question.toml", "--out", "runs", "--quiet"]);
        assert_eq!(code, 0, "{err}");
        let read = |name: &str| std::fs::read_to_string(place.dir.path().join("runs/question").join(name)).unwrap();
        let meta: serde_json::Value = serde_json::from_str(&read("meta.json")).unwrap();
        let data = &meta["data"][0];
        assert_eq!((&data["rows"], &data["distinct"], &data["cells"]), (&4.into(), &3.into(), &vec![0].into()));
        assert_eq!(data["columns"][1]["name"], "b", "{data}");
        (read("records.csv").lines().nth(1).unwrap().split(',').nth(2).unwrap().to_owned(), meta["files"].clone())
    };
    let (first, files) = run();
    assert!(first.parse::<f64>().unwrap() > 0.0 && files.as_str().unwrap().len() == 64, "{first} {files}");
    std::fs::write(place.dir.path().join("t.csv"), TABLE.replace("5,40", "6,40")).unwrap();
    let (second, others) = run();
    assert!(first != second && files != others, "{first} {second} {files}");
}

/// A built-in experiment brings its table along.
#[test]
fn the_built_in_table_is_found_from_anywhere() {
    let place = Place::new();
    let (code, _, err) = place.run(&["run", "learned_table", "--quick", "--out", "runs", "--quiet"]);
    assert_eq!(code, 0, "{err}");
    let records = std::fs::read_to_string(place.dir.path().join("runs/learned_table/records.csv")).unwrap();
    assert!(records.lines().count() > 50 && records.lines().skip(1).all(|row| row.contains(",checked,")), "{records}");
}

#[test]
fn targets_are_listed() {
    let (code, out, _) = Place::new().run(&["list", "targets"]);
    assert_eq!(code, 0);
    for (name, what) in
        [("box-mixture", "conditioned on a cube"), ("data.csv", "rows of a table"), ("product", "blocks")]
    {
        assert!(out.lines().any(|line| line.starts_with(name) && line.contains(what)), "{name}: {out}");
    }
}

#[test]
fn wrong_things_about_tables_are_named() {
    let place = place();
    std::fs::write(place.dir.path().join("bad.csv"), "a,b\n1,2\n3,four\n").unwrap();
    let measured = format!("{TRAINED}[measure]\nlearning = [\"total\"]\n");
    for (spec, at, expected) in [
        (format!("[data.csv]\nfile = \"none.csv\"\n{measured}"), "question.toml:2:8", "`none.csv` cannot be read"),
        (format!("[data.csv]\nfile = \"bad.csv\"\n{measured}"), "bad.csv:3:3", "this cell is \"four\""),
        (format!("{CSV}{measured}"), "t.csv:2:6", "this cell is \"x\""),
        (format!("[data.csv]\n{measured}"), "question.toml:1:1", "`data.csv` has no `file`"),
        (format!("[data.tsv]\nfile = \"t.csv\"\n{measured}"), "question.toml:1:7", "unknown key `tsv` in `data`"),
        (
            format!("{CSV}columns = [0]\n{measured}[target.points]\nweights = [1.0]\npoints = [0.0]\n"),
            "question.toml:1:2",
            "`data` beside `target`",
        ),
        (
            format!("{CSV}columns = [0]\n{SAMPLER}[measure]\ndivergences = [\"tv\"]\n"),
            "question.toml:1:1",
            "discrete points have no density at sigma = 0",
        ),
    ] {
        let (code, _, err) = place.eval(&spec);
        assert!(code == 2 && err.contains(expected) && err.contains(at), "{spec}\n{at} {expected}\n{err}");
    }
    let many: String = (0..6000).map(|k| format!("{k}\n")).collect();
    std::fs::write(place.dir.path().join("many.csv"), many).unwrap();
    let (code, _, err) = place.eval(&format!("[data.csv]\nfile = \"many.csv\"\n{SAMPLER}{TV}"));
    assert!(code == 2 && err.contains("6000 distinct rows") && err.contains("question.toml:3:2"), "{err}");
    // A line of the table is shown, and what to do.
    let (_, _, err) = place.eval(&format!("[data.csv]\nfile = \"bad.csv\"\n{measured}"));
    assert!(err.contains("3,four") && err.contains("take out rows with missing values"), "{err}");
}
