//! The pairwise tables of OVAL's operators (oval-common, `OperatorEnumeration`), cell by cell.

use caveat_ir::Truth;

const AND: [&str; 6] =
    ["T F E U NE T", "F F F F F F", "E F E E E E", "U F E U U U", "NE F E U NE NE", "T F E U NE NA"];
const OR: [&str; 6] =
    ["T T T T T T", "T F E U NE F", "T E E E E E", "T U E U U U", "T NE E U NE NE", "T F E U NE NA"];

const ORDER: [Truth; 6] =
    [Truth::True, Truth::False, Truth::Error, Truth::Unknown, Truth::NotEvaluated, Truth::NotApplicable];

fn value(cell: &str) -> Truth {
    let index = ["T", "F", "E", "U", "NE", "NA"].iter().position(|name| *name == cell).unwrap();
    ORDER[index]
}

fn assert_table(table: [&str; 6], combine: fn([Truth; 2]) -> Truth) {
    for (left, row) in ORDER.into_iter().zip(table) {
        for (right, cell) in ORDER.into_iter().zip(row.split(' ')) {
            assert_eq!(combine([left, right]), value(cell), "{left}, {right}");
        }
    }
}

#[test]
fn conjunction_is_ovals() {
    assert_table(AND, Truth::all);
}

#[test]
fn disjunction_is_ovals() {
    assert_table(OR, Truth::any);
}

#[test]
fn negation_swaps_true_and_false_only() {
    let negated = ORDER.map(|value| !value);
    let [_, _, rest @ ..] = ORDER;
    assert_eq!(negated[..2], [Truth::False, Truth::True]);
    assert_eq!(negated[2..], rest);
}
