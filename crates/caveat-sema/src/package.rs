//! Packages: files, floors and tables of them.

use caveat_diag::{Code, Diagnostic, Span};
use caveat_ir::Placed;
use caveat_ir::rule::{Floor, FloorLanguages, Included, Package, PackageFile};
use caveat_ir::value::{FileVersion, Language, WindowsPath};
use caveat_syntax::ast::{self, Cell, Column, Operand, PackageStatement, Qualifier, Row, Stmt, Text};

use crate::bulletin::Facts;
use crate::lower::Lowering;

impl Lowering<'_> {
    pub(crate) fn package(&mut self, source: &ast::Package) -> Package {
        let mut facts = Facts::default();
        let origin = source.name.span.into();
        let mut package = Package { doc: source.doc.clone(), origin, ..Package::new(&*source.name.value) };
        let before = self.reporter.troubles();
        for statement in &source.statements {
            self.package_statement(&mut package, &mut facts, statement);
        }
        let damaged = source.statements.iter().any(|statement| {
            matches!(statement.kind, PackageStatement::Error | PackageStatement::Files { broken: true, .. })
        });
        if damaged || self.reporter.troubles() > before {
            self.reporter.leave_out(source.name.span);
        }
        let Facts { kb, references, notes, sources, .. } = facts;
        Package { kb, references, notes, sources, ..package }
    }

    fn package_statement(
        &mut self,
        package: &mut Package,
        facts: &mut Facts,
        statement: &Stmt<PackageStatement>,
    ) {
        match &statement.kind {
            PackageStatement::Meta(meta) => self.meta(facts, meta, statement.span),
            PackageStatement::For(platforms) => {
                let platforms = self.selectors(platforms);
                package.platforms.append(platforms);
            }
            PackageStatement::Requires(expr) => package.requires.extend(self.clause(expr)),
            PackageStatement::File { path, floors } => {
                let file = self.file_with_floors(path, floors, statement.span);
                add_files(package, file);
            }
            PackageStatement::Files { directory, rows, columns, .. } => {
                let files = self.table(directory, rows, columns);
                add_files(package, files);
            }
            PackageStatement::Builds(floors) => self.build_floors(package, floors),
            PackageStatement::Hotpatch { build, fixes } => self.hotpatch(package, build, fixes),
            PackageStatement::Branches(word) => {
                self.once(package.branch_policy.is_some(), "branches", statement.span);
                package.branch_policy = self.listed(word).map(|policy| Placed::new(policy, statement.span));
            }
            PackageStatement::Outside(word) => {
                self.once(package.outside.is_some(), "outside", statement.span);
                package.outside = self.listed(word).map(|meaning| Placed::new(meaning, statement.span));
            }
            PackageStatement::VulnerableWhen(expr) => {
                self.once(package.vulnerable_when.is_some(), "vulnerable when", statement.span);
                package.vulnerable_when = self.clause(expr);
            }
            PackageStatement::Marker(expr) => package.markers.extend(self.clause(expr)),
            PackageStatement::Included(included) => {
                let included = self.included(included);
                package.included_in.extend(included.map(|included| Placed::new(included, statement.span)));
            }
            PackageStatement::Restart(word) => {
                self.once(package.restart.is_some(), "restart", statement.span);
                package.restart = self.listed(word);
            }
            PackageStatement::Install(text) => package.install.push(text.value.clone(), text.span),
            PackageStatement::Uninstall(text) => package.uninstall.push(text.value.clone(), text.span),
            PackageStatement::Languages(words) => {
                let languages = self.words::<Language>(words).into_iter();
                package.languages.extend(languages.map(|language| Placed::new(language, statement.span)));
            }
            PackageStatement::Error => {}
        }
    }

    fn included(&mut self, included: &ast::Included) -> Option<Included> {
        match included {
            ast::Included::ServicePack(word) => {
                self.number(word, "a service pack").map(Included::ServicePack)
            }
            ast::Included::Text(text) => Some(Included::Text(text.value.clone())),
        }
    }

    fn file_with_floors(&mut self, path: &Text, floors: &[ast::Floor], span: Span) -> Option<PackageFile> {
        let path = self.path(path)?;
        let named = named_languages(floors.iter().flat_map(|floor| &floor.qualifiers));
        let named: Vec<Language> = named.into_iter().filter_map(|word| word.text.parse().ok()).collect();
        let lowered = floors.iter().filter_map(|floor| {
            let version = self.word(&floor.version)?;
            Some(self.floor(version, &floor.qualifiers, &named, floor.span))
        });
        let floors = lowered.collect();
        Some(PackageFile { path, floors, origin: span.into() })
    }

    fn floor(
        &mut self,
        version: FileVersion,
        qualifiers: &[Qualifier],
        named: &[Language],
        span: Span,
    ) -> Floor {
        let mut floor = Floor { origin: span.into(), ..Floor::new(version) };
        for qualifier in qualifiers {
            match qualifier {
                Qualifier::ServicePack(range) => {
                    floor.service_packs = self.number_range(range, "a service pack");
                }
                Qualifier::Branch(word) => floor.branch = self.listed(word),
                Qualifier::Architecture(word) => floor.architecture = self.listed(word),
                Qualifier::Within(range) => floor.within = self.version_range(range),
                Qualifier::Language(word) => {
                    let language = self.word(word);
                    floor.languages = language.map_or(FloorLanguages::Every, FloorLanguages::Only);
                }
                Qualifier::Otherwise(word) => {
                    if named.is_empty() {
                        let problem =
                            Diagnostic::new(Code::MISSING_PART, "`otherwise` has nothing to differ from");
                        let problem = problem.at(word.span, "no other floor here names a language");
                        self.report(
                            problem.help(
                                "give another floor of the list a `language`, or leave `otherwise` out",
                            ),
                        );
                    }
                    floor.languages = FloorLanguages::Otherwise(named.to_vec());
                }
            }
        }
        floor
    }

    fn table(&mut self, directory: &Text, rows: &[Row], columns: &[Column]) -> Vec<PackageFile> {
        let one = [Column { qualifiers: Vec::new(), span: directory.span }];
        let columns = if columns.is_empty() { &one } else { columns };
        let named = named_languages(columns.iter().flat_map(|column| &column.qualifiers));
        let named: Vec<Language> = named.into_iter().filter_map(|word| word.text.parse().ok()).collect();
        rows.iter().filter_map(|row| self.row(directory, row, columns, &named)).collect()
    }

    fn row(
        &mut self,
        directory: &Text,
        row: &Row,
        columns: &[Column],
        named: &[Language],
    ) -> Option<PackageFile> {
        if row.cells.len() != columns.len() {
            let message = format!(
                "this row has {} versions, but the table has {} columns",
                row.cells.len(),
                columns.len()
            );
            let problem = Diagnostic::new(Code::MISSING_PART, message).at(row.span, "");
            self.report(
                problem.help("write `-` where the file is not shipped, and `columns …` after the table"),
            );
            return None;
        }
        let path = self.file_in(directory, &row.name)?;
        let floors = row.cells.iter().zip(columns).filter_map(|(cell, column)| match cell {
            Cell::Version(word) => {
                let version = self.word(word)?;
                Some(self.floor(version, &column.qualifiers, named, word.span))
            }
            Cell::None(_) | Cell::Unversioned(_) => None,
        });
        let floors = floors.collect();
        Some(PackageFile { path, floors, origin: row.span.into() })
    }

    /// The path of a file in a folder.
    pub(crate) fn file_in(&mut self, folder: &Text, name: &Operand) -> Option<WindowsPath> {
        let text = match name {
            Operand::Text(text) => &text.value,
            Operand::Word(word) => &word.text,
        };
        self.value(&format!("{}\\{text}", folder.value), name.span())
    }
}

/// Adds files; the same path again adds its floors to the first.
fn add_files(package: &mut Package, files: impl IntoIterator<Item = PackageFile>) {
    for file in files {
        let folded = file.path.folded();
        match package.files.iter_mut().find(|other| other.path.folded() == folded) {
            Some(other) => other.floors.extend(file.floors),
            None => package.files.push(file),
        }
    }
}

fn named_languages<'q>(qualifiers: impl Iterator<Item = &'q Qualifier>) -> Vec<&'q ast::Word> {
    let mut named = Vec::new();
    for qualifier in qualifiers {
        if let Qualifier::Language(word) = qualifier
            && !named.iter().any(|other: &&ast::Word| other.text == word.text)
        {
            named.push(word);
        }
    }
    named
}
