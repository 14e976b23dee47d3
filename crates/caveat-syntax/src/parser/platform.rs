//! Platform items with their editions, and references to platforms.

use super::blocks::Keyword;
use super::forms::{EDITION, PLATFORM};
use super::terms::Number;
use super::{Failed, Parse, Parser};
use crate::ast::{EditionDef, Modifier, NumberLine, PlatformDef, PlatformFact, PlatformRef};
use crate::tokens::TokenKind;

/// Words that end a platform reference: what follows belongs to the statement around it.
const STOP_WORDS: [&str; 4] = ["on", "when", "and", "or"];

impl Parser<'_> {
    pub(super) fn platform_item(&mut self, keyword: Keyword) -> Parse<PlatformDef> {
        let doc = self.doc();
        let name = self.block_name(|parser| parser.word("the platform's name"))?;
        let mut facts = Vec::new();
        let mut editions = Vec::new();
        self.block(&PLATFORM, |parser| {
            let fact = parser.keyword_statement(&PLATFORM, |parser, keyword| match keyword.name {
                "edition" => parser.edition(keyword).map(|edition| {
                    editions.push(edition);
                    None
                }),
                _ => parser.platform_fact(keyword).map(Some),
            });
            facts.extend(fact.unwrap_or(Some(PlatformFact::Error)));
        })?;
        let span = keyword.span.to(self.cursor.previous());
        Ok(PlatformDef { doc, name: name.ok_or(Failed)?, facts, editions, span })
    }

    fn edition(&mut self, keyword: Keyword) -> Parse<EditionDef> {
        let doc = self.doc();
        let name = self.block_name(|parser| parser.word("the edition's name"))?;
        let mut facts = Vec::new();
        self.block(&EDITION, |parser| {
            let fact = parser.keyword_statement(&EDITION, Self::platform_fact);
            facts.push(fact.unwrap_or(PlatformFact::Error));
        })?;
        let span = keyword.span.to(self.cursor.previous());
        Ok(EditionDef { doc, name: name.ok_or(Failed)?, facts, span })
    }

    fn platform_fact(&mut self, keyword: Keyword) -> Parse<PlatformFact> {
        Ok(match keyword.name {
            "title" => PlatformFact::Title(self.title()?),
            "cpe" => PlatformFact::Cpe(self.string("a string")?),
            "family" => PlatformFact::Family(self.word("a family of operating systems")?),
            "version" => PlatformFact::Version(self.word("a version")?),
            "build" => PlatformFact::Build(self.number_range(&Number::BUILD)?),
            "type" => PlatformFact::Type(self.words("a product type")?),
            "architecture" => PlatformFact::Architecture(self.words("an architecture")?),
            "suite" => self.suite(false)?,
            "without" => {
                self.require_word("suite")?;
                self.suite(true)?
            }
            "packs" => PlatformFact::ServicePacks(self.number_range(&Number::SERVICE_PACK)?),
            "numbered" => PlatformFact::Numbered(self.list(Self::number_line)?),
            "always" => self.always()?,
            _ => PlatformFact::When(self.expr()?),
        })
    }

    fn always(&mut self) -> Parse<PlatformFact> {
        self.require_word("in")?;
        let folder = self.string("a folder in quotation marks")?;
        let names = self.list(|parser| parser.operand("the name of a file"))?;
        Ok(PlatformFact::Always { folder, names })
    }

    fn number_line(&mut self) -> Parse<NumberLine> {
        let numbers = self.word("the first three numbers of versions")?;
        let packs = self.cursor.accept_word("sp");
        let service_packs = packs.map(|_| self.number_range(&Number::SERVICE_PACK)).transpose()?;
        Ok(NumberLine { numbers, service_packs })
    }

    fn suite(&mut self, without: bool) -> Parse<PlatformFact> {
        let name = self.string("the suite's name in quotation marks")?;
        Ok(PlatformFact::Suite { name, without })
    }

    pub(super) fn platforms(&mut self) -> Parse<Vec<PlatformRef>> {
        self.list(Self::platform_ref)
    }

    /// `[on PLATFORM, …]`
    pub(super) fn on_platforms(&mut self) -> Parse<Vec<PlatformRef>> {
        match self.cursor.accept_word("on") {
            Some(_) => self.platforms(),
            None => Ok(Vec::new()),
        }
    }

    pub(super) fn platform_ref(&mut self) -> Parse<PlatformRef> {
        if self.at_stop_word() {
            return Err(self.expected("a platform"));
        }
        let name = self.word("a platform")?;
        let mut modifiers = Vec::new();
        while self.at_modifier() {
            modifiers.push(self.modifier()?);
        }
        let span = name.span.to(self.cursor.previous());
        Ok(PlatformRef { name, modifiers, span })
    }

    fn at_stop_word(&self) -> bool {
        STOP_WORDS.iter().any(|word| self.cursor.at_word(word))
    }

    /// Modifiers stand on the same line, even inside parentheses.
    fn at_modifier(&self) -> bool {
        self.cursor.at(TokenKind::Word) && !self.cursor.token().newline_before && !self.at_stop_word()
    }

    fn modifier(&mut self) -> Parse<Modifier> {
        if self.cursor.accept_word("sp").is_some() {
            return self.number_range(&Number::SERVICE_PACK).map(Modifier::ServicePack);
        }
        if self.cursor.accept_word("language").is_some() {
            return self.word("a language tag").map(Modifier::Language);
        }
        Ok(Modifier::Word(self.take_word()))
    }
}
