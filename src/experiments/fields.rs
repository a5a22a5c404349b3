//! Reading the keys of a table: every key once, unknown keys with a suggestion, numbers with their checks.

use super::error::Flaw;
use super::tree::{Key, Node, Span, Value};

/// A table being read. Keys asked for are remembered, so that what is left over is unknown.
pub struct Fields<'a> {
    /// The table's name in messages, for example `sampler.lmc`.
    pub name: String,
    /// The table's place.
    pub span: Span,
    entries: &'a [(Key, Node)],
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// Starts to read a table.
    ///
    /// # Errors
    /// When it is something else.
    pub fn of(node: &'a Node, name: impl Into<String>) -> Result<Self, Flaw> {
        let name = name.into();
        match node.table() {
            Some(entries) => Ok(Self { name, span: node.span.clone(), entries, known: Vec::new() }),
            None => {
                let found = format!("`{name}` is {}", node.value.kind());
                Err(Flaw::new(&node.span, found, format!("expected a table: [{name}] or {name} = {{ ... }}")))
            }
        }
    }

    /// A key that may be absent.
    pub fn maybe(&mut self, key: &'static str) -> Option<&'a Node> {
        self.known.push(key);
        self.entries.iter().find(|(k, _)| k.name == key).map(|(_, node)| node)
    }

    /// A key that must be there.
    ///
    /// # Errors
    /// When it is not.
    pub fn need(&mut self, key: &'static str, expected: &str) -> Result<&'a Node, Flaw> {
        self.maybe(key).ok_or_else(|| {
            let absent = || {
                let holder = if self.name.is_empty() { "the spec".to_owned() } else { format!("`{}`", self.name) };
                Flaw::new(&self.span, format!("{holder} has no `{key}`"), format!("expected {expected}"))
            };
            self.misspelt(&[key]).unwrap_or_else(absent)
        })
    }

    /// Where a key is absent, a misspelt one is the likelier cause and the better message: the first key nobody asked for
    /// that resembles one of `keys`.
    #[must_use]
    pub fn misspelt(&self, keys: &[&'static str]) -> Option<Flaw> {
        let resembles = |name: &str| !self.known.contains(&name) && closest(name, keys.iter().copied()).is_some();
        let (key, _) = self.entries.iter().find(|(key, _)| resembles(&key.name))?;
        Some(unknown(key, &self.name, keys))
    }

    /// A number that may be absent.
    ///
    /// # Errors
    /// When it is there and not a finite number.
    pub fn number(&mut self, key: &'static str) -> Result<Option<f64>, Flaw> {
        let name = self.path(key);
        self.maybe(key).map(|node| number(node, &name)).transpose()
    }

    /// A positive number that may be absent.
    ///
    /// # Errors
    /// When it is there and not a positive finite number.
    pub fn positive(&mut self, key: &'static str) -> Result<Option<f64>, Flaw> {
        let name = self.path(key);
        self.maybe(key).map(|node| positive(node, &name)).transpose()
    }

    /// A whole number of at least `least` that may be absent.
    ///
    /// # Errors
    /// When it is there and something else.
    pub fn count(&mut self, key: &'static str, least: u64) -> Result<Option<u64>, Flaw> {
        let name = self.path(key);
        self.maybe(key).map(|node| count(node, &name, least)).transpose()
    }

    /// A truth value that may be absent.
    ///
    /// # Errors
    /// When it is there and something else.
    pub fn boolean(&mut self, key: &'static str) -> Result<Option<bool>, Flaw> {
        let name = self.path(key);
        self.maybe(key)
            .map(|node| match node.value {
                Value::Boolean(b) => Ok(b),
                _ => Err(wrong(node, &name, "true or false")),
            })
            .transpose()
    }

    /// A string that may be absent.
    ///
    /// # Errors
    /// When it is there and something else.
    pub fn text(&mut self, key: &'static str) -> Result<Option<(&'a str, &'a Span)>, Flaw> {
        let name = self.path(key);
        self.maybe(key).map(|node| Ok((text(node, &name)?, &node.span))).transpose()
    }

    /// `table.key`, for messages.
    #[must_use]
    pub fn path(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// The first key that nobody asked for.
    pub fn finish(self) -> Result<(), Flaw> {
        match self.entries.iter().find(|(k, _)| !self.known.contains(&k.name.as_str())) {
            None => Ok(()),
            Some((key, _)) => Err(unknown(key, &self.name, &self.known)),
        }
    }

    /// Reads a table with exactly one entry whose key is one of `kinds`.
    ///
    /// # Errors
    /// None, several, or an unknown one.
    pub fn only(self, kinds: &[&'static str]) -> Result<(&'static str, &'a Node), Flaw> {
        let list = || kinds.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ");
        if let Some((key, _)) = self.entries.iter().find(|(k, _)| !kinds.contains(&k.name.as_str())) {
            return Err(unknown(key, &self.name, kinds));
        }
        match self.entries {
            [(key, node)] => {
                let kind = kinds.iter().find(|k| **k == key.name).expect("unknown keys were refused above");
                Ok((*kind, node))
            }
            [] => {
                Err(Flaw::new(&self.span, format!("`{}` is empty", self.name), format!("expected one of {}", list())))
            }
            [(first, _), (second, _), ..] => {
                let found = format!("`{}` has both `{}` and `{}`", self.name, first.name, second.name);
                Err(Flaw::new(&second.span, found, format!("expected exactly one of {}", list())))
            }
        }
    }
}

/// `1 number`, `3 numbers`.
pub fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// The best match of a misspelt name.
pub fn closest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let score = |k: &&str| strsim::jaro_winkler(name, k);
    known.into_iter().filter(|k| score(k) >= 0.8).max_by(|a, b| score(a).total_cmp(&score(b)))
}

/// "did you mean", or the list of what is known.
pub fn suggestion<'k>(name: &str, known: impl IntoIterator<Item = &'k str> + Clone) -> String {
    match closest(name, known.clone()) {
        Some(best) => format!("did you mean `{best}`?"),
        None => {
            let list = known.into_iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ");
            if list.is_empty() { "this table takes no keys".into() } else { format!("known are {list}") }
        }
    }
}

fn unknown(key: &Key, table: &str, known: &[&'static str]) -> Flaw {
    let place = if table.is_empty() { "at the top".to_owned() } else { format!("in `{table}`") };
    let found = format!("unknown key `{}` {place}", key.name);
    Flaw::new(&key.span, found, suggestion(&key.name, known.iter().copied()))
}

/// A value of the wrong kind.
pub fn wrong(node: &Node, name: &str, expected: &str) -> Flaw {
    Flaw::new(&node.span, format!("`{name}` is {}", node.value.kind()), format!("expected {expected}"))
}

/// A finite number: a TOML number or a decimal string.
///
/// # Errors
/// Anything else.
pub fn number(node: &Node, name: &str) -> Result<f64, Flaw> {
    let value = match &node.value {
        Value::Integer(i) => *i as f64,
        Value::Float(x) => *x,
        Value::Text(text) => match text.trim().parse() {
            Ok(x) => x,
            Err(_) => {
                let found = format!("`{name}` is the string \"{text}\"");
                return Err(Flaw::new(&node.span, found, "expected a number, or a decimal string such as \"1e-7\""));
            }
        },
        _ => return Err(wrong(node, name, "a number, or a decimal string such as \"1e-7\"")),
    };
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Flaw::new(&node.span, format!("`{name}` is {}", super::tree::float(value)), "expected a finite number"))
    }
}

/// A positive finite number.
///
/// # Errors
/// Anything else.
pub fn positive(node: &Node, name: &str) -> Result<f64, Flaw> {
    match number(node, name)? {
        x if x > 0.0 => Ok(x),
        x => Err(Flaw::new(&node.span, format!("`{name}` is {}", super::tree::float(x)), "it must be greater than 0")),
    }
}

/// A whole number of at least `least` (a float without a fraction will do: `1e6`).
///
/// # Errors
/// Anything else, or more than 2^53.
pub fn count(node: &Node, name: &str, least: u64) -> Result<u64, Flaw> {
    let x = number(node, name)?;
    let flaw = |help: String| Err(Flaw::new(&node.span, format!("`{name}` is {}", super::tree::float(x)), help));
    if x.fract() != 0.0 || x < 0.0 {
        flaw(format!("expected a whole number, at least {least}"))
    } else if x < least as f64 {
        flaw(format!("it must be at least {least}"))
    } else if x > 9_007_199_254_740_992.0 {
        flaw("it must be at most 2^53".into())
    } else {
        Ok(x as u64)
    }
}

/// A string.
///
/// # Errors
/// Anything else.
pub fn text<'a>(node: &'a Node, name: &str) -> Result<&'a str, Flaw> {
    match &node.value {
        Value::Text(text) => Ok(text),
        _ => Err(wrong(node, name, "a string")),
    }
}

/// The items of an array.
///
/// # Errors
/// Anything else.
pub fn items<'a>(node: &'a Node, name: &str, expected: &str) -> Result<&'a [Node], Flaw> {
    match &node.value {
        Value::Array(items) => Ok(items),
        _ => Err(wrong(node, name, expected)),
    }
}

/// An array of numbers.
///
/// # Errors
/// Anything else.
pub fn numbers(node: &Node, name: &str) -> Result<Vec<f64>, Flaw> {
    let items = items(node, name, "an array of numbers")?;
    items.iter().enumerate().map(|(i, item)| number(item, &format!("{name}[{i}]"))).collect()
}
