//! `[feed.request]`: what the requests of one feed carry and how they travel.

use model::{Request, Secret};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file of secrets is no longer than this.
const FILE_MAX: u64 = 64 << 10;

/// `[feed.request]` as typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Typed {
    headers: BTreeMap<String, Secret>,
    headers_file: Option<PathBuf>,
    username: Option<String>,
    password: Option<Secret>,
    password_file: Option<PathBuf>,
    cookie: Option<Secret>,
    cookie_file: Option<PathBuf>,
    user_agent: Option<String>,
    proxy: Option<Secret>,
    proxy_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
}

/// As used; secrets are read from their files, which are relative to `dir`. `Err` is a sentence that
/// holds no secret.
pub(crate) fn read(typed: Typed, dir: &Path) -> Result<Arc<Request>, String> {
    let Typed { headers, headers_file, username, password, password_file, user_agent, .. } = typed;
    let one = |key: &str, value: Option<Secret>, file: Option<PathBuf>| match (value, file) {
        (Some(_), Some(_)) => Err(format!("give `{key}` or `{key}_file`, not both")),
        (None, Some(file)) => {
            text(&dir.join(file)).map(Some).map_err(|error| format!("`{key}_file` {error}"))
        }
        (value, None) => Ok(value),
    };
    let password = one("password", password, password_file)?;
    let basic = match (username, password) {
        (None, Some(_)) => return Err("`password` is given, `username` is not".into()),
        (None, None) => None,
        (Some(user), password) => Some((user, password.unwrap_or_default())),
    };
    let mut all: Vec<(String, Secret)> =
        headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    if let Some(lines) = one("headers", None, headers_file)? {
        for line in lines.expose().lines().filter(|line| !line.trim().is_empty()) {
            let (name, value) = line.split_once(':').ok_or("a line of `headers_file` has no colon")?;
            all.push((name.trim().to_ascii_lowercase(), Secret::new(value.trim())));
        }
    }
    let ca_file = typed.ca_file.map(|file| dir.join(file));
    if let Some(Err(error)) = ca_file.as_deref().map(std::fs::File::open) {
        return Err(format!("`ca_file` cannot be read: {error}"));
    }
    let request = Request {
        headers: all,
        basic,
        cookie: one("cookie", typed.cookie, typed.cookie_file)?,
        user_agent,
        proxy: one("proxy", typed.proxy, typed.proxy_file)?,
        ca_file,
    };
    fetch::check_request(&request)?;
    Ok(Arc::new(request))
}

fn text(file: &Path) -> Result<Secret, String> {
    let failed = |error: std::io::Error| format!("cannot be read: {error}");
    if FILE_MAX < std::fs::metadata(file).map_err(failed)?.len() {
        return Err(format!("names a file of more than {FILE_MAX} bytes"));
    }
    Ok(Secret::new(std::fs::read_to_string(file).map_err(failed)?.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<Arc<Request>, String> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("word"), "s3cret\n").unwrap();
        std::fs::write(dir.path().join("lines"), "X-Key: k3y\n\nX-Other: 2\n").unwrap();
        read(toml::from_str(text).unwrap(), dir.path())
    }

    #[test]
    fn secrets_come_from_the_config_or_from_files() {
        let text = "headers = { X-One = '1' }\nheaders_file = 'lines'\nusername = 'u'\npassword_file = 'word'\ncookie_file = 'word'\nproxy = 'http://p.example:3128'";
        let request = check(text).unwrap();
        let names: Vec<&str> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["x-one", "x-key", "x-other"]);
        assert_eq!(request.basic, Some(("u".into(), Secret::new("s3cret"))));
        assert_eq!(request.cookie, Some(Secret::new("s3cret")));
        assert!(!format!("{request:?}").contains("s3cret"));
    }

    #[test]
    fn mistakes_are_told_without_the_secret() {
        for (text, part) in [
            ("password = 's3cret'", "`username` is not"),
            ("cookie = 's3cret'\ncookie_file = 'word'", "not both"),
            ("cookie_file = 'missing'", "`cookie_file` cannot be read"),
            ("headers_file = 'word'", "no colon"),
            ("headers = { Host = 's3cret' }", "wireroom's own"),
            ("proxy = 's3cret'", "the proxy is not a URL"),
            ("ca_file = 'missing'", "`ca_file` cannot be read"),
        ] {
            let said = check(text).unwrap_err();
            assert!(said.contains(part) && !said.contains("s3cret"), "{said}");
        }
    }
}
