//! Repetitions side by side: one line for each setting with every quantity as a mean, and which of some quantities is larger how
//! often.

use super::gathered::averaged;
use super::labels;
use super::records::{Records, Row, Span, unique};
use super::table::aligned;

/// The place of the path over which means are taken.
fn repeated(records: &Records) -> Option<usize> {
    let path = records.meta.figure.as_ref()?.mean_over.as_ref()?;
    records.swept.iter().position(|swept| swept == path)
}

/// What tells rows apart beside one path.
fn setting(row: &Row, without: usize) -> Vec<String> {
    row.swept.iter().enumerate().filter(|(i, _)| *i != without).map(|(_, value)| value.clone()).collect()
}

/// The settings in the order of their values: numbers by size, words as they come.
fn in_order(mut settings: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let columns = settings.first().map_or(0, Vec::len);
    let key = |i: usize| -> Box<dyn Fn(&str) -> f64> {
        let numbers: Option<Vec<f64>> = settings.iter().map(|s| s[i].trim().parse().ok()).collect();
        let words = unique(settings.iter().map(|s| s[i].clone()));
        match numbers {
            Some(_) => Box::new(|text| text.trim().parse().unwrap_or(0.0)),
            None => Box::new(move |text| words.iter().position(|word| word == text).unwrap_or(0) as f64),
        }
    };
    let keys: Vec<_> = (0..columns).map(key).collect();
    let ranks = |setting: &[String]| keys.iter().zip(setting).map(|(key, text)| key(text)).collect::<Vec<f64>>();
    settings.sort_by(|a, b| ranks(a).partial_cmp(&ranks(b)).unwrap_or(std::cmp::Ordering::Equal));
    settings
}

/// The swept paths but for one, by their symbols.
fn heads(records: &Records, without: usize) -> Vec<String> {
    let symbols = labels::symbols(&records.quantities);
    symbols.into_iter().enumerate().filter(|(i, _)| *i != without).map(|(_, symbol)| symbol).collect()
}

/// A mean with its error, and with how many repetitions it is of where some have no number.
fn mean(row: &Row, repetition: usize) -> String {
    let text = row.measured.map_or_else(|| "-".to_owned(), labels::with_error);
    match row.swept[repetition].strip_prefix("mean of ").filter(|count| count.contains(" of ")) {
        Some(count) => format!("{text} ({count})"),
        None => text,
    }
}

/// What was measured, as a table with a line for each setting and a column for each quantity: means over the path of
/// `mean-over` with half of Student's 95 % interval, and `(k of n)` where k of the n repetitions have a number. Empty where no means are asked for.
#[must_use]
pub fn wide_table(records: &Records) -> String {
    let Some(i) = repeated(records) else { return String::new() };
    let records = averaged(records);
    let rows = || records.rows.iter().filter(|row| row.measured.is_some());
    let quantities = unique(rows().map(|row| row.divergence.clone()));
    let settings = in_order(unique(rows().map(|row| setting(row, i))));
    let mut head = heads(&records, i);
    head.extend(quantities.iter().cloned());
    let line = |setting_of: &Vec<String>| {
        let mut cells: Vec<String> = setting_of.iter().map(|value| labels::value(value)).collect();
        cells.extend(quantities.iter().map(|quantity| {
            let own = rows().find(|row| row.divergence == *quantity && setting(row, i) == *setting_of);
            own.map_or_else(|| "-".to_owned(), |row| mean(row, i))
        }));
        cells
    };
    if settings.is_empty() { String::new() } else { aligned(&head, &settings.iter().map(line).collect::<Vec<_>>()) }
}

/// The enclosures of some quantities in one repetition.
struct Sizes {
    cell: String,
    setting: Vec<String>,
    sizes: Vec<Span>,
}

/// The repetitions in which all of some quantities were measured.
fn sizes(records: &Records, i: usize, names: &[String]) -> Vec<Sizes> {
    let cells = unique(records.rows.iter().map(|row| row.cell.clone()));
    let of_cell = |cell: String| {
        let mine: Vec<&Row> = records.rows.iter().filter(|row| row.cell == cell).collect();
        let size = |name: &String| mine.iter().find(|row| row.divergence == *name).and_then(|row| row.measured);
        let setting = setting(mine[0], i);
        Some(Sizes { sizes: names.iter().map(size).collect::<Option<_>>()?, setting, cell })
    };
    cells.into_iter().filter_map(of_cell).collect()
}

/// Whether one number is above another, where their enclosures tell.
fn above(a: Span, b: Span) -> Option<bool> {
    match (a.lo > b.hi, b.lo >= a.hi) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

/// Whether all hold: not where one does not, not known where one is not known.
fn all_of(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut so_far = Some(true);
    for answer in answers {
        match answer {
            Some(true) => {}
            Some(false) => return Some(false),
            None => so_far = None,
        }
    }
    so_far
}

/// In how many of some repetitions something holds, and in how many that is not known.
struct Count {
    holds: usize,
    open: usize,
    all: usize,
}

impl Count {
    fn of(repetitions: &[&Sizes], holds: impl Fn(&[Span]) -> Option<bool>) -> Self {
        let answers: Vec<Option<bool>> = repetitions.iter().map(|own| holds(&own.sizes)).collect();
        let number = |answer: Option<bool>| answers.iter().filter(|found| **found == answer).count();
        Self { holds: number(Some(true)), open: number(None), all: answers.len() }
    }

    fn told(&self, between: &str) -> String {
        let open = if self.open > 0 { format!(", undecided in {}", self.open) } else { String::new() };
        format!("{}{between}{}{open}", self.holds, self.all)
    }
}

/// For each list of `figure.rank`: the quantities of every setting from the largest mean down, with the share of the repetitions in
/// which each is above the next; how often the largest is the largest, and how often the whole order is that of the means. Below,
/// which pairs have one order in every repetition of every setting. In one repetition an order is decided where the enclosures are
/// apart, between means (`>`, `~` where it is not) where they are with Student's 95 % intervals. Empty where no order is asked for.
#[must_use]
pub fn ranking(records: &Records) -> String {
    let lists = records.meta.figure.iter().flat_map(|figure| &figure.rank);
    let tables = lists.filter_map(|names| ranked(records, names)).collect::<Vec<_>>();
    tables.join("\n")
}

fn ranked(records: &Records, names: &[String]) -> Option<String> {
    let i = repeated(records)?;
    let all = sizes(records, i, names);
    let settings = in_order(unique(all.iter().map(|s| s.setting.clone())));
    // Only repetitions in which all of them were measured count.
    let counted = |row: &&Row| names.contains(&row.divergence) && all.iter().any(|own| own.cell == row.cell);
    let mut means = records.clone();
    means.rows = records.rows.iter().filter(counted).cloned().collect();
    let means = averaged(&means);
    let mut head = heads(records, i);
    head.extend(["from the largest mean down", "largest", "whole order"].map(String::from));
    let line = |setting_of: &Vec<String>| {
        let own: Vec<&Sizes> = all.iter().filter(|s| s.setting == *setting_of).collect();
        let mean = |name: &String| {
            let mut rows = means.rows.iter().filter(|row| row.divergence == *name && setting(row, i) == *setting_of);
            rows.find_map(|row| row.measured).unwrap_or(Span { lo: f64::NEG_INFINITY, hi: f64::INFINITY })
        };
        let mean: Vec<Span> = names.iter().map(mean).collect();
        let middle = |k: usize| 0.5 * (mean[k].lo + mean[k].hi);
        let mut order: Vec<usize> = (0..names.len()).collect();
        order.sort_by(|&a, &b| middle(b).total_cmp(&middle(a)));
        let mut text = names[order[0]].clone();
        for pair in order.windows(2) {
            let sign = if above(mean[pair[0]], mean[pair[1]]) == Some(true) { '>' } else { '~' };
            let count = Count::of(&own, |sizes| above(sizes[pair[0]], sizes[pair[1]]));
            text += &format!(" {sign} {} ({})", names[pair[1]], count.told("/"));
        }
        let largest = |sizes: &[Span]| all_of(order[1..].iter().map(|&k| above(sizes[order[0]], sizes[k])));
        let ordered = |sizes: &[Span]| all_of(order.windows(2).map(|pair| above(sizes[pair[0]], sizes[pair[1]])));
        let mut cells: Vec<String> = setting_of.iter().map(|value| labels::value(value)).collect();
        cells.extend([text, Count::of(&own, largest).told(" of "), Count::of(&own, ordered).told(" of ")]);
        cells
    };
    if settings.is_empty() {
        return None;
    }
    let table = aligned(&head, &settings.iter().map(line).collect::<Vec<_>>());
    let every: Vec<&Sizes> = all.iter().collect();
    let pairs = (0..names.len()).flat_map(|a| (0..names.len()).map(move |b| (a, b)));
    let fixed =
        pairs.filter(|&(a, b)| a != b && Count::of(&every, |sizes| above(sizes[a], sizes[b])).holds == every.len());
    let fixed: Vec<String> = fixed.map(|(a, b)| format!("{} > {}", names[a], names[b])).collect();
    let told = if fixed.is_empty() { "none".to_owned() } else { fixed.join(", ") };
    Some(format!(
        "Which of {} is larger; (k/n, undecided in m): in k of n repetitions, in m of which the enclosures overlap; \
         > between means that are apart with Student's 95 % intervals, ~ between others.\n\n{table}\n\
         The same in every repetition of every line: {told}.\n",
        names.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::records::{FigureSpec, Meta};

    fn records() -> Records {
        let head = "divergence,lo,hi,evidence,theorem,bound_lo,bound_hi,ratio_lo,ratio_hi,verdict,engine,seconds";
        let mut text = format!("cell,n,score.learned.repetition,{head}\n");
        // coupling, bias and total in two repetitions of two settings.
        for (cell, (n, repetition, values)) in
            [(10, 0, [1.0, 2.0, 3.0]), (10, 1, [1.5, 2.2, 3.2]), (20, 0, [2.0, 1.0, 3.0]), (20, 1, [0.5, 1.5, 3.0])]
                .into_iter()
                .enumerate()
        {
            for (name, x) in ["coupling", "bias", "total"].iter().zip(values) {
                let (lo, hi) = (x - 0.1, x + 0.1);
                text += &format!("{cell},{n},{repetition},{name},{lo},{hi},checked,,,,,,,,0\n");
            }
        }
        let rank = vec![["coupling", "bias", "total"].map(String::from).to_vec()];
        let figure = FigureSpec { mean_over: Some("score.learned.repetition".into()), rank, ..FigureSpec::default() };
        Records::parse(&text, Meta { figure: Some(figure), ..Meta::default() }).unwrap()
    }

    /// Means of 1 and 1.5 differ from each by 0.25 = one standard error, which has the chance of their test points in it, and Student's 97.5 %
    /// quantile with one degree of freedom is 12.706: 1.25 +- 3.18.
    #[test]
    fn quantities_stand_side_by_side() {
        let text = wide_table(&records());
        let lines: Vec<Vec<&str>> =
            text.lines().map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect();
        assert_eq!(lines[0], ["n", "coupling", "bias", "total"]);
        assert_eq!(lines[2][2..], ["2.1 \u{b1} 1.3", "3.1 \u{b1} 1.3"]);
        assert_eq!((lines[2][0], lines[3][0], lines[3][3]), ("10", "20", "3.0000"));
        // 1.25 is rounded to either side.
        for (cell, end) in [(lines[2][1], "3.2"), (lines[3][1], "9.6"), (lines[3][2], "3.2")] {
            assert!(cell.starts_with("1.") && cell.ends_with(&format!(" \u{b1} {end}")), "{cell}");
        }
    }

    /// A slope of a quantity goes through its own line where quantities are the series, whatever these are called.
    #[test]
    fn slopes_go_through_the_line_of_their_quantity() {
        for named in ["", "\"series-label\": \"which\","] {
            let mut all = records();
            let spec = r#"{"x": "n", "y": ["total", "bias"], "series": "quantity", NAMED "mean-over": "score.learned.repetition",
            "slopes": [{"of": "bias", "power": -1.0}, {"power": -0.5}, {"of": "coupling", "power": 1.0}]}"#;
            all.meta.figure = Some(serde_json::from_str(&spec.replace("NAMED", named)).unwrap());
            let charts = super::super::figures::charts(&all);
            let guides: Vec<_> = charts.iter().flat_map(|c| c.panels()).flat_map(|p| p.guides.clone()).collect();
            assert_eq!(guides.iter().map(|g| g.slope).collect::<Vec<_>>(), [-1.0, -0.5]);
            // At n = 20 the bias is 1.25 +- 3.18: a mean is drawn where its interval reaches below 0, too.
            assert_eq!(guides[0].through.0, 20.0);
            assert!((guides[0].through.1 - 1.25).abs() < 1e-9, "{:?}", guides[0].through);
        }
    }

    /// Enclosures that overlap decide nothing: at n = 10 those of coupling and bias do in the second repetition once coupling is known
    /// to +-0.8 only, and those of bias and total once bias is known to +-1 in the first.
    #[test]
    fn an_order_within_the_uncertainty_is_undecided() {
        let mut all = records();
        let mut widen = |cell: &str, name: &str, by: f64| {
            let row = all.rows.iter_mut().find(|row| row.cell == cell && row.divergence == name).unwrap();
            let middle = row.measured.map(|s| 0.5 * (s.lo + s.hi)).unwrap();
            row.measured = Some(Span { lo: middle - by, hi: middle + by });
        };
        widen("1", "coupling", 0.8);
        widen("0", "bias", 1.0);
        let text = ranking(&all);
        let line = "total ~ bias (1/2, undecided in 1) ~ coupling (0/2, undecided in 2) | 1 of 2, undecided in 1 | 0 of 2, undecided in 2";
        let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(plain.contains(line), "{text}");
        assert!(text.ends_with("The same in every repetition of every line: total > coupling.\n"), "{text}");
        assert_eq!(above(Span { lo: 1.0, hi: 2.0 }, Span { lo: 2.0, hi: 3.0 }), Some(false));
    }

    /// Means are apart where Student's intervals are: of two repetitions each those of 3.0 and 3.2, 2.0 and 2.2 are not (+-1.27, where two
    /// standard errors are +-0.2), those of equal ones are.
    #[test]
    fn means_of_few_repetitions_are_apart_where_they_hardly_differ() {
        let mut all = records();
        let whole = ranking(&all);
        assert!(whole.contains("total ~ bias (2/2)"), "{whole}");
        for row in all.rows.iter_mut().filter(|row| row.cell == "2" || row.cell == "3") {
            let middle = match row.divergence.as_str() {
                "coupling" => 2.0,
                "bias" => 1.0,
                _ => 3.0,
            };
            row.measured = Some(Span { lo: middle - 0.1, hi: middle + 0.1 });
        }
        let text = ranking(&all);
        assert!(text.contains("total > coupling (2/2) > bias (2/2)"), "{text}");
    }

    /// What is measured in some repetitions only says in how many.
    #[test]
    fn means_of_some_repetitions_say_of_how_many() {
        let mut all = records();
        all.rows.iter_mut().find(|row| row.cell == "1" && row.divergence == "bias").unwrap().measured = None;
        let text = wide_table(&all);
        assert!(text.contains("| 2.00 ± 0.10 (1 of 2) |"), "{text}");
        assert_eq!(text.matches(" of ").count(), 1, "{text}");
    }

    /// The terms of a bound are drawn also where all quantities stand on one axis, which is called by the unit that they share.
    #[test]
    fn stacks_and_titles_of_quantities_on_one_axis() {
        let head =
            "divergence,lo,hi,evidence,theorem,bound_lo,bound_hi,ratio_lo,ratio_hi,verdict,engine,why,terms,seconds";
        let mut text = format!("cell,n,{head}\n");
        for (cell, n) in [10, 20, 40].into_iter().enumerate() {
            text += &format!("{cell},{n},total,1,1.1,checked,,,,,,,,,,0\n{cell},{n},bias,0.5,0.6,checked,,,,,,,,,,0\n");
            text += &format!("{cell},{n},learned-error,1,1.1,checked,HRX-15a,2,2,1.8,2,HOLDS,,,a=0.5;b=1.5,0\n");
        }
        let figure = |y: &[&str]| {
            let spec = serde_json::json!({"x": "n", "y": y, "series": "quantity", "stack": [{"theorem": "HRX-15a"}]});
            let meta = Meta { figure: Some(serde_json::from_value(spec).unwrap()), ..Meta::default() };
            super::super::figures::charts(&Records::parse(&text, meta).unwrap())
        };
        let charts = figure(&["total", "bias"]);
        assert_eq!(charts.len(), 2);
        assert_eq!(charts[0].panels().next().unwrap().axes.1, "length");
        let shares: Vec<_> = charts[1].panels().map(|panel| panel.axes.1.clone()).collect();
        assert_eq!(shares, ["share of the bound", "error of the regression function on the test set (length)"]);
        assert_eq!(labels::axis_of_quantities(&["total", "total-squared"]), "");
        assert_eq!(labels::axis_of_quantities(&["kl", "kl-reverse"]), "nats");
        assert_eq!(labels::axis_of_quantities(&["chi2"]), "χ²(output | target)");
        assert_eq!(labels::axis_of_quantities(&["chi2", "chi2-twin"]), "");
    }

    /// 20 before 100, and words as they come.
    #[test]
    fn settings_are_in_the_order_of_their_values() {
        let settings = [["b", "100"], ["b", "20"], ["a", "100"], ["a", "20"]].map(|s| s.map(String::from).to_vec());
        let sorted: Vec<String> = in_order(settings.to_vec()).iter().map(|s| s.join(" ")).collect();
        assert_eq!(sorted, ["b 20", "b 100", "a 20", "a 100"]);
    }

    /// At n = 20 bias and coupling change places from one repetition to the other.
    #[test]
    fn orders_are_told_with_how_often_they_hold() {
        let text = ranking(&records());
        assert!(text.contains("total ~ bias (2/2) ~ coupling (2/2) | 2 of 2  | 2 of 2"), "{text}");
        // The means 1.25 and 1.25 are not apart, and two repetitions that differ know 3.0 from neither.
        assert!(
            text.contains("total ~ coupling (2/2) ~ bias (1/2) | 2 of 2  | 1 of 2")
                || text.contains("total ~ bias (2/2) ~ coupling (1/2) | 2 of 2  | 1 of 2"),
            "{text}"
        );
        assert!(
            text.ends_with("The same in every repetition of every line: total > coupling, total > bias.\n"),
            "{text}"
        );
        let without = Records { meta: Meta::default(), ..records() };
        assert_eq!((wide_table(&without), ranking(&without)), (String::new(), String::new()));
    }
}
