//! Tests of host facts.

use caveat_diag::{Code, Diagnostic};

use super::forms::{KEY_PARTS, PREDICATES};
use super::terms::Number;
use super::{Failed, Parse, Parser};
use crate::ast::{
    Comparison, Data, Expr, ExprKind, FileCheck, KeySubject, Operand, OsTest, Predicate, Range,
    RegistryCheck, Word,
};
use crate::tokens::TokenKind;

const SERVICE_CHECKS: [&str; 6] = ["installed", "enabled", "disabled", "running", "stopped", "start"];
/// What says of which kind the data is that a registry value is compared with.
const DATA_WORDS: [&str; 5] = ["version", "dword", "qword", "binary", "multi"];
/// What names of types of registry values begin with.
const TYPE_PREFIX: &str = "reg_";
const OS_FACTS: [&str; 9] =
    ["family", "version", "build", "sp", "type", "installation", "architecture", "language", "suite"];

impl Parser<'_> {
    /// One test, beginning with its keyword.
    pub(super) fn predicate(&mut self) -> Parse<Expr> {
        let Some(form) = PREDICATES.iter().find(|form| self.cursor.at_word(form.keyword)) else {
            return Err(self.expected_one_of(&PREDICATES.each_ref().map(|form| form.keyword)));
        };
        let outer = std::mem::replace(&mut self.statement.usage, form.usage);
        let start = self.cursor.advance().span;
        let predicate = match form.keyword {
            "platform" => Predicate::Platform(self.platform_ref()?),
            "os" => self.os_test()?,
            "file" => {
                let path = self.operand("a path in quotation marks")?;
                Predicate::File { path, check: self.file_check()? }
            }
            "registry" => self.registry_test()?,
            "any" => self.any_key()?,
            "service" => self.service_test()?,
            "undecidable" => {
                Predicate::Undecidable(self.string("the reason why no fact can tell, in quotation marks")?)
            }
            _ => Predicate::Hotfix(self.word("the id of an update")?),
        };
        self.statement.usage = outer;
        let span = start.to(self.cursor.previous());
        Ok(Expr { kind: ExprKind::Predicate(predicate), span })
    }

    fn os_test(&mut self) -> Parse<Predicate> {
        let Some(name) = OS_FACTS.into_iter().find(|name| self.cursor.at_word(name)) else {
            return Err(self.expected_one_of(&OS_FACTS));
        };
        self.cursor.advance();
        Ok(Predicate::Os(match name {
            "family" => OsTest::Family(self.words("a value")?),
            "version" => OsTest::Version(self.range("a version")?),
            "build" => OsTest::Build(self.build_range()?),
            "sp" => OsTest::ServicePack(self.number_range(&Number::SERVICE_PACK)?),
            "type" => OsTest::Type(self.words("a value")?),
            "installation" => OsTest::Installation(self.words("a value")?),
            "architecture" => OsTest::Architecture(self.words("a value")?),
            "language" => OsTest::Language(self.words("a value")?),
            _ => OsTest::Suite(self.operand("the suite's name in quotation marks")?),
        }))
    }

    fn file_check(&mut self) -> Parse<FileCheck> {
        if self.cursor.accept_word("version").is_some() {
            if self.cursor.accept_word("in").is_some() {
                return self.version_ranges().map(FileCheck::VersionIn);
            }
            let comparison = self.comparison("a comparison or `in`")?;
            self.without_commas()?;
            return Ok(FileCheck::Version(comparison, self.operand("a version")?));
        }
        if self.cursor.accept_word("size").is_some() {
            let comparison = self.comparison("a comparison")?;
            return Ok(FileCheck::Size(comparison, self.number(&Number::SIZE)?));
        }
        if ["sha256", "sha1", "md5"].iter().any(|algorithm| self.cursor.at_word(algorithm)) {
            let algorithm = self.take_word();
            return Ok(FileCheck::Hash(algorithm, self.text_operand("a digest in quotation marks")?));
        }
        self.cursor.accept_word("exists");
        Ok(FileCheck::Exists)
    }

    fn version_ranges(&mut self) -> Parse<Vec<Range>> {
        self.list(|parser| {
            parser.without_commas()?;
            parser.range("a range of versions")
        })
    }

    /// `[32 | 64]` before a registry key.
    pub(super) fn registry_view(&mut self) -> Option<Word> {
        let view = self.cursor.at_word("32") || self.cursor.at_word("64");
        view.then(|| self.take_word())
    }

    /// `any key`, after `any`.
    fn any_key(&mut self) -> Parse<Predicate> {
        self.require_word("key")?;
        let view = if self.cursor.at_word("both") { Some(self.take_word()) } else { self.registry_view() };
        let key = self.operand("a key in quotation marks")?;
        let outer = std::mem::replace(&mut self.of_key, true);
        let parts = self.parts();
        self.of_key = outer;
        Ok(Predicate::AnyKey { view, key, parts: parts? })
    }

    /// What is asked of one of several keys, beginning with its keyword.
    pub(super) fn of_key(&mut self) -> Parse<Expr> {
        let Some(form) = KEY_PARTS.iter().find(|form| self.cursor.at_word(form.keyword)) else {
            return Err(self.expected_one_of(&KEY_PARTS.each_ref().map(|form| form.keyword)));
        };
        let outer = std::mem::replace(&mut self.statement.usage, form.usage);
        let start = self.cursor.advance().span;
        let subject = match form.keyword {
            "value" => KeySubject::Value(self.operand("the name of a value")?),
            _ => KeySubject::Star(self.star_number()?),
        };
        let check = self.checked_value()?;
        self.statement.usage = outer;
        let span = start.to(self.cursor.previous());
        Ok(Expr { kind: ExprKind::Predicate(Predicate::OfKey { subject, check }), span })
    }

    fn star_number(&mut self) -> Parse<Option<Word>> {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let follows = self.cursor.at(TokenKind::Word) && digits(self.cursor.slice(self.cursor.token().span));
        follows.then(|| self.number(&Number::COUNT)).transpose()
    }

    fn registry_test(&mut self) -> Parse<Predicate> {
        let view = self.registry_view();
        let key = self.operand("a key in quotation marks")?;
        let value = match self.cursor.accept_word("value") {
            Some(_) => Some(self.operand("the name of a value")?),
            None => None,
        };
        Ok(Predicate::Registry { view, key, value, check: self.checked_value()? })
    }

    /// What is asked of a value, whose comparison comes before the kind of data.
    fn checked_value(&mut self) -> Parse<RegistryCheck> {
        match DATA_WORDS.into_iter().find(|word| self.cursor.at_word(word)) {
            Some(word) => Err(self.comparison_first(word)),
            None => self.registry_check(),
        }
    }

    /// `value V version < 6.0`, where the comparison comes first.
    fn comparison_first(&mut self, word: &str) -> Failed {
        let span = self.cursor.token().span;
        let message = format!("`{word}` stands after the comparison");
        let help = format!("write `value NAME < {word} …`, `value NAME = {word} …` and so on");
        self.report(Diagnostic::new(Code::UNEXPECTED_TOKEN, message).at(span, "").help(help))
    }

    fn registry_check(&mut self) -> Parse<RegistryCheck> {
        if self.cursor.accept_word("matches").is_some() {
            return self.text_operand("a regular expression in quotation marks").map(RegistryCheck::Matches);
        }
        if self.cursor.accept_word("has").is_some() {
            return self.bits().map(RegistryCheck::Has);
        }
        if self.cursor.accept_word("type").is_some() {
            return self.words("a type such as `reg_qword`").map(RegistryCheck::Type);
        }
        if self.cursor.accept_word("in").is_some() {
            self.require_word("version")?;
            return self.version_ranges().map(RegistryCheck::VersionIn);
        }
        if let Some(comparison) = self.optional_comparison() {
            return Ok(RegistryCheck::Compare(comparison, self.data()?));
        }
        self.cursor.accept_word("exists");
        Ok(RegistryCheck::Exists)
    }

    /// The bits that a number is to have.
    fn bits(&mut self) -> Parse<Data> {
        match self.integer()? {
            Some(number) => Ok(number),
            None => Err(self.expected_one_of(&["dword", "qword"])),
        }
    }

    fn integer(&mut self) -> Parse<Option<Data>> {
        if self.cursor.accept_word("dword").is_some() {
            return self.number_operand(&Number::DWORD).map(Data::Dword).map(Some);
        }
        if self.cursor.accept_word("qword").is_some() {
            return self.number_operand(&Number::QWORD).map(Data::Qword).map(Some);
        }
        Ok(None)
    }

    pub(super) fn data(&mut self) -> Parse<Data> {
        if let Some(number) = self.integer()? {
            return Ok(number);
        }
        if self.cursor.accept_word("binary").is_some() {
            return self.string("bytes in quotation marks").map(Data::Binary);
        }
        if self.cursor.accept_word("version").is_some() {
            self.without_commas()?;
            return self.operand("a version").map(Data::Version);
        }
        if self.cursor.accept_word("multi").is_some() {
            return self.list(|parser| parser.string("a text in quotation marks")).map(Data::Multi);
        }
        let text =
            self.operand("a text in quotation marks, `dword`, `qword`, `binary`, `version` or `multi`")?;
        match text {
            Operand::Word(kind) if kind.text.starts_with(TYPE_PREFIX) && self.at_data() => {
                Ok(Data::Typed(kind, self.operand("the data")?))
            }
            text => self.string_data(text),
        }
    }

    /// Whether data follows the name of a type, in the same line.
    fn at_data(&self) -> bool {
        !self.cursor.at_line_end() && (self.cursor.at_string() || self.cursor.at(TokenKind::Word))
    }

    fn string_data(&mut self, text: Operand) -> Parse<Data> {
        let fold = self.cursor.accept_word("ignoring").is_some();
        if fold {
            self.require_word("case")?;
        }
        Ok(Data::String { text, fold })
    }

    fn service_test(&mut self) -> Parse<Predicate> {
        let name = self.operand("the service's name in quotation marks")?;
        if !SERVICE_CHECKS.iter().any(|check| self.cursor.at_word(check)) {
            return Err(self.expected_one_of(&SERVICE_CHECKS));
        }
        let start = self.cursor.accept_word("start").is_some();
        let check = self.word("a start type")?;
        Ok(Predicate::Service { name, check, start })
    }

    fn comparison(&mut self, what: &str) -> Parse<Comparison> {
        match self.optional_comparison() {
            Some(comparison) => Ok(comparison),
            None => Err(self.expected(what)),
        }
    }

    /// A comparison, after which the statement may go on in the next line.
    fn optional_comparison(&mut self) -> Option<Comparison> {
        if self.cursor.at_line_end() {
            return None;
        }
        let comparison = match self.cursor.token().kind {
            TokenKind::Equal => Comparison::Equal,
            TokenKind::NotEqual => Comparison::NotEqual,
            TokenKind::Less => Comparison::Less,
            TokenKind::LessOrEqual => Comparison::LessOrEqual,
            TokenKind::Greater => Comparison::Greater,
            TokenKind::GreaterOrEqual => Comparison::GreaterOrEqual,
            _ => return None,
        };
        self.cursor.advance();
        self.cursor.continue_line();
        Some(comparison)
    }
}
