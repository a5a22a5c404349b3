//! The command line as its users meet it: exit codes, data on stdout, talk on stderr.

mod references;

use assert_cmd::Command;
use proptest::prelude::*;
use std::path::PathBuf;
use tempfile::TempDir;

/// A directory of its own for each test.
struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { dir: TempDir::new().unwrap() }
    }

    fn spec(&self, text: &str) -> PathBuf {
        let path = self.dir.path().join("question.toml");
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Exit code, stdout and stderr of a call made in this directory.
    fn run(&self, args: &[&str]) -> (i32, String, String) {
        let output = Command::cargo_bin("scorebound")
            .unwrap()
            .current_dir(self.dir.path())
            .env("NO_COLOR", "1")
            .args(args)
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
    }

    fn eval(&self, spec: &str) -> (i32, String, String) {
        self.spec(spec);
        self.run(&["eval", "question.toml"])
    }
}

/// The specification's own example.
const EXAMPLE: &str = r#"
[target.mixture]
weights   = [0.4, 0.6]
means     = [-1.5, 1.5]
variances = [0.6, 1.0]

[start.gaussian]
mean = 0.5
variance = 2.0
dim = 1

[error.fourier]
amplitude = 0.1
frequency = 2.0

[sampler.lmc]
step  = 0.05
steps = 20

[measure]
divergences = ["tv"]
"#;

#[test]
fn eval_prints_the_example_of_the_contract() {
    let (code, out, err) = Place::new().eval(EXAMPLE);
    assert_eq!(code, 0, "{err}");
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(found["engine"], "grid");
    let number = |v: &serde_json::Value| v.as_f64().unwrap();
    let tv = &found["divergences"]["tv"];
    assert_eq!(tv["evidence"], "checked");
    let truth = 0.069_495_863_203_231_91;
    assert!(number(&tv["lo"]) <= truth && truth <= number(&tv["hi"]) && number(&tv["hi"]) - number(&tv["lo"]) < 1e-12);
    let epsilon = &found["epsilon"][0];
    assert!(number(&epsilon["lo"]) >= 0.070_829_16 && number(&epsilon["hi"]) <= 0.070_829_17);
    assert_eq!(number(&epsilon["level"]), 0.0);
    assert!((number(&found["law"]["mean"][0]) - 0.468_380_530_383_386_7).abs() < 1e-12);
    assert!((number(&found["law"]["cov"][0][0]) - 2.652_797_288_255_457_5).abs() < 1e-12);
    let constants = &found["constants"];
    let l = &constants["lipschitz"];
    assert!(number(&l["lo"]) > 2.4331 && number(&l["hi"]) < 2.4332);
    assert!(number(&constants["lsi"]["lo"]) > 3.95 && number(&constants["lsi"]["hi"]) < 4.715);
    assert!((number(&constants["second-moment"]) - 3.09).abs() < 1e-12);
}

#[test]
fn explain_prints_the_ledger_by_name() {
    let place = Place::new();
    place.spec(EXAMPLE);
    let (code, out, err) = place.run(&["eval", "question.toml", "--explain"]);
    assert_eq!(code, 0);
    serde_json::from_str::<serde_json::Value>(&out).unwrap();
    for word in ["gaussian", "discretisation", "box exit", "spectrum", "rounding", "open"] {
        assert!(err.contains(word), "no `{word}` in {err}");
    }
}

/// Every wrong spec: exit code 2, nothing on stdout, the place and a word of help on stderr.
#[test]
fn wrong_specs_are_placed_and_explained() {
    let base = "[target.gaussian]\nmean = 0.0\nvariance = 1.0\ndim = 1\n[start.target]\n";
    let lmc = |body: &str| format!("{base}[sampler.lmc]\n{body}\n");
    let cases: Vec<(String, &str, &str)> = vec![
        ("x =".into(), "question.toml:1:", "TOML"),
        (lmc("stepp = 0.1\nsteps = 3"), "question.toml:7:1", "did you mean `step`"),
        (lmc("step = -0.1\nsteps = 3"), "question.toml:7:", "step"),
        (lmc("step = 0.1\nsteps = 0"), "question.toml:8:", "steps"),
        (lmc("step = nan\nsteps = 3"), "question.toml:7:", "step"),
        (lmc("step = 0.1\nsteps = 3\nhorizon = 1.0"), "question.toml:", "horizon"),
        (
            "[target.mixture]\nweights = [0.4, 0.7]\nmeans = [0.0, 1.0]\nvariances = [1.0, 1.0]\n[start.target]\n"
                .into(),
            "question.toml:2:",
            "sum to 1",
        ),
        (
            "[target.gaussian]\nmean = [0.0, 0.0]\ncov = [[1.0, 2.0], [2.0, 1.0]]\n[start.target]\n".into(),
            "question.toml:3:",
            "definite",
        ),
        (
            "[target.gaussian]\nmean = [0.0, 0.0]\ncov = [[1.0, 0.5], [0.4, 1.0]]\n[start.target]\n".into(),
            "question.toml:3:",
            "symmetric",
        ),
        ("[target.gaussian]\nmean = [0.0, 0.0]\ncov = [[1.0]]\n[start.target]\n".into(), "question.toml:", "dimension"),
        (
            format!("{base}[error.constant]\nepsilon = 0.1\namplitude = 0.1\n[sampler.lmc]\nstep = 0.1\nsteps = 3\n"),
            "question.toml:",
            "amplitude",
        ),
        (
            format!("{base}[error.constant]\nepsilon = 0.1\nat-steps = [0]\n"),
            "question.toml:8:",
            "`at-steps` confines the error to steps of a sampler",
        ),
        (
            "[target.product]\nfactors = [{ copies = 1, mixture = { weights = [0.5, 0.5], means = [1e200, -1e200], variance = 1e-3 } }, { copies = 1, gaussian = { mean = 0.0, variance = 1.0, dim = 1 } }]\n[start.target]\n[error.affine]\nepsilon = 0.1\n[sampler.lmc]\nstep = 1e-3\nsteps = 1\n".into(),
            "question.toml:4:",
            "no amplitude reaches epsilon",
        ),
        (
            format!("{}time = 1e308\n[process.ve]\n", lmc("step = 0.1\nsteps = 3")),
            "question.toml:1:",
            "cannot be formed in double precision",
        ),
        (format!("{base}[sampler.reverse-sde]\nscheme = \"exponential\"\n"), "question.toml:6:", "reverse-sde"),
        (
            format!("{}[measure]\ndivergences = [\"tvv\"]\n", lmc("step = 0.1\nsteps = 3")),
            "question.toml:",
            "did you mean",
        ),
        (
            format!("{}[measure]\ndivergences = [\"tv\"]\nengine = \"split\"\n", lmc("step = 0.1\nsteps = 3")),
            "question.toml:",
            "split",
        ),
    ];
    let case = |names: &str| format!("{}{names}", lmc("step = 0.1\nsteps = 3"));
    let figure = |body: &str| case(&format!("[sweep]\n\"sampler.lmc.step\" = [0.1, 0.2]\n[figure]\n{body}\n"));
    let more: Vec<(String, &str, &str)> = vec![
        (String::new(), "question.toml:1:", "the spec has no `target`"),
        (case("[[sweep.case]]\nstart.target = {}\n"), "question.toml:9:", "no `name`"),
        (case("[[sweep.case]]\nname = \"a\"\n[[sweep.case]]\nname = \"a\"\n"), "question.toml:12:", "two cases"),
        (figure("slopes = [{ of = \"zz\", power = 1.0 }]"), "question.toml:12:", "nothing called `zz`"),
        (figure("slopes = [{ on = \"LLT-99\", power = 1.0 }]"), "question.toml:12:", "no theorem"),
        (figure("x = \"lsj\""), "question.toml:12:", "not swept"),
        // Whatever a figure asks for is drawn, or refused here.
        (
            figure("y = [\"tv\", \"w2\"]\n[measure]\ndivergences = [\"tv\"]"),
            "question.toml:12:",
            "`w2` is not measured",
        ),
        (figure("y = [\"tv\", \"LLT-3b\"]"), "question.toml:12:", "not among the `theorems`"),
        (figure("y = [\"bound\"]"), "question.toml:12:", "no `theorems`"),
        (figure("y = [\"tv-twin\"]"), "question.toml:12:", "LLT-1, LLT-7b, LLT-8"),
        (figure("y = [\"prescribed-step\"]"), "question.toml:12:", "prescribed = "),
        (figure("y = [\"tv\"]\nslopes = [{ of = \"chi2\", power = 2.0 }]"), "question.toml:13:", "`chi2` is not drawn"),
        // Paths of sweeps.
        (case("[sweep]\nsampler.lmc.step = [0.1, 0.2]\n"), "question.toml:10:", "\"sampler.lmc.step\""),
        (case("[sweep]\n\"sampler.lmc.stp\" = [0.1, 0.2]\n"), "question.toml:10:", "`sampler.lmc.step`"),
        (case("[sweep]\n\"sampler.lmc.step\" = { log = [0.1, 0.2], n = 7 }\n"), "question.toml:10:", "unknown key `n`"),
        // Misspelt keys are named themselves.
        (base.replace("variance", "varience"), "question.toml:3:", "did you mean `variance`"),
        (format!("{base}[error.constant]\nepsilom = 0.1\n"), "question.toml:7:", "did you mean `epsilon`"),
        ("[start.prior]\n".into(), "question.toml:1:", "no `target`"),
        (format!("{base}[sampler.lmcc]\nstep = 0.1\n"), "question.toml:6:", "did you mean `lmc`"),
    ];
    for (spec, place, word) in cases.into_iter().chain(more) {
        let (code, out, err) = Place::new().eval(&spec);
        assert_eq!(code, 2, "{spec}\n{err}");
        assert!(out.is_empty(), "{out}");
        assert!(err.contains(place) && err.contains(word), "want `{place}` and `{word}`:\n{spec}\n{err}");
        assert!(!err.contains("panicked"), "{err}");
    }
    // A run called `.` would be written into the directory of all runs.
    let place = Place::new();
    for name in [".toml", "..toml", "...toml"] {
        std::fs::write(place.dir.path().join(name), EXPERIMENT).unwrap();
        let (code, _, err) = place.run(&["run", name]);
        let refused = code == 2 && err.contains("rename it");
        assert!(if name == ".toml" { code == 0 } else { refused }, "{name}: {code} {err}");
    }
    let (code, _, err) = Place::new().run(&["eval", "missing.toml"]);
    assert!(code == 2 && err.contains("missing.toml"), "{err}");
}

/// What `rates` asks must mean something, at its place; nothing of it may end as a missing threshold.
#[test]
fn wrong_rates_are_placed_and_explained() {
    let good = "solve-for = \"sampler.lmc.step\"\nsuch-that = \"kl <= 0.1\"\nbracket = [1e-6, 0.5]\n\
                exponents-of = [\"accuracy\"]\nsweep.accuracy = [1e-2, 1e-3]\n";
    let base = "[target.gaussian]\nmean = 0.0\nvariance = 1.0\ndim = 1\n[start.target]\n[sampler.lmc]\nstep = 0.1\n\
                steps = 3\n[rate]\n";
    let cases = [
        ("lmc.step", "lmc.stp", "question.toml:10:", "did you mean `step`"),
        ("kl <= 0.1", "kl <= -1", "question.toml:11:", "greater than 0"),
        ("kl <= 0.1", "kl <= 0", "question.toml:11:", "greater than 0"),
        ("kl <= 0.1", "tv <= 1", "question.toml:11:", "below 1"),
        ("kl <= 0.1", "kl >= 0.1", "question.toml:11:", "`<=`"),
        ("[1e-2, 1e-3]", "[1e-2]", "question.toml:14:", "two values"),
        ("[1e-2, 1e-3]", "[1e-2, 1e-2]", "question.toml:14:", "two values"),
        ("[1e-6, 0.5]", "[0.5]", "question.toml:12:", "1 number\n"),
        (
            "[\"accuracy\"]",
            "[\"sampler.lmc.steps\"]",
            "question.toml:13:",
            "did you mean `accuracy`|known are `accuracy`",
        ),
        ("sweep.accuracy = [1e-2, 1e-3]\n", "", "question.toml:13:", "nothing is swept here"),
    ];
    for (old, new, at, words) in cases {
        let place = Place::new();
        let spec = format!("{base}{}", good.replace(old, new));
        place.spec(&spec);
        let (code, out, err) = place.run(&["rates", "question.toml"]);
        assert!(code == 2 && out.is_empty(), "{code}\n{spec}\n{out}{err}");
        assert!(err.contains(at) && words.split('|').any(|w| err.contains(w)), "want `{at}` and `{words}`:\n{err}");
    }
    let place = Place::new();
    place.spec(&format!("{base}{good}"));
    assert_eq!(place.run(&["rates", "question.toml"]).0, 0);
}

#[test]
fn every_verb_has_help() {
    let place = Place::new();
    for verb in ["run", "verify", "rates", "eval", "report", "list", "show", "cite", "completions"] {
        let (code, out, _) = place.run(&[verb, "--help"]);
        assert!(code == 0 && out.contains("Usage"), "{verb}: {out}");
    }
    assert_eq!(place.run(&["no-such-verb"]).0, 2);
}

#[test]
fn statements_can_be_listed_shown_and_cited() {
    let place = Place::new();
    let (code, out, _) = place.run(&["list", "theorems", "--json"]);
    assert_eq!(code, 0);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&out).unwrap();
    assert_eq!(rows.len(), 15);
    for row in &rows {
        for key in ["id", "labels", "provenance", "about", "source"] {
            assert!(!row[key].is_null(), "{row}");
        }
    }
    let (code, out, _) = place.run(&["show", "LLT-6b"]);
    assert!(code == 0 && out.contains("derived here"), "{out}");
    let (code, out, _) = place.run(&["cite", "LLT-6b"]);
    assert!(code == 0 && out.contains("2206.06227"), "{out}");
    let (code, _, err) = place.run(&["show", "LLT-99"]);
    assert!(code == 2 && err.contains("labels are LLT-1, LLT-1b") && !err.contains("did you mean"), "{err}");
    let (_, out, _) = place.run(&["cite", "llt-6b", "LLT-3b", "--json"]);
    let cited: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(cited["keys"], serde_json::json!(["lee-lu-tan-2022", "scorebound"]));
    let twins: Vec<_> = rows.iter().filter(|r| r["divergence"] == "tv-twin").map(|r| &r["labels"][0]).collect();
    assert_eq!(twins, ["LLT-1", "LLT-7b", "LLT-8"]);
    assert!(rows.iter().all(|r| r["divergence"] != "tv-twin" || r["about"] == "tv"));
}

/// A copy more is a dimension more only beside what is there already: tables show d, records both.
#[test]
fn a_swept_number_of_copies_is_shown_as_the_dimension() {
    let place = Place::new();
    let one = "gaussian = { mean = 0.0, variance = 1.0, dim = 1 }";
    place.spec(&format!(
        "[target.product]\nfactors = [{{ copies = 3, {one} }}, {{ copies = 1, {one} }}]\n[start.gaussian]\nmean = 0.5\n\
         variance = 1.0\n[measure]\ndivergences = [\"kl\"]\n[sweep]\n\"target.product.factors.1.copies\" = [1, 100]\n\
         [figure]\nx = \"target.product.factors.1.copies\"\n"
    ));
    let (code, out, err) = place.run(&["run", "question.toml"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("| d   |") && out.contains("| 4   |") && out.contains("| 103 |"), "{out}");
    let dir = place.dir.path().join("results/runs/question");
    let text = std::fs::read_to_string(dir.join("records.csv")).unwrap();
    assert!(text.lines().next().unwrap().ends_with(",why,dim,seconds") && text.contains("\n1,100,kl"), "{text}");
    let svg = std::fs::read_to_string(dir.join("figure.svg")).unwrap();
    assert!(svg.contains("dimension d") && !svg.contains("copies"), "{svg}");
}

/// What a theorem prescribes stands in the records, in a table of its own, and in the figure beside what it promises.
#[test]
fn prescriptions_are_recorded_and_drawn() {
    let place = Place::new();
    place.spec(
        "theorems = [\"LLT-6b\"]\n[target.gaussian]\nmean = 0.0\nvariance = 1.0\ndim = 1\n[start.gaussian]\nmean = 0.5\n\
         variance = 1.0\n[error.constant]\nepsilon = \"prescribed\"\n[sampler.lmc]\n\
         prescribed = { theorem = \"LLT-6b\", accuracy-tv = 0.2, accuracy-chi = 1.0 }\n[measure]\ndivergences = [\"tv\"]\n\
         [sweep]\n\"target.gaussian.dim\" = [1, 10]\n[figure]\ny = [\"promised\", \"bound\", \"prescribed-step\"]\n",
    );
    let (code, out, err) = place.run(&["run", "question.toml"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("| promised TV |") && out.contains("| 0.7 "), "{out}");
    let dir = place.dir.path().join("results/runs/question");
    let text = std::fs::read_to_string(dir.join("records.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<std::collections::BTreeMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    for row in &rows {
        assert_eq!(row["promised"].parse::<f64>().unwrap(), 0.7);
        assert!(row["hi"].parse::<f64>().unwrap() <= 0.7, "{row:?}");
        for name in ["prescribed-step", "prescribed-steps", "prescribed-tau", "prescribed-epsilon"] {
            assert!(row[name].parse::<f64>().unwrap() > 0.0, "{row:?}");
        }
    }
    let svg = std::fs::read_to_string(dir.join("figure.svg")).unwrap();
    assert!(svg.contains("promised accuracy") && svg.contains("prescribed step h"), "{svg}");
}

/// `bound` means every bound, each beside the quantity it is about.
#[test]
fn a_figure_of_bounds_leaves_none_out() {
    let place = Place::new();
    place.spec(
        "theorems = [\"LLT-8\", \"LLT-4b\"]\n[target.gaussian]\nmean = 0.0\nvariance = 1.0\ndim = 1\n[start.target]\n\
         [error.constant]\namplitude = 0.1\n[sampler.lmc]\nstep = 0.1\nsteps = 5\n[measure]\ndivergences = [\"tv\"]\n\
         [sweep]\n\"sampler.lmc.step\" = [0.1, 0.05]\n[figure]\ny = [\"tv\", \"bound\"]\n",
    );
    assert_eq!(place.run(&["run", "question.toml"]).0, 0);
    let svg = std::fs::read_to_string(place.dir.path().join("results/runs/question/figure.svg")).unwrap();
    assert!(svg.contains("bound LLT-8") && svg.contains("bound LLT-4b"), "{svg}");
}

/// What certificates of constants cite can be shown, a bare label is understood, and a file is no run.
#[test]
fn cited_statements_can_be_shown() {
    let place = Place::new();
    for (label, word) in
        [("LLT-18e", "Holley"), ("LLT-19", "mixture"), ("llt-20c", "indefinite"), ("LLT-21", "Muckenhoupt")]
    {
        let (code, out, err) = place.run(&["show", label]);
        assert!(code == 0 && out.contains(word) && out.contains("not judged"), "{label}: {out}{err}");
    }
    let (code, _, err) = place.run(&["show", "6b"]);
    assert!(code == 2 && err.contains("did you mean `LLT-6b`"), "{err}");
    place.spec(EXAMPLE);
    let (code, _, err) = place.run(&["report", "question.toml"]);
    assert!(code == 2 && err.contains("is a file") && err.contains("results/runs/question"), "{err}");
}

#[test]
fn a_verb_of_a_later_version_says_so() {
    for args in [&["gate"][..], &["gate", "--target", "a.toml", "--exact"], &["gate", "plan", "--detect", "x"]] {
        let (code, out, err) = Place::new().run(args);
        assert!(code == 2 && out.is_empty() && err.contains("this version does not have `gate`"), "{err}");
    }
    let (code, _, err) = Place::new().run(&["list", "targets", "--seed", "-1"]);
    assert!(code == 2 && err.contains("invalid value '-1'") && !err.contains("-- -1"), "{err}");
}

#[test]
fn long_lists_of_numbers_stand_on_one_line() {
    let law = |mean: f64| format!("mean = {mean}\nvariance = 1.0\ndim = 2000\n");
    let spec =
        format!("[target.gaussian]\n{}[start.gaussian]\n{}[measure]\ndivergences = [\"kl\"]\n", law(0.0), law(0.5));
    let (code, out, err) = Place::new().eval(&spec);
    assert_eq!(code, 0, "{err}");
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(found["law"]["mean"].as_array().unwrap().len(), 2000);
    assert!(found["law"].get("cov").is_none() && out.lines().count() < 40, "{} lines", out.lines().count());
}

/// Twins, reasons and talk: what is compared has its own name, what failed is said, data and talk are apart.
#[test]
fn records_say_between_what_and_why() {
    let place = Place::new();
    let spec = "theorems = [\"llt-8\", \"LLT-7b\"]\n[target.gaussian]\nmean = 0.0\nvariance = 1.0\ndim = 1\n[start.target]\n\
                [error.constant]\namplitude = 0.5\n[sampler.lmc]\nstep = 0.1\nsteps = 5\n[measure]\n\
                divergences = [\"tv\"]\n[sweep]\n\"sampler.lmc.step\" = [0.1, 0.05]\n[figure]\nx = \"lsi\"\n";
    place.spec(spec);
    let (code, out, err) = place.run(&["run", "question.toml"]);
    assert_eq!(code, 0, "{err}");
    assert!(!out.contains("here things are") && err.contains("where things are"), "{out}\n{err}");
    let dir = place.dir.path().join("results/runs/question");
    let text = std::fs::read_to_string(dir.join("records.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<std::collections::BTreeMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    for row in &rows {
        let twin = matches!(row["theorem"].as_str(), "LLT-8" | "LLT-7b");
        assert_eq!(row["divergence"], if twin { "tv-twin" } else { "tv" });
        assert_eq!(row["why"].is_empty(), row["verdict"] != "HYPOTHESIS-FAILED", "{row:?}");
        assert!(row["verdict"] != "HYPOTHESIS-FAILED" || row["lo"].is_empty(), "{row:?}");
        assert!(row["lsi"].parse::<f64>().unwrap() >= 1.0);
    }
    assert_eq!(rows.iter().filter(|r| r["verdict"] == "HYPOTHESIS-FAILED").count(), 2);
    let why = &rows.iter().find(|r| r["theorem"] == "LLT-7b").unwrap()["why"];
    for file in ["table.md", "index.html"] {
        let text = std::fs::read_to_string(dir.join(file)).unwrap();
        let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
        assert!(plain.contains(&format!("[1] LLT-7b HYPOTHESIS-FAILED: {why}")), "{file}: {text}");
        assert!(
            file != "index.html"
                || text.matches("<h").count() - text.matches("<ht").count() - text.matches("<he").count() == 1
        );
    }
    assert_eq!(err.matches("LLT-7b: HYPOTHESIS-FAILED").count(), 1, "{err}");
    assert!(err.contains("2 cells, for example: LLT-7b") && err.contains(why.as_str()), "{err}");
    assert!(place.dir.path().join("results/runs/index.html").exists());
    let meta: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(dir.join("meta.json")).unwrap()).unwrap();
    assert_eq!(meta["checks"]["complete"], true);
    assert_eq!(meta["checks"]["no-violation"], true);
    assert_eq!(meta["checks"]["spec-committed"], false);
    let (code, out, err) = place.run(&["run", "question.toml", "--quiet"]);
    assert!(code == 0 && out.contains("| tv-twin") && err.is_empty(), "{out}\n{err}");
    let (code, out, err) = place.run(&["report", "results/runs/question", "--quiet"]);
    assert!(code == 0 && out.is_empty() && err.is_empty(), "{out}\n{err}");
    std::fs::remove_file(dir.join("meta.json")).unwrap();
    let (code, _, err) = place.run(&["report", "results/runs/question"]);
    assert!(code == 2 && err.contains("meta.json"), "{err}");
}

/// Rates belong to the first share; whoever comes later, or again, leaves a finished run alone.
#[test]
fn shares_leave_a_finished_run_alone() {
    let rates = "[target.gaussian]\nmean = 0.0\nvariance = 1.0\ndim = 1\n[start.target]\n[sampler.lmc]\nstep = 0.1\n\
                 steps = 3\n[rate]\nsolve-for = \"sampler.lmc.step\"\nsuch-that = \"kl <= 0.1\"\nbracket = [1e-6, 0.5]\n\
                 exponents-of = [\"accuracy\"]\nsweep.accuracy = [1e-2, 1e-3]\n";
    for (spec, orders) in [(rates, [["1/2", "2/2"], ["2/2", "1/2"]]), (EXPERIMENT, [["1/2", "2/2"], ["2/2", "1/2"]])] {
        for order in orders {
            let place = Place::new();
            place.spec(spec);
            let dir = place.dir.path().join("results/runs/question");
            for shard in order {
                assert_eq!(place.run(&["run", "question.toml", "--shard", shard]).0, 0);
            }
            let kept = || std::fs::read_to_string(dir.join("meta.json")).unwrap();
            let before = kept();
            assert!(before.contains("\"complete\": true") && !dir.join(".partial").exists(), "{order:?} {before}");
            for shard in order {
                let (code, _, err) = place.run(&["run", "question.toml", "--shard", shard]);
                assert!(code == 0 && err.contains("left as they are"), "{err}");
                assert!(kept() == before && !dir.join(".partial").exists(), "{}", kept());
            }
        }
    }
}

#[test]
fn work_that_cannot_be_resumed_is_said_to_be_dropped() {
    let place = Place::new();
    place.spec(EXPERIMENT);
    assert_eq!(place.run(&["run", "question.toml", "--shard", "1/2", "--seed", "1"]).0, 0);
    let (code, _, err) = place.run(&["run", "question.toml", "--shard", "1/2", "--seed", "2"]);
    assert!(code == 0 && err.contains("2 finished cells of an unfinished run (seed 1, not 2)"), "{err}");
    let (code, _, err) = place.run(&["run", "question.toml", "--shard", "1/2", "--seed", "2", "--quick"]);
    assert!(code == 0 && err.contains("(without --quick)"), "{err}");
}

#[test]
fn verify_prints_one_object_per_statement() {
    let place = Place::new();
    let (code, out, err) = place.run(&["verify", "LLT-3b", "LLT-2", "--instances", "3", "--json"]);
    assert_eq!(code, 0, "{err}");
    let rows: Vec<serde_json::Value> = serde_json::from_str(&out).unwrap();
    assert_eq!(rows.len(), 2);
    for row in rows {
        assert_eq!(row["instances"], 3);
        assert_eq!(row["violated"], 0);
        for key in ["id", "labels", "holds", "undecided", "vacuous", "hypothesis-failed", "ratio-min", "ratio-median"] {
            assert!(row.get(key).is_some(), "{row}");
        }
    }
}

/// A small experiment; records are the same bytes for one and for three threads, and in two shards.
const EXPERIMENT: &str = r#"
title = "small"
question = "does it run?"
theorems = ["LLT-3b"]
[target.gaussian]
mean = 0.0
variance = 1.0
dim = 1
[start.gaussian]
mean = 0.5
variance = 1.0
dim = 1
[sampler.lmc]
step = 0.01
steps = 100
[measure]
divergences = ["kl", "tv"]
[sweep]
"sampler.lmc.step" = [0.1, 0.01, 0.001]
"#;

/// records.csv without its last column.
fn records(place: &Place) -> String {
    let mut found = Vec::new();
    for entry in walk(place.dir.path()) {
        if entry.ends_with("records.csv") {
            found.push(entry);
        }
    }
    assert_eq!(found.len(), 1, "{found:?}");
    let text = std::fs::read_to_string(&found[0]).unwrap();
    text.lines().map(|l| l.rsplit_once(',').map_or(l, |c| c.0).to_string() + "\n").collect()
}

fn walk(dir: &std::path::Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(walk(&path)) } else { all.push(path) }
    }
    all
}

#[test]
fn records_do_not_depend_on_threads_or_shards() {
    let run = |args: &[&[&str]]| {
        let place = Place::new();
        place.spec(EXPERIMENT);
        for extra in args {
            let (code, _, err) = place.run(&[&["run", "question.toml"], *extra].concat());
            assert_eq!(code, 0, "{err}");
        }
        records(&place)
    };
    let one = run(&[&["--threads", "1"]]);
    assert_eq!(one.lines().count(), 1 + 3 * 2, "{one}");
    assert!(
        one.lines().next().unwrap().starts_with("cell,sampler.lmc.step,divergence,lo,hi,evidence,theorem"),
        "{one}"
    );
    assert_eq!(one, run(&[&["--threads", "3"]]));
    assert_eq!(one, run(&[&["--shard", "1/2"], &["--shard", "2/2"]]));
}

/// N(0, 1), started at N(`shift`, 1).
fn shifted(shift: f64) -> String {
    format!(
        "[target.gaussian]\nmean = 0.0\nvariance = 1.0\ndim = 1\n\
         [start.gaussian]\nmean = {shift}\nvariance = 1.0\ndim = 1\n"
    )
}

/// A slow coordinate that is still on its way at the horizon, and a hundred that are at home: KL has a floor near 0.005.
fn slow() -> String {
    let laws = |kind: &str, mean: f64| {
        format!(
            "[{kind}.product]\nfactors = [{{ copies = 1, gaussian = {{ mean = {mean:?}, variance = 100.0, dim = 1 }} }}, \
             {{ copies = 100, gaussian = {{ mean = 0.0, variance = 1.0, dim = 1 }} }}]\n"
        )
    };
    laws("target", 0.0) + &laws("start", 1.0)
}

/// A statement that is true everywhere is contradicted by no rate: what makes its exponent say nothing is named.
#[test]
fn rates_compare_only_what_the_statement_speaks_of() {
    let rate = |unknown: &str, condition: &str, bracket: &str, accuracies: &str| {
        format!(
            "[[rate]]\nsolve-for = \"{unknown}\"\nsuch-that = \"{condition}\"\nbracket = {bracket}\n\
             exponents-of = [\"accuracy\"]\nsweep.accuracy = {accuracies}\n"
        )
    };
    let by_step = |accuracies: &str| rate("sampler.lmc.step", "kl <= 0.01", "[1e-5, 0.9]", accuracies);
    let by_error = |shape: &str, condition: &str, accuracies: &str| {
        rate(&format!("error.{shape}.epsilon"), condition, "[1e-4, 20.0]", accuracies)
    };
    let constant = "[error.constant]\nepsilon = 0.1\n[sampler.lmc]\nstep = 0.01\nsteps = 200\n";
    let bump = "[error.bump]\nlo = 2.0\nhi = 4.0\nepsilon = 0.1\n[sampler.lmc]\nstep = 0.05\nsteps = 60\n";
    let damaged = "[error.constant]\namplitude = 0.1\n[sampler.lmc]\nstep = 1e-3\nhorizon = 20.0\n";
    let exact = "[sampler.lmc]\nstep = 1e-3\nhorizon = 20.0\n";
    let short = "[sampler.lmc]\nstep = 1e-3\nhorizon = 2.0\n";
    let cases = [
        // The statement compares two chains, the rate the output with the target.
        (
            "LLT-8",
            shifted(1.0) + constant,
            by_error("constant", "tv <= 0.5", "[0.3, 0.35, 0.4, 0.45]"),
            "the error-free q_N",
        ),
        (
            "LLT-4b",
            shifted(3.0) + bump,
            by_error("bump", "kl <= 0.1", "[0.08, 0.09, 0.1, 0.11]"),
            "not the size in L2(p)",
        ),
        // Fewer steps of one size are no better sampler: the step belongs to the number.
        (
            "LLT-3b",
            shifted(3.0) + "[sampler.lmc]\nstep = 0.01\nsteps = 100\n",
            rate("sampler.lmc.steps", "kl <= 0.01", "[1.0, 1e5]", "[0.1, 0.03, 0.01, 0.003]"),
            "here the step is 1e-2 throughout",
        ),
        ("LLT-3b", shifted(0.0) + damaged, by_step("[0.0085, 0.00857, 0.00864, 0.0087]"), "the score is exact"),
        ("LLT-3b", shifted(0.0) + exact, by_step("[0.01, 0.011, 0.012, 0.013]"), "h <= 1/(4 L)"),
        ("LLT-3b", slow() + short, by_step("[0.008, 0.0081, 0.0082, 0.0083]"), "holds at every point"),
        ("LLT-3b", slow() + short, by_step("[0.001, 0.03, 0.04, 0.05]"), "no threshold at 0.001"),
    ];
    for (label, situation, rate, reason) in cases {
        let place = Place::new();
        place.spec(&format!("title = \"t\"\nquestion = \"q\"\ntheorems = [\"{label}\"]\n{situation}{rate}"));
        let (code, out, err) = place.run(&["rates", "question.toml"]);
        assert_eq!(code, 0, "{label}: {out} {err}");
        assert!(out.contains("UNRESOLVED") && err.contains(reason), "{label}: {out} {err}");
    }
}

/// `all` stands for every statement, in specs and on the command line.
#[test]
fn all_means_every_statement() {
    let place = Place::new();
    place.spec(&format!(
        "theorems = [\"LLT-2\", \"all\"]\n{}[sampler.lmc]\nstep = 0.01\nsteps = 3\n[measure]\ndivergences = [\"tv\"]\n",
        shifted(0.1)
    ));
    let (code, _, err) = place.run(&["run", "question.toml", "--quiet"]);
    assert_eq!(code, 0, "{err}");
    let records = std::fs::read_to_string(place.dir.path().join("results/runs/question/records.csv")).unwrap();
    let (code, list, _) = place.run(&["show", "all", "--json"]);
    assert_eq!((code, list.lines().count()), (0, scorebound::bounds::THEOREMS.len()));
    for theorem in scorebound::bounds::THEOREMS {
        assert_eq!(records.matches(&format!(",{},", theorem.labels[0])).count(), 1, "{records}");
    }
    let (code, out, err) = place.run(&["verify", "all", "LLT-2", "--instances", "1", "--json", "--quiet"]);
    assert_eq!(code, 0, "{err}");
    let rows: Vec<serde_json::Value> = serde_json::from_str(&out).unwrap();
    assert_eq!(rows.len(), scorebound::bounds::THEOREMS.len());
}

/// What records say is believed only where their own numbers say it too; a violation is a violation when it is read again.
#[test]
fn reports_judge_again() {
    let place = Place::new();
    place.spec(EXPERIMENT);
    assert_eq!(place.run(&["run", "question.toml", "--quiet"]).0, 0);
    let path = place.dir.path().join("results/runs/question/records.csv");
    let honest = std::fs::read_to_string(&path).unwrap();
    let report = |text: &str| {
        std::fs::write(&path, text).unwrap();
        place.run(&["report", "results/runs/question", "--quiet"])
    };
    let (code, _, err) = report(&honest.replacen("HOLDS", "VIOLATED", 1));
    assert!(code == 2 && err.contains("records.csv: line ") && err.contains("column `verdict`"), "{code} {err}");
    // A bound far below what was measured, and the verdict that follows.
    let row = honest.lines().find(|line| line.contains(",HOLDS,")).unwrap();
    let mut fields: Vec<&str> = row.split(',').collect();
    let at = honest.lines().next().unwrap().split(',').position(|h| h == "bound_lo").unwrap();
    (fields[at], fields[at + 1]) = ("1e-30", "1e-30");
    let violated = honest.replacen(row, &fields.join(",").replace("HOLDS", "VIOLATED"), 1);
    assert_eq!(report(&violated).0, 1);
    assert_eq!(report(&honest).0, 0);
}

/// Only work with a journal says that it goes on from there.
#[cfg(unix)]
#[test]
fn an_interruption_promises_what_it_keeps() {
    let place = Place::new();
    for (args, says) in [(["verify", "LLT-6b"], "starts over"), (["run", "lmc_lsi"], "finished cells are kept")] {
        let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("scorebound"));
        child.current_dir(place.dir.path()).args(args).args(["--threads", "1"]);
        child.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped());
        let child = child.spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(400));
        std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && said.contains(says), "{args:?}: {said}");
    }
}

#[test]
fn an_unwritable_directory_is_an_error() {
    let place = Place::new();
    place.spec(EXPERIMENT);
    std::fs::write(place.dir.path().join("file"), "").unwrap();
    let (code, _, err) = place.run(&["run", "question.toml", "--out", "file/below"]);
    assert!(code == 2 && !err.contains("panicked"), "{code} {err}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Cutting a valid spec anywhere and splicing something in never panics: exit code 0 or 2.
    #[test]
    fn mutated_specs_never_panic(at in 0..EXAMPLE.len(), length in 0..12usize, splice in "[\\[\\]={}\"0-9.a-z,\n-]{0,8}") {
        let end = (at + length).min(EXAMPLE.len());
        let text = format!("{}{}{}", &EXAMPLE[..at], splice, &EXAMPLE[end..]);
        let (code, _, err) = Place::new().eval(&text);
        prop_assert!(code == 0 || code == 2, "{code}\n{text}\n{err}");
        prop_assert!(!err.contains("panicked"), "{text}\n{err}");
    }
}

/// A mixture on a line that is no axis, beside a Gaussian: every divergence is proved; values with 40 digits, on the line.
#[test]
fn eval_proves_the_distances_of_rotated_mixtures() {
    let place = Place::new();
    let spec = r#"
[start.mixture]
weights = [0.375, 0.625]
means   = [[-0.75, -1.0], [1.125, 1.5]]
covs    = [[[0.640625, 0.1875], [0.1875, 0.75]], [[0.5703125, 0.09375], [0.09375, 0.625]]]

[target.mixture]
weights = [0.5, 0.5]
means   = [[-0.75, -1.0], [0.75, 1.0]]
covs    = [[[0.765625, 0.1875], [0.1875, 0.875]], [[0.90625, 0.375], [0.375, 1.125]]]

[measure]
divergences = ["tv", "kl", "kl-reverse", "chi2", "renyi2", "hellinger-squared", "w2"]
"#;
    let (code, out, err) = place.eval(spec);
    assert_eq!(code, 0, "{err}");
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    let end = |d: &serde_json::Value, end: &str| d[end].as_f64().unwrap();
    for (name, d) in found["divergences"].as_object().unwrap() {
        assert_eq!(d["evidence"], "certified", "{name}: {d}");
        // TV of two factors is a bracket.
        let width = if name == "tv" { 4e-9 } else { 1e-12 };
        assert!(end(d, "hi") - end(d, "lo") < width, "{name}: {d}");
    }
    for (name, truth) in [
        ("kl", 0.158_658_735_843_823_99),
        ("kl-reverse", 0.151_140_476_543_017),
        ("chi2", 0.366_032_529_654_088_9),
        ("renyi2", 0.311_910_574_667_461_9),
    ] {
        let d = &found["divergences"][name];
        assert!(end(d, "lo") <= truth && truth <= end(d, "hi"), "{name}: {d} misses {truth}");
    }
}
