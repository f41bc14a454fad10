//! From a request's headers to who asks. A token that is shown and can't be trusted is refused, also where none was needed.

use std::sync::Arc;

use warp::http::HeaderMap;
use warp::http::header::AUTHORIZATION;

use super::caller::Caller;
use super::register::Register;
use super::tokens::{Scope, Tokens};
use crate::problem::Problem;

const SCHEME: &str = "bearer";

/// Stands before every route.
#[derive(Debug, Clone)]
pub(crate) enum Guard {
    /// Everybody who can reach the sidecar is this machine.
    Open,
    /// Tokens say who asks.
    Tokens(Arc<Register>),
}

impl Guard {
    /// Who asks, unless too often.
    pub(crate) fn admit(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        let Self::Tokens(register) = self else { return Ok(Caller::Machine) };
        let tokens = register.tokens();
        match shown(headers) {
            Ok(None) => Ok(Caller::Visitor(Arc::clone(&tokens.visitors))),
            Ok(Some(token)) => known(&tokens, token),
            Err(problem) => Err(tokens.visitors.refusal(problem)),
        }
    }

    /// The tokens in force, where any are asked for.
    pub(crate) fn register(&self) -> Option<&Arc<Register>> {
        match self {
            Self::Open => None,
            Self::Tokens(register) => Some(register),
        }
    }
}

/// Whose token it is, unless they ask too often. A token that is nobody's counts against all who are refused.
fn known(tokens: &Tokens, token: &str) -> Result<Caller, Problem> {
    // Only what is signed has dots: service tokens are looked up by their hash.
    if token.contains('.') {
        let member = tokens.members.verify(token).map_err(|problem| tokens.visitors.refusal(problem))?;
        tokens.members.pace.take(&member)?;
        return Ok(Caller::Member(member));
    }
    let unknown = || tokens.visitors.refusal(Problem::invalid_token("the token is not known"));
    let service = tokens.service(token).ok_or_else(unknown)?;
    service.pace.take(&())?;
    Ok(match service.scope {
        Scope::Site => Caller::Site,
        Scope::Operator => Caller::Operator,
    })
}

/// The token of the only `Authorization` header.
fn shown(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = sent.next() else { return Ok(None) };
    if sent.next().is_some() {
        return Err(Problem::bad_request("there is more than one `Authorization`"));
    }
    let bearer = value.to_str().ok().and_then(|text| text.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case(SCHEME));
    let token = bearer.map(|(_, token)| token.trim()).filter(|token| !token.is_empty());
    token.map(Some).ok_or_else(|| Problem::invalid_token("`Authorization` must be `Bearer` and a token"))
}

#[cfg(test)]
mod tests {
    use warp::http::HeaderValue;

    use super::*;

    fn check(sent: &[&'static str], expected: Result<Option<&str>, ()>) {
        let mut headers = HeaderMap::new();
        for value in sent {
            headers.append(AUTHORIZATION, HeaderValue::from_static(value));
        }
        assert_eq!(shown(&headers).map_err(|_| ()), expected, "{sent:?}");
    }

    #[test]
    fn one_bearer_token_is_read() {
        check(&[], Ok(None));
        check(&["Bearer abc"], Ok(Some("abc")));
        check(&["bearer  abc "], Ok(Some("abc")));
        for wrong in [["Basic abc"].as_slice(), &["Bearer"], &["Bearer "], &["abc"], &["Bearer a", "Bearer a"]] {
            check(wrong, Err(()));
        }
    }
}
