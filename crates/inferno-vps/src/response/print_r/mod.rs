//! Decodes the output of PHP's `print_r`, e.g. `Array ( [key] => value … )`: on several lines, as PHP writes it, or on
//! one line, as web pages show it.

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

/// The maximum depth of nested arrays; JSON decoders have a similar limit.
const MAX_DEPTH: usize = 100;
/// The maximum length of a key, in bytes. The limit keeps the time for `[[[[…` linear.
const MAX_KEY: usize = 128;

/// Returns whether the text appears to begin with an array.
pub(super) fn opens(text: &str) -> bool {
    without_type(text).is_some()
}

/// Decodes the array at the beginning of the text. The array may lack its parentheses, so that the text begins with its
/// first field. Returns the text after the array, too.
///
/// All values are strings. As in PHP's own JSON, an array whose keys count up from 0 is a list. Text in which a key of an
/// array is repeated is not decoded: one of its values contains printed fields, which may hide the array's own.
pub(super) fn parse(text: &str) -> Option<(Value, String)> {
    if key(text).is_none() && !opens(text) {
        return None;
    }
    let text = text.replace("\r\n", "\n");
    [Layout::Lines, Layout::Loose].into_iter().find_map(|layout| {
        let mut parser = Parser::new(&text, layout);
        let value = parser.array()?;
        Some((!parser.repeats_key).then(|| (value, text[parser.at..].to_owned())))
    })?
}

/// Returns whether the text begins with a field without a surrounding array.
pub(super) fn is_field(text: &str) -> bool {
    key(text).is_some()
}

fn without_type(text: &str) -> Option<&str> {
    text.strip_prefix("Array").or_else(|| text.strip_prefix("stdClass Object"))
}

/// Returns whether a value looks like the beginning of an array.
pub(super) fn is_array(value: &str) -> bool {
    without_type(value).map(str::trim_start).is_some_and(|rest| rest.is_empty() || rest.starts_with('('))
}

/// Returns whether fields without parentheses may be complete. Only a nested array that is closed at the end proves
/// that they are. Otherwise, fields that report a success are rejected, and so is a `result` at the end, which may be a
/// truncated word.
fn may_be_whole(fields: &[(String, Value)]) -> bool {
    let says_success = |(key, value): &(String, Value)| {
        let text = value.as_str().unwrap_or_default();
        key == "result" && text.trim().eq_ignore_ascii_case("success")
    };
    match fields.last() {
        None => false,
        Some((_, Value::String(_))) if fields.iter().any(says_success) => false,
        Some((key, _)) => key != "result",
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Several lines, as PHP writes them: the indentation distinguishes keys from parts of values.
    Lines,
    /// Any kind of white space between the parts.
    Loose,
}

struct Parser<'a> {
    text: &'a str,
    layout: Layout,
    at: usize,
    /// Whether the outermost array has parentheses.
    is_whole: bool,
    /// Whether an array contains a key twice.
    repeats_key: bool,
}

struct Array {
    /// The array's key in the enclosing array.
    key: String,
    fields: Vec<(String, Value)>,
}

/// The mark that ends a value: the next key or a closing parenthesis.
enum Mark<'a> {
    Key(&'a str),
    Close,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, layout: Layout) -> Self {
        Self { text, layout, at: 0, is_whole: true, repeats_key: false }
    }

    fn array(&mut self) -> Option<Value> {
        self.is_whole = self.open(0);
        let mut open = vec![Array { key: String::new(), fields: Vec::new() }];
        loop {
            let depth = open.len();
            let field = match self.mark(self.at, depth) {
                Some((Mark::Key(key), end)) => {
                    self.at = end;
                    if self.open(depth) {
                        if depth == MAX_DEPTH {
                            return None;
                        }
                        open.push(Array { key: key.to_owned(), fields: Vec::new() });
                        continue;
                    }
                    let value = self.value(depth);
                    // Only its own closing parenthesis proves that the last array is complete.
                    if !self.is_whole && is_array(&value) {
                        return None;
                    }
                    (key.to_owned(), Value::String(value))
                }
                Some((Mark::Close, end)) => {
                    self.at = end;
                    let array = open.pop()?;
                    (array.key, self.json(array.fields))
                }
                // Fields without parentheses end where the text no longer looks like a field.
                None if !self.is_whole && depth == 1 => {
                    let fields = open.pop()?.fields;
                    return may_be_whole(&fields).then(|| self.json(fields));
                }
                None => return None,
            };
            match open.last_mut() {
                Some(array) => array.fields.push(field),
                None => return Some(field.1),
            }
        }
    }

    /// Skips `Array (` at this position and returns `true` if the content of an array follows.
    fn open(&mut self, depth: usize) -> bool {
        let rest = self.text[self.at..].trim_start_matches(' ');
        let inside = without_type(rest).and_then(|after| match self.layout {
            Layout::Lines => {
                let line = after.strip_prefix('\n')?;
                let inside = line.trim_start_matches(' ').strip_prefix("(\n")?;
                (margin(line) == 8 * depth).then_some(inside)
            }
            Layout::Loose => after.trim_start().strip_prefix('('),
        });
        let Some(at) = inside.map(|inside| self.text.len() - inside.len()) else { return false };
        let opens = self.mark(at, depth + 1).is_some();
        if opens {
            self.at = at;
        }
        opens
    }

    /// Returns the key or the closing parenthesis at this position, and the position after it. In [`Layout::Lines`] a
    /// position is always the beginning of a line.
    fn mark(&self, at: usize, depth: usize) -> Option<(Mark<'a>, usize)> {
        let rest = &self.text[at..];
        let may_close = self.is_whole || depth > 1;
        let (mark, after) = match self.layout {
            Layout::Lines => {
                let margin = margin(rest);
                let inner = &rest[margin..];
                if margin + 4 == 8 * depth {
                    let (key, after) = key(inner)?;
                    (Mark::Key(key), after)
                } else if margin + 8 == 8 * depth && may_close {
                    let after = inner.strip_prefix(')')?;
                    if !after.is_empty() && !after.starts_with('\n') {
                        return None;
                    }
                    let after = after.strip_prefix('\n').unwrap_or(after);
                    // PHP writes an empty line after an inner array.
                    (Mark::Close, after.strip_prefix('\n').unwrap_or(after))
                } else {
                    return None;
                }
            }
            Layout::Loose => {
                let inner = rest.trim_start();
                match key(inner) {
                    Some((key, after)) => (Mark::Key(key), after),
                    None => (Mark::Close, inner.strip_prefix(')').filter(|after| may_close && ends(after))?),
                }
            }
        };
        Some((mark, self.text.len() - after.len()))
    }

    fn json(&mut self, fields: Vec<(String, Value)>) -> Value {
        let is_list = fields.iter().enumerate().all(|(index, (key, _))| *key == index.to_string());
        if is_list {
            return Value::Array(fields.into_iter().map(|(_, value)| value).collect());
        }
        let length = fields.len();
        let fields = fields.into_iter().collect::<Map<_, _>>();
        self.repeats_key |= fields.len() < length;
        Value::Object(fields)
    }

    /// Returns the text up to the next mark of this array.
    fn value(&mut self, depth: usize) -> String {
        let rest = &self.text[self.at..];
        let (end, next) = match self.layout {
            Layout::Lines => self.line_end(rest, depth),
            Layout::Loose => self.loose_end(rest, depth),
        };
        self.at += next;
        match self.layout {
            Layout::Lines => rest[..end].strip_prefix(' ').unwrap_or(&rest[..end]).to_owned(),
            Layout::Loose => rest[..end].trim().to_owned(),
        }
    }

    fn line_end(&self, rest: &str, depth: usize) -> (usize, usize) {
        let mut breaks = rest.match_indices('\n').map(|(at, _)| at);
        let end = breaks.find(|at| self.mark(self.at + at + 1, depth).is_some());
        end.map_or((rest.len(), rest.len()), |end| (end, end + 1))
    }

    fn loose_end(&self, rest: &str, depth: usize) -> (usize, usize) {
        let mut from = 0;
        while let Some(blank) = rest[from..].find(char::is_whitespace) {
            let at = from + blank;
            let after = rest[at..].trim_start();
            from = rest.len() - after.len();
            // Without enclosing parentheses, the last value ends with its line.
            let is_loose_end = !self.is_whole && depth == 1 && rest[at..from].contains('\n');
            if is_loose_end || self.mark(self.at + at, depth).is_some() {
                return (at, at);
            }
        }
        (rest.len(), rest.len())
    }
}

/// Returns the key in `[key] =>` at the beginning of the text, and the text after it.
fn key(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('[')?;
    let end = inner.bytes().take(MAX_KEY).position(|byte| matches!(byte, b'[' | b']' | b'\n'))?;
    let after = inner[end..].strip_prefix("] =>")?;
    (end > 0).then(|| (&inner[..end], after))
}

/// Returns whether the parenthesis that precedes `after` closes an array. A value may also contain a parenthesis.
fn ends(after: &str) -> bool {
    let next = after.trim_start();
    let blanks = &after[..after.len() - next.len()];
    next.is_empty()
        || next.starts_with('<')
        || blanks.contains('\n')
        || (!blanks.is_empty() && (next.starts_with(')') || key(next).is_some()))
}

fn margin(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}
