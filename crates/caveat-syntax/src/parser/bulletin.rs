//! Bulletins, vulnerabilities, workarounds and summaries, and the facts they share.

use super::blocks::Keyword;
use super::forms::{BULLETIN, SUMMARY, VULNERABILITY, WORKAROUND};
use super::terms::Number;
use super::{Failed, Parse, Parser};
use crate::ast::{
    Bulletin, BulletinStatement, Meta, Port, Severity, Summary, SummaryStatement, Supersedes, Title,
    Unaffected, Vulnerability, VulnerabilityStatement, Workaround, WorkaroundStatement,
};
use crate::tokens::TokenKind;

impl Parser<'_> {
    pub(super) fn bulletin(&mut self, keyword: Keyword) -> Parse<Bulletin> {
        let doc = self.doc();
        let id = self.block_name(|parser| parser.word("the bulletin's id"))?;
        let statements = self.statements(&BULLETIN, || BulletinStatement::Error, Self::bulletin_statement)?;
        let span = keyword.span.to(self.cursor.previous());
        Ok(Bulletin { doc, id: id.ok_or(Failed)?, statements, span })
    }

    pub(super) fn summary(&mut self, keyword: Keyword) -> Parse<Summary> {
        let doc = self.doc();
        let id = self.block_name(|parser| parser.word("the summary's id"))?;
        let statements = self.statements(&SUMMARY, || SummaryStatement::Error, Self::summary_statement)?;
        let span = keyword.span.to(self.cursor.previous());
        Ok(Summary { doc, id: id.ok_or(Failed)?, statements, span })
    }

    fn summary_statement(&mut self, keyword: Keyword) -> Parse<SummaryStatement> {
        Ok(match keyword.name {
            "includes" => SummaryStatement::Includes(self.words("a bulletin id")?),
            _ => SummaryStatement::Meta(self.meta(keyword)?),
        })
    }

    fn bulletin_statement(&mut self, keyword: Keyword) -> Parse<BulletinStatement> {
        use BulletinStatement as S;
        Ok(match keyword.name {
            "severity" => S::Severity(self.severity()?),
            "supersedes" => {
                let bulletins = self.words("a bulletin id")?;
                S::Supersedes(Supersedes { bulletins, on: self.on_platforms()? })
            }
            "unaffected" => S::Unaffected(self.unaffected()?),
            "condition" | "component" | "role" | "product" => S::Condition(self.condition(keyword)?),
            "vulnerability" => S::Vulnerability(self.vulnerability()?),
            "package" => S::Package(self.package()?),
            "workaround" => S::Workaround(self.workaround()?),
            "test" => S::Test(self.test()?),
            _ => S::Meta(self.meta(keyword)?),
        })
    }

    pub(super) fn meta(&mut self, keyword: Keyword) -> Parse<Meta> {
        Ok(match keyword.name {
            "title" => Meta::Title(self.title()?),
            "kb" => Meta::Kb(self.words("the number of an article")?),
            "published" => Meta::Published(self.word("a date")?),
            "revised" => Meta::Revised { date: self.word("a date")?, text: self.optional_string() },
            "impact" => Meta::Impact(self.words("an impact")?),
            "reference" => Meta::Reference(self.string("an address in quotation marks")?),
            "note" => Meta::Note(self.string("a text in quotation marks")?),
            "source" => Meta::Source(self.string("a text in quotation marks")?),
            _ => Meta::Alias(self.words("an id")?),
        })
    }

    pub(super) fn title(&mut self) -> Parse<Title> {
        let language = self.cursor.at(TokenKind::Word).then(|| self.take_word());
        Ok(Title { language, text: self.string("the title in quotation marks")? })
    }

    fn severity(&mut self) -> Parse<Severity> {
        Ok(Severity { level: self.word("a severity")?, on: self.on_platforms()? })
    }

    fn unaffected(&mut self) -> Parse<Unaffected> {
        let platforms = self.platforms()?;
        let when = match self.cursor.accept_word("when") {
            Some(_) => Some(self.expr()?),
            None => None,
        };
        Ok(Unaffected { platforms, when })
    }

    fn vulnerability(&mut self) -> Parse<Vulnerability> {
        let doc = self.doc();
        let id = self.block_name(|parser| parser.word("the vulnerability's id"))?;
        let error = || VulnerabilityStatement::Error;
        let statements = self.statements(&VULNERABILITY, error, Self::vulnerability_statement)?;
        Ok(Vulnerability { doc, id: id.ok_or(Failed)?, statements })
    }

    fn vulnerability_statement(&mut self, keyword: Keyword) -> Parse<VulnerabilityStatement> {
        use VulnerabilityStatement as S;
        Ok(match keyword.name {
            "severity" => S::Severity(self.severity()?),
            "affects" => self.affects()?,
            "exposed" => {
                let text = self.optional_string();
                self.require_word("when")?;
                S::Exposed { text, when: self.expr()?, on: self.on_platforms()? }
            }
            "workaround" => S::Workaround(self.workaround()?),
            _ => S::Meta(self.meta(keyword)?),
        })
    }

    fn affects(&mut self) -> Parse<VulnerabilityStatement> {
        let files = match self.cursor.accept_word("file") {
            Some(_) => self.list(|parser| parser.operand("the name of a file"))?,
            None if self.cursor.at_word("on") => Vec::new(),
            None => return Err(self.expected_one_of(&["file", "on"])),
        };
        Ok(VulnerabilityStatement::Affects { files, on: self.on_platforms()? })
    }

    fn workaround(&mut self) -> Parse<Workaround> {
        let title = self.block_name(|parser| parser.string("what to do in quotation marks"))?;
        let error = || WorkaroundStatement::Error;
        let statements = self.statements(&WORKAROUND, error, Self::workaround_statement)?;
        Ok(Workaround { title: title.ok_or(Failed)?, statements })
    }

    fn workaround_statement(&mut self, keyword: Keyword) -> Parse<WorkaroundStatement> {
        Ok(match keyword.name {
            "when" => WorkaroundStatement::When(self.expr()?),
            "blocks" => WorkaroundStatement::Blocks(self.list(Self::port)?),
            "on" => WorkaroundStatement::On(self.platforms()?),
            _ => WorkaroundStatement::Note(self.string("a text in quotation marks")?),
        })
    }

    fn port(&mut self) -> Parse<Port> {
        let protocols = ["tcp", "udp", "port"];
        if !protocols.iter().any(|protocol| self.cursor.at_word(protocol)) {
            return Err(self.expected_one_of(&protocols));
        }
        Ok(Port { protocol: self.take_word(), number: self.number(&Number::PORT)? })
    }
}
