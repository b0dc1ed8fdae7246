//! What README.md shows is what `examples/` has, and all of it is listed there.

use std::path::Path;

fn text(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// Without the description at the top.
fn code(example: &str) -> &str {
    let code = example.find("\nuse ").expect("an example uses something");
    &example[code + 1..]
}

#[test]
fn the_readme_shows_the_first_example_as_it_is() {
    let example = text("examples/get.rs");
    let block = format!("```rust,no_run\n{}```\n", code(&example));
    assert!(
        text("README.md").contains(&block),
        "README.md does not have examples/get.rs:\n{block}"
    );
}

#[test]
fn the_readme_lists_every_example() {
    let readme = text("README.md");
    let mut found = 0;
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")).unwrap()
    {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(name) = name.strip_suffix(".rs") else { continue };
        found += 1;
        assert!(readme.contains(&format!("examples/{name}.rs")), "README.md: examples/{name}.rs");
    }
    assert!(found >= 9, "{found} examples were found");
}
