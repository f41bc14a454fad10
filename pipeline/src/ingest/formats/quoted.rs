//! Escapes of access logs: `\"`, `\\` and `\xHH`. Those of JSON and CSV are not here.

use std::borrow::Cow;

/// The text meant by one with escapes; borrowed if it has none.
/// Bytes that are no UTF-8 together stay as they were written.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once('\\') {
        plain.push_str(before);
        rest = push_escape(&mut plain, escape);
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// The bytes of a run such as `xc3\xa9`, which follows a backslash, and what comes after it. Empty if there is none.
pub(super) fn hex_run(text: &str) -> (Vec<u8>, &str) {
    let mut bytes = Vec::new();
    let mut rest = text;
    let mut at = text;
    while let Some(byte) = at.strip_prefix('x').and_then(|digits| digits.get(..2)).and_then(hex_byte) {
        bytes.push(byte);
        rest = &at[3..];
        match rest.strip_prefix('\\') {
            Some(next) => at = next,
            None => break,
        }
    }
    (bytes, rest)
}

/// Pushes what the escape means, and gives what follows it.
fn push_escape<'t>(plain: &mut String, escape: &'t str) -> &'t str {
    if let Some(rest) = escape.strip_prefix(['"', '\\']) {
        plain.push_str(&escape[..1]);
        return rest;
    }
    let (bytes, rest) = hex_run(escape);
    match std::str::from_utf8(&bytes) {
        Ok(text) if !bytes.is_empty() && !text.contains('\0') => {
            plain.push_str(text);
            rest
        }
        _ => {
            plain.push('\\');
            plain.push_str(&escape[..escape.len() - rest.len()]);
            rest
        }
    }
}

fn hex_byte(digits: &str) -> Option<u8> {
    let all_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    all_hex.then(|| u8::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(unescaped(text), expected, "{text}");
    }

    #[test]
    fn escapes_are_undone() {
        check("plain", "plain");
        check(r#"say \"hi\""#, r#"say "hi""#);
        check(r"caf\xC3\xa9!", "café!");
        check(r"C:\\x41", r"C:\x41");
    }

    #[test]
    fn what_is_no_text_stays() {
        check(r"\xff\xfe.", r"\xff\xfe.");
        check(r"\x00", r"\x00");
        check(r"\x4", r"\x4");
        check(r"\n\", r"\n\");
        check(r"\xé1", r"\xé1");
    }
}
