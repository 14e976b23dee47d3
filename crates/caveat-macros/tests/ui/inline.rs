mod quoted {
    caveat::rules!(
        r#"
        use std.windows
        bulletin MS99-003 {
            vulnerability CVE-1999-0003 { severity low }
            package "p" { for windows-20000; file '%SystemRoot%\System32\a.dll' fixed in 5.0 }
        }
        "#
    );
}

mod bare {
    caveat::rules! {
        use std.windows
        bulletin MS99-004 {
            vulnerability CVE-1999-0004 { severity lowest }
            package "p" { for windows-2000; file "%SystemRoot%\\System32\\a.dll" fixed in 5.0 }
        }
    }
}

mod escaped {
    caveat::rules!("bulletin MS99-005 {\n}");
}

macro_rules! wrapped {
    ($($rules:tt)*) => { caveat::rules! { $($rules)* bulletin MS99-006 {} } };
}

mod in_a_macro {
    wrapped! { bulletin MS99-007 {} }
}

fn main() {}
