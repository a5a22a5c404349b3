//! Every theorem of the registry restated, checked, broken and measured: `cargo test --test paper_checks`.

mod correctors;
mod flows;
mod han_razaviyayn_xu_2024;
mod lee_lu_tan_2022;
mod lessons;
mod pedrotti_maas_mondelli_2024;
mod registry;
mod reverse;
mod support;
mod truncated;
