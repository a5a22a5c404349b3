//! `run` and `report`: records, resuming, sharding, interruptions.

use super::{EXPERIMENT, Place};
use std::path::PathBuf;

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
    assert!(text.lines().next().unwrap().ends_with(",why,dim,terms,seconds") && text.contains("\n1,100,kl"), "{text}");
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
        let terms: Vec<(&str, f64)> =
            row["terms"].split(';').map(|t| t.split_once('=').unwrap()).map(|(n, x)| (n, x.parse().unwrap())).collect();
        assert_eq!(terms[0].0, "T1 mixing");
        let bound = (terms[0].1 + terms[1].1 + terms[2].1).sqrt() + terms[3].1 + terms[4].1;
        assert!((bound / row["bound_hi"].parse::<f64>().unwrap() - 1.0).abs() < 1e-9, "{row:?}");
        assert!(row["hi"].parse::<f64>().unwrap() <= 0.7, "{row:?}");
        for name in ["prescribed-step", "prescribed-steps", "prescribed-tau", "prescribed-epsilon"] {
            assert!(row[name].parse::<f64>().unwrap() > 0.0, "{row:?}");
        }
    }
    let svg = std::fs::read_to_string(dir.join("figure.svg")).unwrap();
    assert!(svg.contains("promised accuracy") && svg.contains("prescribed step h"), "{svg}");
}

/// What is stacked is a bound of the spec, along something that is swept.
#[test]
fn stacks_need_a_bound_and_a_swept_place() {
    let spec = |figure: &str| {
        format!(
            "theorems = [\"LLT-3b\"]\n[target.gaussian]\nmean = 0.0\nvariance = 1.0\ndim = 1\n[start.gaussian]\nmean = 0.5\n\
             variance = 1.0\n[sampler.lmc]\nstep = 0.1\nsteps = 5\n[measure]\ndivergences = [\"kl\"]\n[sweep]\n\
             \"sampler.lmc.steps\" = [1, 10, 100]\n[figure]\n{figure}\n"
        )
    };
    for (figure, words) in [
        ("stack = \"LLT-8\"", "not among the `theorems`"),
        ("stack = [{ theorem = \"LLT-3b\", term = [] }]", "did you mean `terms`"),
        ("x = \"lsi\"\nstack = \"LLT-3b\"", "along a constant"),
    ] {
        let place = Place::new();
        place.spec(&spec(figure));
        let (code, _, err) = place.run(&["run", "question.toml"]);
        assert!(code == 2 && err.contains(words), "{err}");
    }
    let place = Place::new();
    place.spec(&spec("stack = \"LLT-3b\""));
    assert_eq!(place.run(&["run", "question.toml", "--quiet"]).0, 0);
    let svg = std::fs::read_to_string(place.dir.path().join("results/runs/question/figure-2.svg")).unwrap();
    assert!(svg.contains("mixing") && svg.contains("discretisation") && svg.contains("share of the bound"), "{svg}");
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

/// A budget of score evaluations is the same sampler as the number of steps it leaves; a case that brings another sampler keeps
/// the budget that stands beside it.
#[test]
fn evaluations_stand_in_for_steps() {
    let base = "[target.mixture]\nweights = [0.4, 0.6]\nmeans = [-2.0, 2.0]\nvariance = 1.0\n[process.ve]\n[start.warm]\n[measure]\ndivergences = [\"tv\"]\n";
    let eval = |sampler: &str| {
        let (code, out, err) = Place::new().eval(&format!("{base}{sampler}"));
        assert_eq!(code, 0, "{err}");
        out
    };
    let pc = "horizon = 8.0, early-stop = 0.01, grid = \"geometric\", corrector-step = 0.5, corrector-relative-step = true, corrector-steps = 2";
    let pairs = [
        ("reverse-sde = { horizon = 8.0, early-stop = 0.01, grid = \"geometric\", STEPS }".to_owned(), "steps = 20"),
        (format!("predictor-corrector = {{ {pc}, STEPS }}"), "steps = 6"),
        (format!("predictor-corrector = {{ {pc}, corrector-at = \"end\", STEPS }}"), "steps = 18"),
        (
            "annealed-lmc = { sigmas = [4.0, 1.0, 0.1], step = 0.1, relative-step = true, STEPS }".to_owned(),
            "steps-per-level = [6, 7, 7]",
        ),
        ("annealed-lmc = { sigmas = [4.0, 1.0], horizon = 2.0, relative-step = true, STEPS }".to_owned(), "step = 0.2"),
        ("lmc = { horizon = 1.0, STEPS }".to_owned(), "step = 0.05"),
        (
            "prediction-correction = { horizon = 8.0, corrector-time = 1.0, corrector-steps = 8, reverse = { reverse-sde = { early-stop = 0.01, STEPS } } }".to_owned(),
            "steps = 12",
        ),
        ("flow-ode = { horizon = 8.0, early-stop = 0.01, scheme = \"heun\", STEPS }".to_owned(), "steps = 10"),
        (
            "predictor-corrector = { corrector-step = 0.1, corrector-steps = 2, reverse = { flow-ode = { horizon = 8.0, early-stop = 0.01, scheme = \"heun\", STEPS } } }".to_owned(),
            "steps = 5",
        ),
    ];
    for (sampler, steps) in pairs {
        let start = if sampler.starts_with("lmc") { "start = { target = {} }\n" } else { "" };
        let base_fits = |text: &str| match start {
            "" => eval(text),
            start => {
                let spec = base.replace("[start.warm]\n", "").replace("[process.ve]\n", "");
                let (code, out, err) = Place::new().eval(&format!("{start}{spec}{text}"));
                assert_eq!(code, 0, "{err}");
                out
            }
        };
        let by_budget = base_fits(&format!("[sampler]\nevaluations = 20\n{}\n", sampler.replace(", STEPS", "")));
        let by_steps = base_fits(&format!("[sampler]\n{}\n", sampler.replace("STEPS", steps)));
        assert_eq!(by_budget, by_steps, "{sampler}");
    }
    let place = Place::new();
    place.spec(&format!(
        "title = \"t\"\nquestion = \"q\"\n{base}[sampler]\nevaluations = 8\nreverse-sde = {{ horizon = 8.0, early-stop = 0.01 }}\n\
         [[sweep.case]]\nname = \"a\"\nsampler.annealed-lmc = {{ sigmas = [4.0, 1.0], step = 0.1 }}\n\
         [[sweep.case]]\nname = \"b\"\nsampler.reverse-sde.scheme = \"exponential\"\n"
    ));
    let (code, _, err) = place.run(&["run", "question.toml"]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(records(&place).lines().count(), 3);
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

/// A law carried through an edge of width 1e-5 has numbers for its mean, and W2 to the atoms it came from is that of the
/// monotone map: 0.683742 by direct transport on nodes refined at the edge.
#[test]
fn w2_to_close_atoms_takes_the_right_atom() {
    let place = Place::new();
    let spec = "[target.points]\nweights = [0.5, 0.5]\npoints = [0.0, 1e-3]\n\
                [error.bump]\namplitude = 3.0\nlo = 0.5\nhi = 0.501\nedge = 1e-5\n\
                [sampler.flow-ode]\nhorizon = 2.0\nearly-stop = 0.2\nsteps = 5\n\
                [measure]\ndivergences = [\"w2\", \"tv\", \"kl\"]\n";
    let (code, out, err) = place.eval(spec);
    assert_eq!(code, 0, "{err}");
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    let w2 = &found["divergences"]["w2"];
    let (lo, hi) = (w2["lo"].as_f64().unwrap(), w2["hi"].as_f64().unwrap());
    assert!(lo <= 0.683743 && hi >= 0.683741 && hi - lo < 1e-5, "{w2}");
    assert!(found["law"]["mean"][0].is_number(), "{found}");
    // A law with a density is as far from atoms as can be, and their second moment is known.
    assert_eq!((&found["divergences"]["tv"]["lo"], &found["divergences"]["kl"]["lo"]), (&1.0.into(), &"inf".into()));
    assert!((found["constants"]["second-moment"].as_f64().unwrap() - 5e-7).abs() < 1e-15, "{found}");
}

/// Sums over atoms far out lose their digits: the moments are printed, and not called exact.
#[test]
fn moments_that_cancel_are_not_called_exact() {
    let place = Place::new();
    let evidence = |points: &str| {
        let spec = format!(
            "[target.gaussian]\nmean = 0.0\nvariance = 1.0\ndim = 1\n[start.points]\nweights = [0.3, 0.7]\npoints = {points}\n\
             [measure]\ndivergences = [\"w2\"]\n"
        );
        let (code, out, err) = place.eval(&spec);
        assert_eq!(code, 0, "{err}");
        serde_json::from_str::<serde_json::Value>(&out).unwrap()["law"]["evidence"].clone()
    };
    assert_eq!(evidence("[1.0, 2.0]"), "exact");
    assert!(evidence("[1e8, 100000000.00000003]").is_null());
    assert!(evidence("[1e16, 10000000000000002.0]").is_null());
}

/// Noise of size 1 added to numbers of size 1e16 is rounded away: that is refused, and takes no memory.
#[test]
fn noise_lost_in_rounding_is_refused() {
    let place = Place::new();
    let spec = "[target.points]\nweights = [0.5, 0.5]\npoints = [1e9, 1000000000.001]\n\
                [start.points]\nweights = [0.5, 0.5]\npoints = [1e16, 10000000000000002.0]\n\
                [sampler.reverse-sde]\nscheme = \"exponential\"\nhorizon = 2.0\nearly-stop = 0.1\nsteps = 5\n\
                [measure]\ndivergences = [\"tv\"]\nagainst = \"early-stopped\"\n";
    let (code, _, err) = place.eval(spec);
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("lost in rounding"), "{err}");
}
