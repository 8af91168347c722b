//! The rules of a crate as the source of its errors lists them, for tests that hold a list of vectors against them.

/// The names of the variants of `pub enum name` in `source`, in their order.
pub(crate) fn variants<'a>(source: &'a str, name: &str) -> Vec<&'a str> {
    let (_, list) = source
        .split_once(&format!("pub enum {name} {{"))
        .expect("the enum is there");
    let (list, _) = list.split_once("\n}").expect("the enum ends");
    list.lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()))
        .filter_map(|line| line.split([' ', '(', ',', '{']).next())
        .collect()
}

/// The rules of a client's `Reject`: where it holds the rules of storage proofs, these.
pub(crate) fn of_client(source: &str) -> Vec<&str> {
    let storage = variants(include_str!("../client/src/storage.rs"), "StorageReject");
    let rules = variants(source, "Reject").into_iter();
    rules
        .flat_map(|rule| match rule {
            "Storage" => storage.clone(),
            _ => Vec::from([rule]),
        })
        .collect()
}
