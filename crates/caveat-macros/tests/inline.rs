//! Rules in the program, with and without quotation marks, compile without a warning.
#![deny(warnings)]

mod quoted {
    caveat::rules!(
        r#"
        use std.windows
        bulletin MS99-003 {
            title "A bulletin"
            vulnerability CVE-1999-0003 { severity low }
            package "p" { for windows-2000; file '%SystemRoot%\System32\a.dll' fixed in 5.0.2195.1 }
        }
        "#
    );
}

mod bare {
    caveat::rules! {
        use std.windows
        bulletin MS99-004 {
            title "A bulletin"
            // a comment
            vulnerability CVE-1999-0004 { severity low }
            package "p" { for windows-2000; file "%SystemRoot%\\System32\\a.dll" fixed in 5.0.2195.1 }
        }
    }
}

#[test]
fn their_bulletins_are_there() {
    assert_eq!(quoted::BULLETINS[0].id, "MS99-003");
    assert_eq!(bare::BULLETINS[0].id, "MS99-004");
}
