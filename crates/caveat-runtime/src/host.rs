//! What is asked of a host. Every question is small and answered by value, so that a host may look
//! each fact up when it is asked for, or keep a table of all.

use std::borrow::Cow;
use std::fmt::{self, Display};

use crate::registry_value::{RegistryValue, list};
use crate::value::{
    Architecture, Digest, Family, FileVersion, InstallationType, Kb, KeyRef, Language, OsVersion, PathRef,
    ProductType, StartType,
};
use crate::{Fact, Instances};

macro_rules! questions {
    ($($(#[$doc:meta])* fn $name:ident(&self $(, $argument:ident: $type:ty)*) -> Fact<$fact:ty> = $unsaid:expr;)+) => {
        /// A host, as tests see it. Names, keys and paths compare without regard to case, as
        /// [`name`](crate::value::name) says.
        ///
        /// What is not there is [`Fact::Absent`], never a default; what could not be found out is
        /// [`Fact::Unknown`]. A question about part of a thing that is not there, such as the version of a
        /// missing file, is `Absent`, too. The same question may come more than once, and must have the
        /// same answer.
        ///
        /// What a host does not answer is not known, so that a question that comes to this trait later breaks none.
        /// [`EveryFact`] is for those that are to answer it.
        pub trait HostFacts {
            /// Its name, for reports.
            fn name(&self) -> &str;
            $(
                $(#[$doc])*
                fn $name(&self $(, $argument: $type)*) -> Fact<$fact> {
                    $(let _ = $argument;)*
                    $unsaid
                }
            )+
        }

        /// [`HostFacts`] of a host that leaves no question out: where a new one is forgotten, it does not compile.
        pub trait EveryFact {
            /// Its name, for reports.
            fn name(&self) -> &str;
            $(
                $(#[$doc])*
                fn $name(&self $(, $argument: $type)*) -> Fact<$fact>;
            )+
        }

        impl<T: EveryFact> HostFacts for T {
            fn name(&self) -> &str {
                EveryFact::name(self)
            }

            $(
                fn $name(&self $(, $argument: $type)*) -> Fact<$fact> {
                    EveryFact::$name(self $(, $argument)*)
                }
            )+
        }

        /// A host may be lent.
        impl<T: HostFacts + ?Sized> EveryFact for &T {
            fn name(&self) -> &str {
                (**self).name()
            }

            $(
                fn $name(&self $(, $argument: $type)*) -> Fact<$fact> {
                    (**self).$name($($argument),*)
                }
            )+
        }
    };
}

questions! {
    /// The family of the operating system. On all but Windows, the other facts of the system are absent.
    fn os_family(&self) -> Fact<Family> = Fact::Unknown;
    /// The NT version.
    fn os_version(&self) -> Fact<OsVersion> = Fact::Unknown;
    /// The build number.
    fn build(&self) -> Fact<u32> = Fact::Unknown;
    /// The revision of the build: `3930` of `19045.3930`. Every Windows from 10.0 on has one.
    fn revision(&self) -> Fact<u32> = Fact::Unknown;
    /// A revision that the host has or is above, where [`revision`](Self::revision) is not known.
    fn revision_at_least(&self) -> Fact<u32> = Fact::Unknown;
    /// The service pack; 0 is none.
    fn service_pack(&self) -> Fact<u32> = Fact::Unknown;
    /// The product type.
    fn product_type(&self) -> Fact<ProductType> = Fact::Unknown;
    /// What of Windows was installed: a server with or without its desktop, say. None before 6.0.
    fn installation_type(&self) -> Fact<InstallationType> = Fact::Unknown;
    /// The product suites.
    fn suites(&self) -> Fact<Suites<'_>> = Fact::Unknown;
    /// The architecture.
    fn architecture(&self) -> Fact<Architecture> = Fact::Unknown;
    /// The language, with its region.
    fn language(&self) -> Fact<Language> = Fact::Unknown;
    /// Whether the environment variable that a rule's path begins with has a value. Where it says
    /// no, reports name the variable and not the file.
    fn variable(&self, name: &str) -> Fact<()> = Fact::Present(());
    /// Whether a file is there.
    fn file(&self, path: PathRef<'_>) -> Fact<()> = Fact::Unknown;
    /// The version of a file's version resource: the fixed one, not its text.
    fn file_version(&self, path: PathRef<'_>) -> Fact<FileVersion> = Fact::Unknown;
    /// The size of a file in bytes.
    fn file_size(&self, path: PathRef<'_>) -> Fact<u64> = Fact::Unknown;
    /// A digest of a file, in lower-case hexadecimal digits.
    fn file_digest(&self, path: PathRef<'_>, algorithm: Digest) -> Fact<Cow<'_, str>> = Fact::Unknown;
    /// Whether a registry key is there.
    fn registry_key(&self, key: KeyRef<'_>) -> Fact<()> = Fact::Unknown;
    /// A registry value; the default value's name is empty.
    fn registry_value(&self, key: KeyRef<'_>, name: &str) -> Fact<RegistryValue<'_>> = Fact::Unknown;
    /// The keys that match a pattern, as [`stars`](crate::value::stars) says, as far as they are known. Where any may be
    /// missing, the list is not complete.
    fn registry_keys(&self, pattern: KeyRef<'_>) -> Fact<Instances<'_>> = Fact::Unknown;
    /// Whether a service is there.
    fn service(&self, name: &str) -> Fact<()> = Fact::Unknown;
    /// When a service starts.
    fn service_start(&self, name: &str) -> Fact<StartType> = Fact::Unknown;
    /// Whether a service runs.
    fn service_running(&self, name: &str) -> Fact<bool> = Fact::Unknown;
    /// Whether an update of this article is listed as installed: before Windows Vista by a key below `Hotfix`,
    /// from then on in `Win32_QuickFixEngineering`. `Kb::of_update` says which names are of an article.
    fn hotfix(&self, kb: Kb) -> Fact<()> = Fact::Unknown;
}

/// The names of product suites.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suites<'a>(pub Cow<'a, [String]>);

impl Suites<'_> {
    /// Whether a suite of exactly this name is among them.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|suite| suite == name)
    }

    /// The same names, borrowed.
    #[must_use]
    pub fn borrowed(&self) -> Suites<'_> {
        Suites(Cow::Borrowed(&self.0))
    }
}

impl Display for Suites<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("none");
        }
        list(f, &self.0)
    }
}
