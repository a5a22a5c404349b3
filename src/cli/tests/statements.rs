//! Statements and what is said of them: `list`, `show`, `cite`, `verify`, `rates`.

use super::{EXAMPLE, Place, shifted};

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
        ("kl <= 0.1", "bound <= 0.1", "question.toml:11:", "that of one theorem, and here are 0"),
        ("kl <= 0.1", "kl <= promised", "question.toml:13:", "no number that could vary by itself"),
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
fn statements_can_be_listed_shown_and_cited() {
    let place = Place::new();
    let (code, out, _) = place.run(&["list", "theorems", "--json"]);
    assert_eq!(code, 0);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&out).unwrap();
    assert_eq!(rows.len(), scorebound::bounds::THEOREMS.len());
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

/// What certificates of constants cite can be shown, a bare label is understood, and a file is no run.
#[test]
fn cited_statements_can_be_shown() {
    let place = Place::new();
    for (label, word) in [("LLT-0", "Cramer-Rao"), ("llt-20c", "indefinite")] {
        let (code, out, err) = place.run(&["show", label]);
        assert!(code == 0 && out.contains(word) && out.contains("not judged"), "{label}: {out}{err}");
    }
    for (label, words) in [
        ("LLT-18e", "noise level|proved below"),
        ("LLT-18h", "recalled (90 %); it decides no verdict"),
        ("LLT-19", "Saloff-Coste|lsi-mixture"),
        ("LLT-21", "Muckenhoupt|poincare-on-the-line"),
        ("LLT-18", "LLT-18a|LLT-18c|Holley|LLT-18g"),
        ("LLT-20", "LLT-20a|LLT-20b|radial"),
    ] {
        let (code, out, err) = place.run(&["show", label]);
        assert!(
            code == 0 && words.split('|').all(|w| out.contains(w)) && !out.contains("not judged"),
            "{label}: {out}{err}"
        );
    }
    // A recalled statement is evaluated and decides nothing.
    let (code, out, err) = place.run(&["verify", "LLT-18h", "--instances", "6", "--json"]);
    let rows: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!(code == 0 && rows[0]["holds"] == 0 && rows[0]["violated"] == 0, "{out}{err}");
    assert!(rows[0]["undecided"].as_u64().unwrap() > 0, "{out}{err}");
    let (code, _, err) = place.run(&["show", "6b"]);
    assert!(code == 2 && err.contains("did you mean `LLT-6b`"), "{err}");
    place.spec(EXAMPLE);
    let (code, _, err) = place.run(&["report", "question.toml"]);
    assert!(code == 2 && err.contains("is a file") && err.contains("results/runs/question"), "{err}");
}

/// Every label that stands beside a measured exponent or ratio can be shown: with what it says, and that it decides nothing.
#[test]
fn rates_without_constants_can_be_shown() {
    let place = Place::new();
    for (label, words) in [
        ("HRX-13", "p/(p-1)|rate without constants|spectrum-decay|learned_spectrum"),
        ("HRX-14", "HRX-14a|HRX-14c|derived here|m^-3/4|coupling-kink|learned_width"),
        ("hrx-17", "recalled|c_1 and c_2 unspecified|rwy-ratio-at-stop|learned_rule"),
        (
            "HRX-19",
            "p/(2p-1)|one less with `bias = false`|the errors have no limit|rate without constants|critical-radius-squared|learned_samples",
        ),
    ] {
        let (code, out, err) = place.run(&["show", label]);
        let all = words.split('|').all(|word| out.contains(word));
        assert!(code == 0 && all && out.contains("shown only, not judged"), "{label}: {out}{err}");
        // What it names exists.
        let (_, experiments, _) = place.run(&["list", "experiments"]);
        assert!(experiments.contains(words.rsplit('|').next().unwrap()), "{experiments}");
    }
    for call in [&["verify", "HRX-19"][..], &["cite", "HRX-19"]] {
        let (code, _, err) = place.run(call);
        assert!(code == 2 && err.contains("not judged: `scorebound show HRX-19`"), "{err}");
    }
    let (code, out, _) = place.run(&["show", "HRX-17", "--json"]);
    let shown: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!(code == 0 && shown["labels"][0] == "HRX-17" && shown["role"].as_str().unwrap().contains("decides nothing"));
}

#[test]
fn verify_prints_one_object_per_statement() {
    let place = Place::new();
    let (code, out, err) = place.run(&["verify", "LLT-3b", "LLT-2", "--instances", "3", "--json"]);
    assert_eq!(code, 0, "{err}");
    let rows: Vec<serde_json::Value> = serde_json::from_str(&out).unwrap();
    assert_eq!(rows.len(), 2);
    for row in rows {
        assert_eq!((&row["asked"], &row["holds"], &row["violated"]), (&3.into(), &3.into(), &0.into()));
        let count = |key: &str| row[key].as_u64().unwrap();
        let parts = ["holds", "violated", "undecided", "vacuous", "hypothesis-failed"].map(count);
        assert_eq!(parts.iter().sum::<u64>(), count("instances"), "{row}");
        for key in ["id", "labels", "engines", "targets", "evidence", "ratio-min", "ratio-median"] {
            assert!(row.get(key).is_some(), "{row}");
        }
        assert!(row.get("ratio-searched").is_none(), "{row}");
    }
}

/// What the search finds is at least as tight as the draws, and its spec gives the same ratio when it is run.
#[test]
fn verify_searches_and_writes_what_it_found() {
    let place = Place::new();
    let args = ["verify", "LLT-3b", "LLT-2", "--instances", "3", "--search=16", "--json", "--out", "found"];
    let (code, out, err) = place.run(&args);
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("coverage.html"), "{err}");
    let rows: Vec<serde_json::Value> = serde_json::from_str(&out).unwrap();
    for row in rows {
        let found = row["ratio-searched"].as_f64().unwrap();
        assert!(found <= row["ratio-min"].as_f64().unwrap() && row["searched"] == 16, "{row}");
        let label = row["labels"][0].as_str().unwrap();
        let spec = format!("found/tightest/{label}.toml");
        let (code, _, err) = place.run(&["run", &spec, "--out", "runs"]);
        assert_eq!(code, 0, "{err}");
        let records = std::fs::read_to_string(place.dir.path().join(format!("runs/{label}/records.csv"))).unwrap();
        let judged = records.lines().find(|line| line.contains("HOLDS")).unwrap_or_else(|| panic!("{records}"));
        let columns: Vec<&str> = records.lines().next().unwrap().split(',').collect();
        let at = |name: &str| -> f64 {
            judged.split(',').nth(columns.iter().position(|c| *c == name).unwrap()).unwrap().parse().unwrap()
        };
        let ratio = 0.5 * (at("ratio_lo") + at("ratio_hi"));
        assert!((ratio - found).abs() <= 1e-9 * found, "{ratio} {found}");
    }
    let record = std::fs::read_to_string(place.dir.path().join("found/coverage.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&record).unwrap();
    assert_eq!(record["statements"][0]["status"], "checked here");
    // Another statement is added, the same one again replaced.
    let (code, _, err) = place.run(&["verify", "LLT-1", "LLT-2", "--instances", "2", "--out", "found"]);
    assert_eq!(code, 0, "{err}");
    let record = std::fs::read_to_string(place.dir.path().join("found/coverage.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&record).unwrap();
    let rows = record["statements"].as_array().unwrap();
    let asked: Vec<_> = rows.iter().map(|row| (row["labels"][0].as_str().unwrap(), &row["asked"])).collect();
    assert_eq!(asked, [("LLT-1", &2.into()), ("LLT-2", &2.into()), ("LLT-3b", &3.into())]);
    // What is no record is left as it is.
    std::fs::create_dir(place.dir.path().join("other")).unwrap();
    std::fs::write(place.dir.path().join("other/coverage.json"), "mine").unwrap();
    let (code, _, err) = place.run(&["verify", "LLT-2", "--instances", "2", "--out", "other"]);
    assert!(code == 2 && err.contains("no record of statements"), "{err}");
    assert_eq!(std::fs::read_to_string(place.dir.path().join("other/coverage.json")).unwrap(), "mine");
    // The page is made again from the record alone.
    let page = place.dir.path().join("found/coverage.html");
    let before = std::fs::read(&page).unwrap();
    std::fs::remove_file(&page).unwrap();
    let (code, _, err) = place.run(&["report", "found"]);
    assert_eq!((code, std::fs::read(&page).unwrap()), (0, before), "{err}");
}

/// A list of times is the grid it spells.
#[test]
fn times_one_by_one_are_a_grid() {
    let place = Place::new();
    let spec = |sampler: &str| {
        format!(
            "[target.gaussian]\nmean = 1.0\nvariance = 2.0\ndim = 1\n[sampler.reverse-sde]\n{sampler}\n\
             [measure]\ndivergences = [\"kl\"]\n"
        )
    };
    let kl = |sampler: &str| {
        let (code, out, err) = place.eval(&spec(sampler));
        assert_eq!(code, 0, "{err}");
        let found: serde_json::Value = serde_json::from_str(&out).unwrap();
        found["divergences"]["kl"]["lo"].as_f64().unwrap()
    };
    let (uniform, listed) = (kl("horizon = 2.0\nsteps = 4"), kl("times = [2.0, 1.5, 1.0, 0.5, 0.0]"));
    assert!((uniform - listed).abs() < 1e-13, "{uniform} {listed}");
    assert!((kl("times = [2.0, 1.25, 1.0, 0.5, 0.0]") - uniform).abs() > 1e-6);
    for (sampler, says) in [
        ("times = [2.0, 1.0]\nsteps = 1", "drop `steps`, or drop `times`"),
        ("times = [2.0, 1.0, 1.5]", "`sampler.reverse-sde.times[2]` is 1.5"),
        ("times = [2.0]", "has 1 time"),
        ("times = [2.0, -1.0]", "is -1"),
    ] {
        let (code, _, err) = place.eval(&spec(sampler));
        assert!(code == 2 && err.contains(says), "{sampler}: {err}");
    }
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

/// Langevin steps at a noise level know the level and the data before it: PMM-2 to 4 speak of them.
#[test]
fn statements_on_noised_laws_see_the_level_of_langevin_steps() {
    let place = Place::new();
    place.spec(
        "theorems = [\"PMM-2a\", \"PMM-2b\", \"PMM-3a\", \"PMM-3b\", \"PMM-4d\", \"PMM-4d-norm\"]\n\
         [target.points]\nweights = [0.5, 0.5]\npoints = [-1.0, 1.0]\n[start.prior]\n[sampler.lmc]\ntime = 1.4\nstep = 0.01\nsteps = 1\n",
    );
    let (code, out, err) = place.run(&["run", "question.toml"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("6 HOLDS"), "{out}{err}");
}

/// How much noise makes the Poincare constant of N(0, v) at most 1.5: `e^(2t) = 2 (v - 1)`.
#[test]
fn rates_solve_for_the_time_at_which_a_constant_is_small() {
    let place = Place::new();
    place.spec(
        "[target.gaussian]\nmean = 0.0\nvariance = 2.0\ndim = 1\n[start.prior]\n[sampler.lmc]\ntime = 1.0\nstep = 0.01\nsteps = 1\n\
         [rate]\nsolve-for = \"sampler.lmc.time\"\nsuch-that = \"poincare <= 1.5\"\nbracket = [0.01, 20.0]\nexponential = true\n\
         exponents-of = [\"target.gaussian.variance\"]\nsweep.\"target.gaussian.variance\" = [101.0, 1001.0, 10001.0, 100001.0]\n",
    );
    let (code, out, err) = place.run(&["rates", "question.toml", "--json"]);
    assert_eq!(code, 0, "{err}");
    let row: serde_json::Value = serde_json::from_str(out.trim()).unwrap();
    assert_eq!(row["scale"], "exponential");
    for point in row["points"].as_array().unwrap() {
        let at = |key: &str| point[key].as_f64().unwrap();
        let truth = 0.5 * (2.0 * (at("value") - 1.0)).ln();
        assert!(at("threshold-lo") <= truth * 1.0001 && at("threshold-hi") >= truth * 0.9999, "{point} {truth}");
    }
    assert!((row["slope"].as_f64().unwrap() - 0.5).abs() < 1e-3, "{row}");
}

/// A threshold of a bound has the exponent that its statement gives; that of the truth under the same promise is better.
#[test]
fn rates_solve_on_bounds_and_promises() {
    let rate = |solve: &str, condition: &str, bracket: &str, parameter: &str, values: &str, theorem: &str| {
        format!(
            "[[rate]]\nsolve-for = \"{solve}\"\nsuch-that = \"{condition}\"\nbracket = {bracket}\ntheorems = [\"{theorem}\"]\n\
             exponents-of = [{parameter}]\nsweep.{values}\ntolerance = 0.15\nprecision = 1e-3\n"
        )
    };
    let accuracy = "{ path = \"sampler.lmc.prescribed.accuracy\", as = \"accuracy\" }";
    let values = "\"sampler.lmc.prescribed.accuracy\" = [1e-2, 3e-3, 1e-3, 3e-4]";
    let prescribed = "[error.affine]\nmatrix = [[-0.2, 0.0], [0.0, -0.2]]\noffset = [0.0, 0.0]\nepsilon = 1e-20\n\
                      [sampler.lmc]\nprescribed = { theorem = \"LLT-6c\", accuracy = 0.1 }\n";
    let two =
        "[target.gaussian]\nmean = [0.0, 0.0]\nvariance = 1.0\n[start.gaussian]\nmean = [0.5, 0.5]\nvariance = 1.0\n";
    let copies = "[target.product]\nfactors = [{ copies = 1, gaussian = { mean = 0.0, variance = 1.0, dim = 1 } }]\n\
                  [start.target]\n[sampler.lmc]\nstep = 1e-3\nhorizon = 20.0\n";
    let error = |condition: &str, theorem: &str| {
        rate("error.affine.epsilon", condition, "[1e-25, 1.0]", accuracy, values, theorem)
    };
    let dim = rate(
        "sampler.lmc.step",
        "bound <= 0.01",
        "[1e-9, 0.9]",
        "\"target.product.factors.0.copies\"",
        "\"target.product.factors.0.copies\" = [1, 10, 100, 1000]",
        "LLT-3b",
    );
    let found = |situation: String| -> Vec<(f64, String)> {
        let place = Place::new();
        place.spec(&situation);
        let (code, out, err) = place.run(&["rates", "question.toml", "--json"]);
        assert_eq!(code, 0, "{out} {err}");
        let rows: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        rows.iter().map(|row| (row["slope"].as_f64().unwrap(), row["outcome"].as_str().unwrap().to_owned())).collect()
    };
    let errors = [("bound <= promised", "LLT-6b"), ("bound <= promised", "LLT-6c"), ("tv <= promised", "LLT-6c")];
    let errors: String = errors.iter().map(|(condition, theorem)| error(condition, theorem)).collect();
    let found = [found(format!("{two}{prescribed}{errors}")), found(format!("{copies}{dim}"))].concat();
    let expected = [(4.1, "matches"), (3.1, "matches"), (1.0, "beaten"), (-1.0, "matches")];
    for ((slope, outcome), (wanted, word)) in found.iter().zip(expected) {
        assert!((slope - wanted).abs() < 0.06 && outcome == word, "{found:?}");
    }
    // With a schedule of its own a sampler promises nothing.
    let place = Place::new();
    place.spec(&format!("{copies}{}", dim.replace("bound <= 0.01", "kl <= promised")));
    let (code, _, err) = place.run(&["rates", "question.toml"]);
    assert!(code == 2 && err.contains("nothing is promised"), "{err}");
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
