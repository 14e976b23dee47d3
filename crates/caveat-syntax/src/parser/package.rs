//! Packages: what they are for, and the floors of their files.

use super::blocks::Keyword;
use super::forms::{PACKAGE, ROW_USAGE, TABLE};
use super::terms::Number;
use super::{Failed, Parse, Parser};
use crate::ast::{BuildFloor, Cell, Column, Floor, Included, Package, PackageStatement, Qualifier, Row};
use crate::tokens::TokenKind;

const QUALIFIERS: [&str; 6] = ["sp", "branch", "language", "otherwise", "architecture", "within"];

impl Parser<'_> {
    pub(super) fn package(&mut self) -> Parse<Package> {
        let doc = self.doc();
        let name = self.block_name(|parser| parser.string("the package's name in quotation marks"))?;
        let statements = self.statements(&PACKAGE, || PackageStatement::Error, Self::package_statement)?;
        Ok(Package { doc, name: name.ok_or(Failed)?, statements })
    }

    fn package_statement(&mut self, keyword: Keyword) -> Parse<PackageStatement> {
        use PackageStatement as S;
        Ok(match keyword.name {
            "for" => S::For(self.platforms()?),
            "requires" => S::Requires(self.expr()?),
            "file" => self.file_floors()?,
            "files" => self.file_table()?,
            "build" => {
                self.require_word("fixed")?;
                self.require_word("in")?;
                S::Builds(self.list(Self::build_floor)?)
            }
            "hotpatch" => {
                let build = self.build_floor()?;
                let fixes = match self.cursor.accept_word("fixes") {
                    Some(_) => self.words("the id of a vulnerability")?,
                    None => Vec::new(),
                };
                S::Hotpatch { build, fixes }
            }
            "branches" => S::Branches(self.word("how branches are decided")?),
            "outside" => S::Outside(self.word("what versions outside all ranges mean")?),
            "vulnerable" => {
                self.require_word("when")?;
                S::VulnerableWhen(self.expr()?)
            }
            "marker" => S::Marker(self.predicate()?),
            "included" => S::Included(self.included()?),
            "restart" => S::Restart(self.word("whether a restart is required")?),
            "install" => S::Install(self.string("a command line in quotation marks")?),
            "uninstall" => S::Uninstall(self.string("a command line in quotation marks")?),
            "languages" => S::Languages(self.words("a language tag")?),
            _ => S::Meta(self.meta(keyword)?),
        })
    }

    fn included(&mut self) -> Parse<Included> {
        self.require_word("in")?;
        if self.cursor.accept_word("sp").is_some() {
            return self.number(&Number::SERVICE_PACK).map(Included::ServicePack);
        }
        self.string("`sp` or a text in quotation marks").map(Included::Text)
    }

    fn file_floors(&mut self) -> Parse<PackageStatement> {
        let path = self.string("a path in quotation marks")?;
        if self.cursor.accept_word("unversioned").is_some() {
            return Ok(PackageStatement::File { path, floors: Vec::new() });
        }
        if self.cursor.accept_word("fixed").is_none() {
            return Err(self.expected_one_of(&["fixed", "unversioned"]));
        }
        self.require_word("in")?;
        Ok(PackageStatement::File { path, floors: self.list(Self::floor)? })
    }

    fn floor(&mut self) -> Parse<Floor> {
        let version = self.version()?;
        let qualifiers = self.qualifiers()?;
        let span = version.span.to(self.cursor.previous());
        Ok(Floor { version, qualifiers, span })
    }

    fn build_floor(&mut self) -> Parse<BuildFloor> {
        let build = self.word("a build with its revision")?;
        let kb = match self.cursor.accept_word("kb") {
            Some(_) => Some(self.word("the number of an article")?),
            None => None,
        };
        let span = build.span.to(self.cursor.previous());
        Ok(BuildFloor { build, kb, span })
    }

    fn qualifiers(&mut self) -> Parse<Vec<Qualifier>> {
        let mut qualifiers = Vec::new();
        while self.cursor.at(TokenKind::Word) {
            qualifiers.push(self.qualifier()?);
        }
        Ok(qualifiers)
    }

    fn qualifier(&mut self) -> Parse<Qualifier> {
        let Some(name) = QUALIFIERS.into_iter().find(|name| self.cursor.at_word(name)) else {
            return Err(self.expected_one_of(&QUALIFIERS));
        };
        let word = self.take_word();
        Ok(match name {
            "sp" => Qualifier::ServicePack(self.number_range(&Number::SERVICE_PACK)?),
            "branch" => Qualifier::Branch(self.word("a branch")?),
            "language" => Qualifier::Language(self.word("a language tag")?),
            "architecture" => Qualifier::Architecture(self.word("an architecture")?),
            "within" => Qualifier::Within(self.range("a range of versions")?),
            _ => Qualifier::Otherwise(word),
        })
    }

    fn file_table(&mut self) -> Parse<PackageStatement> {
        self.require_word("in")?;
        let directory = self.string("a folder in quotation marks")?;
        let mut rows = Vec::new();
        let mut broken = false;
        self.block(&TABLE, |parser| {
            parser.statement.usage = ROW_USAGE;
            let row = parser.statement(Self::row);
            broken |= row.is_none();
            rows.extend(row);
        })?;
        let columns = match self.cursor.accept_word("columns") {
            Some(_) => self.list(Self::column)?,
            None => Vec::new(),
        };
        Ok(PackageStatement::Files { directory, rows, columns, broken })
    }

    fn row(&mut self) -> Parse<Row> {
        let name = self.operand("the name of a file")?;
        let mut cells = vec![self.cell()?];
        while !self.cursor.at_end() {
            cells.push(self.cell()?);
        }
        let span = name.span().to(self.cursor.previous());
        Ok(Row { name, cells, span })
    }

    fn cell(&mut self) -> Parse<Cell> {
        if self.cursor.at(TokenKind::Minus) {
            return Ok(Cell::None(self.take_word()));
        }
        self.without_commas()?;
        let unversioned = self.cursor.at_word("unversioned");
        let word = self.word("a version, `-` or `unversioned`")?;
        Ok(if unversioned { Cell::Unversioned(word) } else { Cell::Version(word) })
    }

    fn column(&mut self) -> Parse<Column> {
        let start = self.cursor.token().span;
        let mut qualifiers = vec![self.qualifier()?];
        qualifiers.extend(self.qualifiers()?);
        Ok(Column { qualifiers, span: start.to(self.cursor.previous()) })
    }
}
