//! Has Cargo compile the scanner again when a rule file comes to the folder of the rules, or leaves it.

fn main() {
    println!("cargo::rerun-if-changed=../../rules");
}
