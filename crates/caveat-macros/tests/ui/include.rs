caveat::include_rules!("rules/bad.caveat");

fn main() {}
