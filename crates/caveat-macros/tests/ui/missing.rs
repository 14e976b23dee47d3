mod missing {
    caveat::include_rules!("rules/missing.caveat");
}

mod empty {
    caveat::include_rules!("rules/empty");
}

mod words {
    caveat::include_rules!(rules);
}

mod nothing {
    caveat::rules!();
}

fn main() {}
