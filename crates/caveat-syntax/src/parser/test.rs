//! Tests inside rule files: a host's facts and the verdict expected.

use super::blocks::Keyword;
use super::forms::{HOST, TEST};
use super::terms::Number;
use super::{Failed, Parse, Parser};
use crate::ast::{Data, Expectation, HostFact, Operand, Test, Text};
use crate::tokens::TokenKind;

impl Parser<'_> {
    pub(super) fn test(&mut self) -> Parse<Test> {
        let name = self.block_name(|parser| parser.string("the test's name in quotation marks"))?;
        let mut host = Vec::new();
        let mut expectations = Vec::new();
        self.block(&TEST, |parser| {
            parser.keyword_statement(&TEST, |parser, keyword| {
                match keyword.name {
                    "host" => host.extend(parser.statements(&HOST, || HostFact::Error, Self::host_fact)?),
                    _ => expectations.push(parser.expectation(keyword)?),
                }
                Ok(())
            });
        })?;
        Ok(Test { name: name.ok_or(Failed)?, host, expectations })
    }

    fn expectation(&mut self, keyword: Keyword) -> Parse<Expectation> {
        let verdict = self.word("a verdict")?;
        let narrowed = self.cursor.accept_word("to").or_else(|| self.cursor.accept_word("for"));
        let vulnerabilities = match narrowed {
            Some(_) => self.words("the id of a vulnerability")?,
            None => Vec::new(),
        };
        let span = keyword.span.to(self.cursor.previous());
        Ok(Expectation { verdict, vulnerabilities, span })
    }

    fn host_fact(&mut self, keyword: Keyword) -> Parse<HostFact> {
        Ok(match keyword.name {
            "os" => HostFact::Os(self.platform_ref()?),
            "build" => {
                let build = self.word("a build with its revision")?;
                HostFact::Build { build, or_later: self.or_later()? }
            }
            "file" => self.host_file()?,
            "registry" => self.host_registry()?,
            "service" => {
                let name = self.string("the service's name in quotation marks")?;
                let mut words = Vec::new();
                while self.cursor.at(TokenKind::Word) {
                    words.push(self.take_word());
                }
                HostFact::Service { name, words }
            }
            "hotfix" => HostFact::Hotfix(self.operand("the name of an update")?),
            "environment" => {
                let name = self.word("the name of a variable")?;
                self.require_equal()?;
                HostFact::Environment { name, value: self.string("a value in quotation marks")? }
            }
            _ => HostFact::Missing(self.words("a kind of facts")?),
        })
    }

    /// Whether `or later` stands here.
    pub(super) fn or_later(&mut self) -> Parse<bool> {
        match self.cursor.accept_word("or") {
            Some(_) => self.require_word("later").map(|_| true),
            None => Ok(false),
        }
    }

    fn host_file(&mut self) -> Parse<HostFact> {
        let path = self.string("a path in quotation marks")?;
        let versioned = self.cursor.at(TokenKind::Word) && !self.cursor.at_word("size");
        let version = versioned.then(|| self.take_word());
        let size = match self.cursor.accept_word("size") {
            Some(_) => Some(self.number(&Number::SIZE)?),
            None => None,
        };
        Ok(HostFact::File { path, version, size })
    }

    fn host_registry(&mut self) -> Parse<HostFact> {
        let view = self.registry_view();
        let key = self.string("a key in quotation marks")?;
        let value = match self.cursor.accept_word("value") {
            Some(_) => Some(self.host_value()?),
            None => None,
        };
        Ok(HostFact::Registry { view, key, value })
    }

    fn host_value(&mut self) -> Parse<(Text, Data)> {
        let name = match self.operand("the name of a value")? {
            Operand::Text(text) => text,
            Operand::Word(word) => Text { value: word.text, span: word.span },
        };
        self.require_equal()?;
        Ok((name, self.data()?))
    }
}
