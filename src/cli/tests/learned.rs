//! Learned scores as their users meet them.

use super::Place;

const POINTS: &str = "[target.points]\nweights = [0.5, 0.5]\npoints = [-1.0, 1.0]\n";
const TRAINED: &str = "[score.learned]\nsamples = 60\nearly-stop = 0.1\ntest = 200\nanchors = 100\n";
const SAMPLER: &str =
    "[sampler.reverse-sde]\nscheme = \"exponential-minus\"\nhorizon = 2.0\nearly-stop = 0.1\nsteps = 6\n";

/// A network of two neurons, f(t, x) = (max(0, x) - max(0, -x))/sqrt(2) = x/sqrt(2), projected onto [-1, 1].
const FILE: &str = r#"{"format": "scorebound-learned-score-1", "early-stop": 0.1, "horizon": 2.0, "bias": true, "radius": 1.0,
 "network": {"inner": [[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]], "outer": [[1.0], [-1.0]]}}"#;

#[test]
fn eval_prints_what_is_asked_of_a_learned_score() {
    let place = Place::new();
    let (code, out, err) =
        place.eval(&format!("{POINTS}{TRAINED}[measure]\nlearning = [\"total\", \"bias\", \"steps\"]\n"));
    assert_eq!(code, 0, "{err}");
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    let learning = found["learning"].as_object().unwrap();
    assert_eq!(learning.len(), 3);
    assert!(found["divergences"].as_object().unwrap().is_empty(), "{found}");
    for (name, measured) in learning {
        assert!(measured["lo"].as_f64().unwrap() > 0.0 && measured["evidence"] == "checked", "{name} {measured}");
    }
    // What nobody asked for is not there, and what cannot be answered says why.
    let (code, _, err) = place.eval(&format!("{POINTS}{TRAINED}[measure]\nlearning = [\"flips\"]\n"));
    assert!(code == 2 && err.contains("only a network has neurons"), "{err}");
}

/// What is known of the regression function reaches whoever asks: every name with an answer, and why some have none.
#[test]
fn what_is_known_of_the_regression_function_is_told() {
    let place = Place::new();
    let names = [
        "noise",
        "noise-bound",
        "information",
        "information-bound",
        "fisher",
        "lipschitz",
        "lipschitz-bound",
        "lipschitz-bound-crude",
        "lipschitz-share",
        "lipschitz-time",
        "lipschitz-time-bound",
        "lipschitz-time-bound-crude",
        "test-loss",
        "label-noise-largest",
        "element-norm",
    ];
    let spec = |more: &str| format!("{POINTS}{TRAINED}{more}\n[measure]\nlearning = {names:?}\n");
    let (code, out, err) = place.eval(&spec("measure = \"snr\"\nnorm = 1.5"));
    assert_eq!(code, 0, "{err}");
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    let end =
        |name: &str, side: &str| found["learning"][name][side].as_f64().unwrap_or_else(|| panic!("{name} {found}"));
    for name in names {
        assert!(end(name, "lo") > 0.0 && end(name, "lo") < end(name, "hi"), "{name}: {found}");
    }
    for (less, more) in [
        ("noise", "noise-bound"),
        ("information", "information-bound"),
        ("lipschitz", "lipschitz-bound"),
        ("lipschitz-time", "lipschitz-time-bound"),
    ] {
        assert!(end(less, "hi") <= end(more, "hi"), "{less} {more}: {found}");
    }
    assert!((end("element-norm", "lo") - 1.5).abs() < 1e-6);
    let (code, out, _) = place.eval(&spec(""));
    assert!(code == 0 && out.contains("take measure = \\\"snr\\\""), "{out}");
    let (code, _, err) = place.eval(&spec("norm = 1.5\nridge = 1e-4"));
    assert!(code == 2 && err.contains("`score.learned.ridge` beside `norm`"), "{err}");
    let (code, _, err) = place.eval(&spec("norm = 1e9"));
    assert!(code == 2 && err.contains("no ridge fit on 100 anchors has a norm of 1000000000"), "{err}");
}

/// The exact score as a learner: what a sampler without an error measures, no path-KL, and HRX-20 with what is left.
#[test]
fn the_exact_score_stands_beside_learned_ones() {
    let place = Place::new();
    let exact = TRAINED.replace("samples", "learner = \"exact\"\nsamples");
    let measure = "[measure]\ndivergences = [\"tv\", \"kl-reverse\"]\nagainst = \"early-stopped\"\n";
    let sampler = SAMPLER.replace("exponential-minus", "exponential");
    let found = |text: &str| -> serde_json::Value {
        let (code, out, err) = place.eval(text);
        assert_eq!(code, 0, "{err}");
        serde_json::from_str(&out).unwrap()
    };
    let with = found(&format!("{POINTS}{exact}{sampler}{measure}learning = [\"path-kl\"]\n"));
    let without = found(&format!("{POINTS}[start.prior]\n{sampler}{measure}"));
    assert_eq!(with["divergences"], without["divergences"]);
    assert_eq!(with["learning"]["path-kl"]["hi"].as_f64(), Some(0.0), "{with}");
    let judged = format!("theorems = [\"HRX-20\"]\n{POINTS}{exact}{sampler}{measure}");
    place.spec(&judged);
    let (code, out, err) = place.run(&["run", "question.toml"]);
    assert!(code == 0 && (out + &err).contains("HOLDS"), "{err}");
    place.spec(&format!("{POINTS}{exact}[measure]\nlearning = [\"test-loss\"]\n"));
    let (code, _, err) = place.run(&["eval", "question.toml", "--save-score", "none.json"]);
    assert!(code == 2 && err.contains("the exact score is no estimate that a file holds"), "{err}");
    let (code, _, err) = place.eval(&format!("{POINTS}{}{sampler}{measure}", exact.replace("test", "width = 8\ntest")));
    assert!(code == 2 && err.contains("`score.learned.width` of the exact score"), "{err}");
}

/// A single time: Langevin steps there are handed what was learned there, and no other time is known.
#[test]
fn a_score_is_learned_at_one_time() {
    let place = Place::new();
    let once = TRAINED.replace("early-stop = 0.1", "early-stop = 0.5\nhorizon = 0.5").replace("= 60", "= 400");
    let spec = |time: f64| {
        let lmc = format!("[start.prior]\n[sampler.lmc]\nstep = 0.1\nsteps = 2\ntime = {time}\n");
        format!("{POINTS}{once}{lmc}[measure]\ndivergences = [\"tv\"]\nlearning = [\"total\", \"decay-limit\"]\n")
    };
    let (code, out, err) = place.eval(&spec(0.5));
    assert_eq!(code, 0, "{err}");
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!(found["epsilon"][0]["lo"].as_f64().unwrap() > 0.0, "{found}");
    // Its kinks, one at every training sample, are no reason for particles.
    let tv = &found["divergences"]["tv"];
    let width = tv["hi"].as_f64().unwrap() - tv["lo"].as_f64().unwrap();
    assert!(found["engine"] == "grid" && tv["evidence"] == "checked" && width < 1e-6, "{found}");
    let [lo, hi] = ["lo", "hi"].map(|side| found["learning"]["decay-limit"][side].as_f64().unwrap());
    assert!(lo <= 2.0 && 2.0 <= hi && hi - lo < 1e-15, "{found}");
    let (code, _, err) = place.eval(&spec(0.6));
    assert!(code == 2 && err.contains("learned for times from 0.5 to 0.5"), "{err}");
    let (code, _, err) = place.eval(&format!("{POINTS}{once}[measure]\nlearning = [\"path-kl\"]\n"));
    assert!(code == 2 && err.contains("all training times are the same"), "{err}");
    let snr = once.replace("early-stop", "measure = \"snr\"\nearly-stop");
    let (code, _, err) = place.eval(&format!("{POINTS}{snr}[measure]\nlearning = [\"noise-bound\"]\n"));
    assert!(code == 2 && err.contains("all training times are the same") && !err.contains("take measure"), "{err}");
    // Integrals over times are a hypothesis that fails, not a bound of 0; the level of the steps has no sigma of 0.
    let judged = spec(0.5).replace("divergences = [\"tv\"]", "divergences = [\"w2\"]");
    place.spec(&format!("theorems = [\"HRX-7\", \"HRX-15c\", \"HRX-20\"]\n{judged}"));
    let (code, out, err) = place.run(&["run", "question.toml", "--out", "runs"]);
    let all = out + &err;
    assert!(code == 0 && all.contains("3 HYPOTHESIS-FAILED") && all.contains("T_0 < T: all training times"), "{all}");
    assert!(all.contains("it takes 2 Langevin steps at the target of its score itself"), "{all}");
    let before = once.replace("horizon = 0.5", "horizon = 0.4");
    let (code, _, err) = place.eval(&format!("{POINTS}{before}[measure]\nlearning = [\"total\"]\n"));
    assert!(code == 2 && err.contains("0 < `early-stop` <= `horizon`"), "{err}");
}

/// A trained score that was written into a file gives the law of the one trained on the spot.
#[test]
fn a_trained_score_is_saved() {
    let place = Place::new();
    let measure = "[measure]\ndivergences = [\"tv\"]\nagainst = \"early-stopped\"\n";
    let tv = |score: &str, more: &[&str]| {
        place.spec(&format!("{POINTS}{score}{SAMPLER}{measure}"));
        let (code, out, err) = place.run(&[&["eval", "question.toml"], more].concat());
        assert_eq!(code, 0, "{err}");
        let found: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert!(found["epsilon"][0]["evidence"] == "checked", "{found}");
        (found["divergences"]["tv"].clone(), found["epsilon"].clone())
    };
    let trained = tv(TRAINED, &["--save-score", "mine.json"]);
    assert_eq!(tv("[score.learned]\nfile = \"mine.json\"\n", &[]), trained);
    place.spec(&format!("{POINTS}[start.prior]\n[sampler.lmc]\nstep = 0.1\nsteps = 2\ntime = 0.5\n"));
    let (code, _, err) = place.run(&["eval", "question.toml", "--save-score", "none.json"]);
    assert!(
        code == 2 && err.contains("no score is learned here") && !place.dir.path().join("none.json").exists(),
        "{err}"
    );
}

/// HRX-20 speaks of a score from a file as of one that was learned, and a statement about the start does not rest on its size.
#[test]
fn statements_about_a_score_from_a_file() {
    let place = Place::new();
    std::fs::write(place.dir.path().join("score.json"), FILE).unwrap();
    let sampler = SAMPLER.replace("exponential-minus", "exponential").replace("steps = 6", "steps = 3");
    place.spec(&format!(
        "theorems = [\"HRX-20\", \"PMM-2a\", \"LLT-2\"]\n{POINTS}[score.learned]\nfile = \"score.json\"\n{sampler}\
        [measure]\ndivergences = [\"kl-reverse\"]\nagainst = \"early-stopped\"\n"
    ));
    let (code, _, err) = place.run(&["run", "question.toml", "--out", "runs", "--quiet"]);
    assert_eq!(code, 0, "{err}");
    let records = std::fs::read_to_string(place.dir.path().join("runs/question/records.csv")).unwrap();
    let line = |label: &str| records.lines().find(|line| line.contains(label)).unwrap();
    assert!(
        line("HRX-20").contains("HOLDS") && line("HRX-20").contains("a score error whose size is checked"),
        "{records}"
    );
    assert!(line("PMM-2a").contains("HOLDS") && !line("PMM-2a").contains("rests on"), "{records}");
    assert!(line("LLT-2").contains("the sampler takes no score there"), "{records}");
}

/// Another file of the same name is seen.
#[test]
fn files_are_read_beside_the_spec_and_looked_at_again() {
    let place = Place::new();
    let spec = format!(
        "{POINTS}[score.learned]\nfile = \"score.json\"\n{SAMPLER}[measure]\ndivergences = [\"tv\"]\nagainst = \"early-stopped\"\n"
    );
    std::fs::write(place.dir.path().join("score.json"), FILE).unwrap();
    place.spec(&spec);
    let tv = || {
        let (code, _, err) = place.run(&["run", "question.toml", "--out", "runs", "--quiet"]);
        assert_eq!(code, 0, "{err}");
        let read = |name: &str| std::fs::read_to_string(place.dir.path().join("runs/question").join(name)).unwrap();
        let meta: serde_json::Value = serde_json::from_str(&read("meta.json")).unwrap();
        (read("records.csv").lines().nth(1).unwrap().split(',').nth(2).unwrap().to_owned(), meta["files"].clone())
    };
    let (first, files) = tv();
    assert_eq!(tv(), (first.clone(), files.clone()));
    std::fs::write(place.dir.path().join("score.json"), FILE.replace("[[1.0], [-1.0]]", "[[0.5], [-1.0]]")).unwrap();
    let (second, others) = tv();
    assert!(first != second && files != others, "{first} {second} {files}");
}

#[test]
fn wrong_things_about_learned_scores_are_named() {
    let place = Place::new();
    std::fs::write(place.dir.path().join("score.json"), FILE).unwrap();
    std::fs::write(place.dir.path().join("bad.json"), "{").unwrap();
    std::fs::write(place.dir.path().join("old.json"), FILE.replace("score-1", "score-0")).unwrap();
    std::fs::write(place.dir.path().join("wide.json"), FILE.replace("\"radius\": 1.0", "\"radius\": 2.0")).unwrap();
    std::fs::write(place.dir.path().join("odd.json"), FILE.replace("[-1.0, 0.0, 0.0]", "[-1.0, 0.0]")).unwrap();
    let file = |name: &str| format!("{POINTS}[score.learned]\nfile = \"{name}\"\n{SAMPLER}");
    let with = |line: &str| format!("{POINTS}{TRAINED}{line}\n");
    let learning = |names: &str| format!("[measure]\nlearning = [{names}]");
    for (spec, expected) in [
        (file("none.json"), "`none.json` cannot be read"),
        (file("bad.json"), "it is no learned score"),
        (file("old.json"), "its format is \"scorebound-learned-score-0\""),
        (file("wide.json"), "was learned for another target: it is projected onto a ball of radius 2"),
        (
            file("score.json").replace(POINTS, "[target.gaussian]\nmean = 0.0\nvariance = 1.0\ndim = 1\n"),
            "within a ball of radius 1, but no ball holds the target",
        ),
        (file("odd.json"), "`network.inner` has 2 numbers in list 1, and 3 in list 0"),
        (file("score.json") + "[error.constant]\nepsilon = 0.1\n", "a learned score has its own error"),
        (file("score.json").replace("horizon = 2.0", "horizon = 3.0"), "asks for it at 3.0"),
        (file("score.json") + &learning("\"total\""), "not measured of a score from a file"),
        (file("wide.json"), "was learned for another target"),
        (with("learner = \"kernal\""), "did you mean `kernel`"),
        (with("width = 8"), "`score.learned.width` of a kernel"),
        (with("learner = \"network\"\nwidth = 7"), "an even width"),
        (with("steps = 5\ntimes = 2.0"), "`score.learned.times` beside `steps`"),
        (with("ridge = 0.0"), "ridge"),
        (with(&learning("\"totl\"")), "did you mean `total`"),
        (with("").replace("samples = 60", "samples = 100000"), "at most 8192"),
        (with("").replace("samples = 60\n", ""), "neither `file` nor `samples`"),
        (with("").replace("early-stop = 0.1", "early-stop = 2.5"), "`score.learned.early-stop` is 2.5, `horizon` is 2"),
        (with("times = 1e300"), "at most 1000"),
        (file("score.json").replace("file", "samples = 3\nfile"), "`score.learned.samples` beside `file`"),
        (
            with("").replace(POINTS, "[target.gaussian]\nmean = 0.0\nvariance = 1.0\ndim = 1\n"),
            "no score can be learned",
        ),
    ] {
        let (code, _, err) = place.eval(&spec);
        assert!(code == 2 && err.contains(expected), "{spec}\n{expected}\n{err}");
        assert!(err.contains("question.toml:"), "{err}");
    }
}

/// Samples too few for the stopping rule leave one cell without a law: its rows say so, and the others are measured.
#[test]
fn a_cell_that_learns_nothing_is_recorded() {
    let place = Place::new();
    let hard = TRAINED.replace("early-stop = 0.1", "early-stop = 1.0");
    let sampler = SAMPLER.replace("exponential-minus", "exponential").replace("early-stop = 0.1", "early-stop = 1.0");
    let measure = "[measure]\nagainst = \"early-stopped\"\ndivergences = [\"tv\"]\nlearning = [\"bias\"]\n";
    let spec = |sampler: &str| {
        format!(
            "theorems = [\"HRX-20\"]\n{POINTS}{hard}{sampler}{measure}[sweep]\n\"score.learned.samples\" = [4, 400]\n"
        )
    };
    place.spec(&spec(&sampler));
    let (code, _, err) = place.run(&["run", "question.toml", "--out", "runs", "--quiet"]);
    assert_eq!(code, 0, "{err}");
    let records = std::fs::read_to_string(place.dir.path().join("runs/question/records.csv")).unwrap();
    let lines = |cell: &str| -> Vec<&str> { records.lines().filter(|line| line.starts_with(cell)).collect() };
    assert!(lines("0,").iter().all(|line| line.contains("too few for this noise")), "{records}");
    assert!(lines("0,").len() == 3 && lines("0,").iter().any(|line| line.contains("UNDECIDED")), "{records}");
    assert!(lines("1,").iter().all(|line| !line.contains("too few")) && lines("1,").len() == 3, "{records}");
    // Alone it is a flaw of the spec.
    let alone = spec(&sampler).replace("samples = 60", "samples = 4");
    let (code, _, err) = place.eval(alone.split("[sweep]").next().unwrap());
    assert!(code == 2 && err.contains("4 samples are too few"), "{err}");
}

/// Repetitions side by side, which of two errors is larger how often, and an exponent: in the report, and again from the records alone.
#[test]
fn repetitions_are_told_side_by_side() {
    let place = Place::new();
    let more = "[measure]\nlearning = [\"total\", \"bias\", \"critical-radius-squared\"]\n[sweep]\n\"score.learned.samples\" = [40, 80]\n\
        \"score.learned\" = [{ name = \"early\", steps = 2 }, { name = \"late\", steps = 60 }]\n\
        \"score.learned.repetition\" = [0, 1, 2]\n[[exponent]]\nof = \"critical-radius-squared\"\n\
        against = \"score.learned.samples\"\n[figure]\nmean-over = \"score.learned.repetition\"\nrank = [\"total\", \"bias\"]\n";
    place.spec(&format!("{POINTS}{TRAINED}{more}"));
    let (code, out, err) = place.run(&["run", "question.toml", "--out", "runs"]);
    assert_eq!(code, 0, "{err}");
    let run = place.dir.path().join("runs/question");
    let table = std::fs::read_to_string(run.join("table.md")).unwrap();
    for text in [&out, &table] {
        for words in ["| total ", "Which of total, bias is larger", "(3/3)", "Exponents of the geometric means over 3"]
        {
            assert!(text.contains(words), "{words}\n{text}");
        }
    }
    let found: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(run.join("exponents.json")).unwrap()).unwrap();
    let all = found.as_array().unwrap();
    // p = 3: -p/(2p - 1).
    assert!(all.len() == 2 && all.iter().all(|e| e["expected"] == -0.6 && e["statement"] == "HRX-19"), "{found}");
    assert!(all.iter().all(|e| e["slope"]["value"].as_f64().unwrap() < 0.0), "{found}");
    std::fs::remove_file(run.join("table.md")).unwrap();
    let (code, _, err) = place.run(&["report", "runs/question"]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(std::fs::read_to_string(run.join("table.md")).unwrap(), table);
    std::fs::write(run.join("exponents.json"), "[{").unwrap();
    let (code, _, err) = place.run(&["report", "runs/question"]);
    assert!(code == 2 && err.contains("exponents.json"), "{err}");
}
