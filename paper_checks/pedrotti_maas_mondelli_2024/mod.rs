//! The statements after Pedrotti, Maas and Mondelli (2024), one file each.

mod truncated_bounded;
mod truncated_corrector;
mod truncated_tails;
