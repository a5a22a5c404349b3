//! A TOML file as a tree whose every key and value knows where it stands.

use super::error::Flaw;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where something stands in the file, in bytes.
pub type Span = Range<usize>;

/// A value with its place. Equality does not look at places.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its place.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// A TOML value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Keys and values in the order of the file.
    Table(Vec<(Key, Node)>),
    /// Values in order.
    Array(Vec<Node>),
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// A string.
    Text(String),
    /// A truth value.
    Boolean(bool),
    /// A date or time, which no spec needs.
    Date(String),
}

/// A key with its place. Equality does not look at places.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its place.
    pub span: Span,
    /// The key.
    pub name: String,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Value {
    /// What it is, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Table(_) => "a table",
            Value::Array(_) => "an array",
            Value::Integer(_) => "an integer",
            Value::Float(_) => "a number",
            Value::Text(_) => "a string",
            Value::Boolean(_) => "a boolean",
            Value::Date(_) => "a date",
        }
    }
}

/// The place of the entry that `*` stands for.
fn only(entries: &[(Key, Node)]) -> Option<usize> {
    let mut tables = (0..entries.len()).filter(|&i| entries[i].1.table().is_some());
    match (entries.len(), tables.next(), tables.next()) {
        (1, ..) => Some(0),
        (_, table, None) => table,
        _ => None,
    }
}

impl Node {
    /// Parses a TOML document.
    ///
    /// # Errors
    /// The first syntax error, with its place.
    pub fn parse(text: &str) -> Result<Node, Flaw> {
        match DeTable::parse(text) {
            Ok(table) => Ok(Node { span: 0..0, value: Value::Table(table_of(table.get_ref())) }),
            Err(error) => {
                let span = error.span().unwrap_or(0..0);
                let message = error.message().trim().replace('\n', ", ");
                Err(Flaw::new(&span, format!("not TOML: {message}"), "see https://toml.io for the syntax"))
            }
        }
    }

    /// The entries, if it is a table.
    #[must_use]
    pub fn table(&self) -> Option<&[(Key, Node)]> {
        match &self.value {
            Value::Table(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value of a key, if it is a table that has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.table()?.iter().find(|(key, _)| key.name == name).map(|(_, node)| node)
    }

    fn get_mut(&mut self, name: &str) -> Option<&mut Node> {
        match &mut self.value {
            Value::Table(entries) => entries.iter_mut().find(|(key, _)| key.name == name).map(|(_, node)| node),
            _ => None,
        }
    }

    /// Sets a key of a table, a new one at `span`; does nothing to anything else.
    pub fn insert(&mut self, name: &str, span: &Span, node: Node) {
        if let Value::Table(entries) = &mut self.value {
            match entries.iter_mut().find(|(key, _)| key.name == name) {
                Some((_, old)) => *old = node,
                None => entries.push((Key { span: span.clone(), name: name.to_owned() }, node)),
            }
        }
    }

    /// Removes a key of a table.
    pub fn remove(&mut self, name: &str) -> Option<Node> {
        match &mut self.value {
            Value::Table(entries) => {
                let at = entries.iter().position(|(key, _)| key.name == name)?;
                Some(entries.remove(at).1)
            }
            _ => None,
        }
    }

    /// What stands at a dotted path, if anything. Arrays are indexed by number; `*` is the only entry of a table, or the only
    /// one that is itself a table.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<&Node> {
        path.split('.').try_fold(self, |node, part| match &node.value {
            Value::Array(items) => items.get(part.parse::<usize>().ok()?),
            Value::Table(entries) => match part {
                "*" => only(entries).map(|i| &entries[i].1),
                _ => node.get(part),
            },
            _ => None,
        })
    }

    /// Puts a value at a dotted path that is written at `span`. All but the last part must exist; a last part that is new
    /// becomes a key.
    ///
    /// # Errors
    /// The part that leads nowhere, and what could stand in its place.
    pub fn set(&mut self, path: &str, span: &Span, value: Node) -> Result<(), LostPath> {
        let parts: Vec<&str> = path.split('.').collect();
        let (last, way) = parts.split_last().unwrap_or((&"", &[]));
        let mut node = self;
        for part in way {
            let candidates = node.parts();
            let next = match &mut node.value {
                Value::Array(items) => part.parse::<usize>().ok().and_then(|i| items.get_mut(i)),
                Value::Table(entries) => match *part {
                    "*" => only(entries).and_then(|i| entries.get_mut(i)),
                    part => entries.iter_mut().find(|(key, _)| key.name == part),
                }
                .map(|(_, n)| n),
                _ => None,
            };
            node = next.ok_or_else(|| LostPath { part: (*part).to_owned(), candidates })?;
        }
        let candidates = node.parts();
        let lost = || LostPath { part: (*last).to_owned(), candidates };
        match &mut node.value {
            Value::Table(_) if last.is_empty() || *last == "*" => return Err(lost()),
            Value::Table(_) => node.insert(last, span, value),
            Value::Array(items) => {
                *last.parse::<usize>().ok().and_then(|i| items.get_mut(i)).ok_or_else(lost)? = value;
            }
            _ => return Err(lost()),
        }
        Ok(())
    }

    /// The keys or indices a path can go on with.
    fn parts(&self) -> Vec<String> {
        match &self.value {
            Value::Table(entries) => entries.iter().map(|(key, _)| key.name.clone()).collect(),
            Value::Array(items) => (0..items.len()).map(|i| i.to_string()).collect(),
            _ => Vec::new(),
        }
    }

    /// Lays another table over this one: tables merge key by key, anything else replaces. Where a table holds one of
    /// several kinds (`target`, `start`, `error`, `process`, `sampler`), another kind replaces the one that is there.
    pub fn overlay(&mut self, over: &Node) {
        let Some(entries) = over.table() else {
            *self = over.clone();
            return;
        };
        for (key, node) in entries {
            match self.get_mut(&key.name) {
                Some(old) if old.table().is_some() && node.table().is_some() => {
                    if KINDS.contains(&key.name.as_str()) && !shares_a_key(old, node) {
                        old.forget_tables();
                    }
                    old.overlay(node);
                }
                _ => self.insert(&key.name, &key.span, node.clone()),
            }
        }
    }

    /// Removes the tables in a table: of a kind and what stands beside it, the latter stays.
    fn forget_tables(&mut self) {
        if let Value::Table(entries) = &mut self.value {
            entries.retain(|(_, node)| node.table().is_none());
        }
    }

    /// The tree as a TOML document.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let entries = self.table().unwrap_or_default();
        entries.iter().map(|(key, node)| format!("{} = {}\n", quoted_key(&key.name), node.inline())).collect()
    }

    fn inline(&self) -> String {
        match &self.value {
            Value::Table(entries) => {
                let parts: Vec<String> = entries
                    .iter()
                    .map(|(key, node)| format!("{} = {}", quoted_key(&key.name), node.inline()))
                    .collect();
                if parts.is_empty() { "{}".into() } else { format!("{{ {} }}", parts.join(", ")) }
            }
            Value::Array(items) => format!("[{}]", items.iter().map(Node::inline).collect::<Vec<_>>().join(", ")),
            Value::Integer(i) => i.to_string(),
            Value::Float(x) => float(*x),
            Value::Text(text) => quoted(text),
            Value::Boolean(b) => b.to_string(),
            Value::Date(text) => text.clone(),
        }
    }

    /// How a swept value is written in records: numbers shortest, strings bare, a table by its `name` or its only key.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.value {
            Value::Text(text) => text.clone(),
            Value::Table(entries) => match (self.get("name").map(|n| &n.value), &entries[..]) {
                (Some(Value::Text(name)), _) => name.clone(),
                (_, [(key, _)]) => key.name.clone(),
                _ => self.inline(),
            },
            _ => self.inline(),
        }
    }
}

/// Tables that hold exactly one entry, whose key says of which kind it is.
pub const KINDS: [&str; 6] = ["target", "data", "start", "error", "process", "sampler"];

fn shares_a_key(a: &Node, b: &Node) -> bool {
    a.table().unwrap_or_default().iter().any(|(key, _)| b.get(&key.name).is_some())
}

/// A path that leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostPath {
    /// The first part that is not there.
    pub part: String,
    /// What is there instead.
    pub candidates: Vec<String>,
}

fn table_of(table: &DeTable<'_>) -> Vec<(Key, Node)> {
    let key = |k: &Spanned<toml::de::DeString<'_>>| Key { span: k.span(), name: k.get_ref().to_string() };
    table.iter().map(|(k, v)| (key(k), node_of(v))).collect()
}

fn node_of(value: &Spanned<DeValue<'_>>) -> Node {
    let inner = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(int) => {
            let digits = int.as_str();
            match i64::from_str_radix(digits, int.radix()) {
                Ok(small) => Value::Integer(small),
                // Beyond 64 bits the nearest double is what is meant.
                Err(_) => Value::Float(digits.parse().unwrap_or(f64::INFINITY)),
            }
        }
        DeValue::Float(float) => Value::Float(float.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(b) => Value::Boolean(*b),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(items) => Value::Array(items.iter().map(node_of).collect()),
        DeValue::Table(table) => Value::Table(table_of(table)),
    };
    Node { span: value.span(), value: inner }
}

/// The shortest decimal text that means this double.
#[must_use]
pub fn float(x: f64) -> String {
    if x == f64::INFINITY {
        "inf".into()
    } else if x == f64::NEG_INFINITY {
        "-inf".into()
    } else if x.is_nan() {
        "nan".into()
    } else {
        format!("{x:?}")
    }
}

fn quoted_key(name: &str) -> String {
    let bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if bare { name.to_owned() } else { quoted(name) }
}

pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", c as u32)),
            c => out.push(c),
        }
    }
    out + "\""
}
