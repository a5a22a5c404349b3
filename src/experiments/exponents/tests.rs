//! Exponents of quantities whose powers are known.

use super::super::error::Source;
use super::*;

const HEAD: &str = "[target.points]\nweights = [0.5, 0.5]\npoints = [-1.0, 1.0]\n[score.learned]\nsamples = 50\n\
    early-stop = 0.1\nlearner = \"network\"\nwidth = 16\n[measure]\nlearning = [\"coupling\", \"coupling-kink\", \"flips\"]\n\
    [sweep]\n\"score.learned.width\" = [100, 200, 400, 800]\n\"score.learned.repetition\" = [0, 1, 2]\n";

fn spec(more: &str) -> Result<Spec, SpecError> {
    Spec::parse("width", Source::new("width.toml".into(), format!("{HEAD}{more}")))
}

/// The records of `of(repetition, width)`.
fn records_of(spec: &Spec, of: impl Fn(&str, f64, f64) -> f64) -> (Vec<Cell>, BTreeMap<usize, CellRecord>) {
    let cells = super::super::sweep::cells(&spec.tree, &spec.axes, false).expect("few cells");
    let record = |cell: &Cell| {
        let (width, r) = (cell.labels[0].parse().unwrap(), cell.labels[1].parse().unwrap());
        let row = |name: &str| {
            let x = of(name, r, width);
            let mut row = vec![cell.index.to_string()];
            row.extend(cell.labels.iter().cloned());
            row.extend([name.to_owned(), (0.9 * x).to_string(), (1.1 * x).to_string()]);
            row
        };
        let rows = ["coupling", "coupling-kink", "flips"].map(row).to_vec();
        CellRecord { cell: cell.index, rows, remarks: Vec::new(), violated: false, measured: 3, profile: Vec::new() }
    };
    let all = cells.iter().map(|cell| (cell.index, record(cell))).collect();
    (cells, all)
}

/// The coupling is 2^r m^{-1/2}, its kinks m^{-3/4 - r/100}; flips fall below 1 % from width 200 on.
#[test]
fn powers_are_told_with_what_is_expected() {
    let more = "[[exponent]]\nof = [\"coupling\", \"coupling-kink\"]\nagainst = \"score.learned.width\"\n\
        mean-over = \"score.learned.repetition\"\nwhere = \"flips <= 0.01\"\n";
    let spec = spec(more).expect("it can be read");
    let (cells, records) = records_of(&spec, |name, r, m| match name {
        "coupling" => r.exp2() * m.powf(-0.5),
        "coupling-kink" => m.powf(-0.75 - 0.01 * r),
        _ => 1.5 / m,
    });
    let found = exponents(&spec, &cells, &records).expect("the cells can be read");
    assert_eq!(found.len(), 2);
    let slope = found[0].slope.expect("three widths are left");
    assert!((slope.value + 0.5).abs() < 1e-12 && slope.uncertainty.is_some_and(|u| u < 1e-12));
    assert_eq!((found[0].outcome, found[0].expected, found[0].statement), ("matches", Some(-0.5), Some("HRX-14")));
    assert_eq!(
        (found[0].excluded.len(), found[0].excluded[0].value, found[0].window),
        (1, 100.0, Some((200.0, 800.0)))
    );
    assert!(found[0].excluded[0].why.contains("flips is 1.500e-2"), "{}", found[0].excluded[0].why);
    let slope = found[1].slope.expect("three widths are left");
    // -0.75, -0.76 and -0.77: the standard error is 0.01/sqrt(3), Student's 97.5 % quantile with two degrees of freedom 4.302653.
    assert!(
        (slope.value + 0.76).abs() < 1e-12 && (slope.uncertainty.unwrap() - 0.043_026_53 / 3f64.sqrt()).abs() < 1e-8
    );
    assert_eq!(found[1].expected, Some(-0.75));
}

/// Where no width is lazy nothing is fitted.
#[test]
fn without_its_hypothesis_there_is_no_exponent() {
    let more = "[[exponent]]\nof = \"coupling\"\nagainst = \"score.learned.width\"\n\
        mean-over = \"score.learned.repetition\"\nwhere = \"flips <= 0.01\"\n";
    let spec = spec(more).expect("it can be read");
    let (cells, records) = records_of(&spec, |name, _, m| if name == "flips" { 0.05 } else { 1.0 / m });
    let found = exponents(&spec, &cells, &records).expect("the cells can be read");
    assert_eq!((found[0].outcome, found[0].slope.is_none()), ("hypothesis-failed", true));
    assert!(found[0].because.starts_with("HYPOTHESIS-FAILED (flips <= 0.01: at 100 flips is 5.000e-2"));
    assert_eq!(found[0].points.len(), 4);
    // A condition that was not looked at neither holds nor fails.
    let of = |name: &str, _: f64, m: f64| if name == "flips" { f64::NAN } else { 1.0 / m };
    let (cells, records) = records_of(&spec, of);
    let found = exponents(&spec, &cells, &records).expect("the cells can be read");
    assert_eq!((found[0].outcome, found[0].slope.is_none(), found[0].excluded.len()), ("unresolved", true, 4));
    assert!(found[0].because.contains("flips was not measured"), "{}", found[0].because);
}

/// Slopes -0.7, -0.5 and -0.3 are no exponent, though the line through them falls with -1/2: said of a limit, of another quantity
/// that does not move with it, and where nothing is expected.
#[test]
fn slopes_that_move_are_no_exponent() {
    let table = |more: &str| {
        let usual = "against = \"score.learned.width\"\nmean-over = \"score.learned.repetition\"\n";
        format!("[[exponent]]\n{usual}{more}\n")
    };
    let text = table("of = [\"coupling\", \"flips\"]")
        + &table("of = \"coupling\"\nbeside = \"coupling-kink\"")
        + &table("of = \"coupling\"\nbeside = \"flips\"");
    let spec = spec(&text).expect("it can be read");
    let (cells, records) = records_of(&spec, |name, r, m| {
        let falls = [0.0, -0.7, -1.2, -1.5][(m / 100.0).log2() as usize] * (1.0 + 1e-3 * r);
        if name == "coupling-kink" { m.powf(-0.5) } else { falls.exp2() }
    });
    let found = exponents(&spec, &cells, &records).expect("the cells can be read");
    assert!((found[0].slope.expect("four widths").value + 0.5).abs() < 1e-3);
    let because: Vec<&str> = found.iter().map(|found| found.because.as_str()).collect();
    assert!(because[0].starts_with("UNRESOLVED (the local slopes still move by 0.39"), "{because:?}");
    assert!(because[1].starts_with("nothing is expected; the local slopes still move by 0.39"), "{because:?}");
    let against = "against those of coupling-kink in the last window)";
    assert!(because[2].starts_with("UNRESOLVED (the local slopes still move") && because[2].ends_with(against));
    // Both fall alike.
    assert!(because[3].starts_with("MATCHES that of flips (+0.000 from it, uncertain by 0."), "{because:?}");
}

/// An exponent beside takes the place of the expected one, and what differs is told.
#[test]
fn another_exponent_stands_beside() {
    let more = "[figure]\nmean-over = \"score.learned.repetition\"\n[exponent]\nof = \"coupling\"\n\
        against = \"score.learned.width\"\nbeside = \"coupling-kink\"\n";
    let spec = spec(more).expect("it can be read");
    let (cells, records) =
        records_of(&spec, |name, r, m| m.powf(if name == "coupling" { -0.5 } else { -0.75 }) * (1.0 + r));
    let found = exponents(&spec, &cells, &records).expect("the cells can be read");
    assert_eq!(found[0].because, "DIFFERS from that of coupling-kink by +0.250 (uncertain by 0.000, tolerance 0.05)");
    assert_eq!(found[0].beside.as_ref().map(|b| b.local_slopes.len()), Some(3));
}

/// Repetitions 1 and 2 have a 0 at width 400, which has no logarithm: one of three is left there, and says nothing of chance.
#[test]
fn repetitions_with_a_zero_do_not_count() {
    let more = "[[exponent]]\nof = [\"coupling\", \"coupling-kink\"]\nagainst = \"score.learned.width\"\n\
        mean-over = \"score.learned.repetition\"\n";
    let spec = spec(more).expect("it can be read");
    let (cells, records) = records_of(&spec, |name, r, m| match name {
        "coupling" if r > 0.0 && m == 400.0 => 0.0,
        "coupling" => m.powf(-0.5),
        _ => m.powf(-0.85 - 0.001 * r),
    });
    let found = exponents(&spec, &cells, &records).expect("the cells can be read");
    let counts: Vec<usize> = found[0].local_slopes.iter().map(|slope| slope.repetitions).collect();
    let slope = found[0].slope.expect("one repetition has all");
    assert_eq!((counts, slope.repetitions, slope.uncertainty), (vec![3, 1, 1], 1, None));
    assert_eq!((found[0].outcome, found[0].repetitions, found[0].points[2].repetitions), ("unresolved", 3, 1));
    // -0.850, -0.851 and -0.852 beside -0.75: the printed numbers are those that decide.
    let because = "DIFFERS from HRX-14 by \u{2212}0.101 (uncertain by 0.002, tolerance 0.05)";
    assert_eq!(found[1].because, because);
}

#[test]
fn wrong_things_about_exponents_are_named() {
    let table = |lines: &str| format!("[[exponent]]\n{lines}\n");
    let good = "of = \"coupling\"\nagainst = \"score.learned.width\"\nmean-over = \"score.learned.repetition\"";
    assert!(spec(&table(good)).is_ok());
    for (from, to, expected) in [
        ("\"coupling\"", "\"couplin\"", "nothing called `couplin`"),
        ("\"coupling\"", "\"total\"", "`total` is not measured"),
        ("of = \"coupling\"\n", "", "has no `of`"),
        ("\"score.learned.width\"", "\"score.learned.samples\"", "which is not swept"),
        ("mean-over = \"score.learned.repetition\"", "", "the exponent has no `mean-over`"),
        (
            "mean-over = \"score.learned.repetition\"",
            "mean-over = \"score.learned.width\"",
            "the path of the repetitions",
        ),
        ("against = \"score.learned.width\"", "against = \"score.learned.repetition\"", "several positive numbers"),
        ("mean-over", "where = \"flips < 0.01\"\nmean-over", "expected `<quantity> <= <number>`"),
        ("mean-over", "where = \"flop <= 0.01\"\nmean-over", "nothing called `flop`"),
        ("mean-over", "beside = \"bias\"\nmean-over", "`bias` is not measured"),
        ("mean-over", "tolerance = 0.0\nmean-over", "tolerance"),
        ("mean-over", "besides = \"flips\"\nmean-over", "unknown key"),
    ] {
        let text = table(&good.replace(from, to));
        let why = spec(&text).err().unwrap_or_else(|| panic!("{text} was taken"));
        let said = format!("{why} {why:?}");
        assert!(said.contains(expected), "{text}\n{expected}\n{said}");
    }
}

/// An order needs repetitions, and quantities that are measured, each once.
#[test]
fn wrong_orders_are_named() {
    let figure = |rank: &str| format!("[figure]\nmean-over = \"score.learned.repetition\"\nrank = {rank}\n");
    let read = spec(&figure("[[\"coupling\", \"flips\"], [\"flips\", \"coupling-kink\"]]")).expect("two orders");
    assert_eq!(read.figure.expect("a figure").rank.len(), 2);
    for (text, expected) in [
        (figure("[\"coupling\"]"), "orders two quantities at least"),
        (figure("[\"coupling\", \"coupling\"]"), "stands twice"),
        (figure("[\"coupling\", \"bias\"]"), "`bias` is not measured"),
        (figure("[\"coupling\", \"flips\"]").replace("mean-over", "worst-over"), "without `figure.mean-over`"),
    ] {
        let why = spec(&text).err().unwrap_or_else(|| panic!("{text} was taken"));
        assert!(format!("{why} {why:?}").contains(expected), "{text} {why:?}");
    }
}

/// Variants with names are laid over the table at their path, after the cases; `--quick` keeps all of them.
#[test]
fn variants_of_a_table_are_laid_over_it() {
    let text = HEAD.replace(
        "\"score.learned.width\" = [100, 200, 400, 800]",
        "\"score.learned\" = [{ name = \"short\", steps = 3 }, { name = \"T\", stop = \"critical-radius\" }, \
         { name = \"far\", stop = \"regression-oracle\", times = 20.0 }, { name = \"wide\", width = 32 }]",
    );
    let spec = Spec::parse("variants", Source::new("variants.toml".into(), text)).expect("it can be read");
    let cells = super::super::sweep::cells(&spec.tree, &spec.axes, true).expect("few cells");
    assert_eq!(cells.len(), 12);
    assert_eq!(cells[0].labels, ["short", "0"]);
    let at = |cell: usize, path: &str| cells[cell].tree.at(path).map(Node::label);
    assert_eq!((at(0, "score.learned.steps"), at(0, "score.learned.width")), (Some("3".into()), Some("16".into())));
    assert_eq!(
        (at(7, "score.learned.times"), at(7, "score.learned.samples")),
        (Some("20.0".into()), Some("50".into()))
    );
    assert_eq!((at(9, "score.learned.width"), at(9, "score.learned.name")), (Some("32".into()), None));
}
