//! The statements after Pedrotti, Maas and Mondelli (2024), one file each.

mod l2_is_not_enough;
mod truncated_bounded;
mod truncated_corrector;
mod truncated_tails;
