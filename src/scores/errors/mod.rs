//! The error shapes a spec can name, one per file.
