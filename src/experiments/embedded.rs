//! The project's own experiments, part of the program so that it works from any directory.

use super::error::{Source, SpecError};
use super::files::Files;
use super::spec::Spec;

/// Name and text of every file in `experiments/`.
pub static EXPERIMENTS: &[(&str, &str)] = &[
    ("annealed_bound", include_str!("../../experiments/annealed_bound.toml")),
    ("corrector_needed", include_str!("../../experiments/corrector_needed.toml")),
    ("cost", include_str!("../../experiments/cost.toml")),
    ("error_floor", include_str!("../../experiments/error_floor.toml")),
    ("few_levels", include_str!("../../experiments/few_levels.toml")),
    ("forgetting", include_str!("../../experiments/forgetting.toml")),
    ("horizon", include_str!("../../experiments/horizon.toml")),
    ("horizon_budget", include_str!("../../experiments/horizon_budget.toml")),
    ("horizon_line", include_str!("../../experiments/horizon_line.toml")),
    ("horizon_needed", include_str!("../../experiments/horizon_needed.toml")),
    ("l2_is_not_enough", include_str!("../../experiments/l2_is_not_enough.toml")),
    ("learned_approximation", include_str!("../../experiments/learned_approximation.toml")),
    ("learned_errors", include_str!("../../experiments/learned_errors.toml")),
    ("learned_floor", include_str!("../../experiments/learned_floor.toml")),
    ("learned_noise", include_str!("../../experiments/learned_noise.toml")),
    ("learned_rule", include_str!("../../experiments/learned_rule.toml")),
    ("learned_sampler", include_str!("../../experiments/learned_sampler.toml")),
    ("learned_samples", include_str!("../../experiments/learned_samples.toml")),
    ("learned_spectrum", include_str!("../../experiments/learned_spectrum.toml")),
    ("learned_steps", include_str!("../../experiments/learned_steps.toml")),
    ("learned_stopping", include_str!("../../experiments/learned_stopping.toml")),
    ("learned_table", include_str!("../../experiments/learned_table.toml")),
    ("learned_width", include_str!("../../experiments/learned_width.toml")),
    ("levels", include_str!("../../experiments/levels.toml")),
    ("lmc_dimension", include_str!("../../experiments/lmc_dimension.toml")),
    ("lmc_escape", include_str!("../../experiments/lmc_escape.toml")),
    ("lmc_lsi", include_str!("../../experiments/lmc_lsi.toml")),
    ("lmc_prescribed", include_str!("../../experiments/lmc_prescribed.toml")),
    ("lmc_rates", include_str!("../../experiments/lmc_rates.toml")),
    ("lmc_score_error", include_str!("../../experiments/lmc_score_error.toml")),
    ("lmc_thresholds", include_str!("../../experiments/lmc_thresholds.toml")),
    ("lsi_bounds", include_str!("../../experiments/lsi_bounds.toml")),
    ("pc_dimension", include_str!("../../experiments/pc_dimension.toml")),
    ("pc_evaluations", include_str!("../../experiments/pc_evaluations.toml")),
    ("pc_lsi", include_str!("../../experiments/pc_lsi.toml")),
    ("pc_rates", include_str!("../../experiments/pc_rates.toml")),
    ("pc_score_error", include_str!("../../experiments/pc_score_error.toml")),
    ("reverse_schemes", include_str!("../../experiments/reverse_schemes.toml")),
    ("schedules", include_str!("../../experiments/schedules.toml")),
];

/// The files that these experiments name, as they name them.
pub static FILES: &[(&str, &[u8])] = &[("data/iris.csv", include_bytes!("../../experiments/data/iris.csv"))];

/// The embedded experiment of this name, read; `None` when there is none.
#[must_use]
pub fn embedded(name: &str) -> Option<Result<Spec, SpecError>> {
    let (name, text) = EXPERIMENTS.iter().find(|(known, _)| *known == name)?;
    Some(Spec::parse(
        name,
        Source { files: Files::BuiltIn, ..Source::new(format!("experiments/{name}.toml"), (*text).to_owned()) },
    ))
}

#[cfg(test)]
mod tests {
    use super::{EXPERIMENTS, FILES};
    use std::ffi::OsStr;
    use std::path::Path;

    /// The list is what is in the folder.
    #[test]
    fn every_experiment_is_embedded() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments");
        let there = |folder: &Path, extension: &str, name: fn(&Path) -> Option<&OsStr>| {
            let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            let kept = entries.filter(|path| path.extension().is_some_and(|e| e == extension));
            let mut there: Vec<String> = kept.map(|path| name(&path).unwrap().to_string_lossy().into_owned()).collect();
            there.sort();
            there
        };
        assert_eq!(
            EXPERIMENTS.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
            there(&folder, "toml", Path::file_stem)
        );
        let data = there(&folder.join("data"), "csv", Path::file_name);
        assert_eq!(
            FILES.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
            data.iter().map(|n| format!("data/{n}")).collect::<Vec<_>>()
        );
    }
}
