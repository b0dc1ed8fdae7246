//! Builds the C. The compiler's flags come from the environment, as the sanitizers' job sets them.

fn main() {
    cc::Build::new().file("csrc/notes.c").include("csrc").warnings(true).compile("notes");
    println!("cargo::rerun-if-changed=csrc");
}
