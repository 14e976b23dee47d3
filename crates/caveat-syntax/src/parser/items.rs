//! The top of a file: `use` lines and items, and named conditions, which also
//! stand in bulletins.

use caveat_diag::{Code, Diagnostic};

use super::blocks::Keyword;
use super::forms::FILE;
use super::{Parse, Parser};
use crate::ast::{ConditionDef, ConditionKind, Expr, ExprKind, File, Item, Use, Word};
use crate::tokens::TokenKind;

impl Parser<'_> {
    pub(super) fn file(&mut self) -> File {
        let mut file = File::default();
        loop {
            self.cursor.skip_ends(false);
            match self.cursor.token().kind {
                TokenKind::Eof => return file,
                TokenKind::CloseBrace => self.stray_brace(),
                _ => self.one(&mut |parser| {
                    parser.keyword_statement(&FILE, |parser, keyword| parser.item(keyword, &mut file));
                }),
            }
        }
    }

    fn stray_brace(&mut self) {
        let span = self.cursor.advance().span;
        let diagnostic = Diagnostic::new(Code::UNEXPECTED_TOKEN, "unexpected `}`")
            .at(span, "closes nothing")
            .help("remove it, or open a block with `{` before it");
        self.sink.push(diagnostic);
    }

    fn item(&mut self, keyword: Keyword, file: &mut File) -> Parse<()> {
        match keyword.name {
            "use" => file.uses.push(Use { module: self.word("a module")? }),
            "platform" => file.items.push(Item::Platform(self.platform_item(keyword)?)),
            "bulletin" => file.items.push(Item::Bulletin(self.bulletin(keyword)?)),
            "summary" => file.items.push(Item::Summary(self.summary(keyword)?)),
            _ => file.items.push(Item::Condition(self.condition(keyword)?)),
        }
        Ok(())
    }

    /// The documentation of the current statement.
    pub(super) fn doc(&self) -> Option<String> {
        self.cursor.doc(self.statement.start)
    }

    /// A definition whose body cannot be read is kept, so that its uses are no errors too.
    pub(super) fn condition(&mut self, keyword: Keyword) -> Parse<ConditionDef> {
        let doc = self.doc();
        let kind = condition_kind(keyword.name);
        let name = self.word("a name")?;
        let mut version = None;
        let body = self.condition_rest(kind, &mut version).unwrap_or_else(|_| {
            self.recover();
            Expr { kind: ExprKind::Error, span: keyword.span.to(self.cursor.previous()) }
        });
        let parameters = std::mem::take(&mut self.parameters);
        let span = keyword.span.to(self.cursor.previous());
        Ok(ConditionDef { doc, kind, name, version, parameters, body, span })
    }

    fn condition_rest(&mut self, kind: ConditionKind, version: &mut Option<Word>) -> Parse<Expr> {
        if kind == ConditionKind::Product && self.cursor.accept_word("version").is_some() {
            *version = Some(self.word("a version")?);
        }
        if self.cursor.at(TokenKind::OpenParen) {
            self.parameters = self.parenthesised(|parser| parser.word("a parameter"))?;
        }
        self.require_equal()?;
        self.expr()
    }

    /// `(item, …)` right after a name; may be empty.
    pub(super) fn parenthesised<T>(&mut self, item: impl FnMut(&mut Self) -> Parse<T>) -> Parse<Vec<T>> {
        let open = self.cursor.open_paren();
        self.structure.suffixes.push(open.start);
        let items = if self.cursor.at(TokenKind::CloseParen) { Vec::new() } else { self.list(item)? };
        self.close_paren(open)?;
        Ok(items)
    }
}

pub(super) fn condition_kind(keyword: &str) -> ConditionKind {
    match keyword {
        "product" => ConditionKind::Product,
        "component" => ConditionKind::Component,
        "role" => ConditionKind::Role,
        _ => ConditionKind::Condition,
    }
}
