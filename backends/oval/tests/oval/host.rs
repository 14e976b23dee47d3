//! Hosts as OpenSCAP reads them: system characteristics for the objects of a document.

use std::collections::BTreeMap;
use std::fmt::Write;

use roxmltree::{Document, Node};

use crate::support::{oscap, scratch};

const WINDOWS: &str = "http://oval.mitre.org/XMLSchema/oval-system-characteristics-5#windows";
const INDEPENDENT: &str = "http://oval.mitre.org/XMLSchema/oval-system-characteristics-5#independent";

/// What there is on a host; nothing else is there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Host {
    /// Key and value name, in lower case, to type and data.
    values: BTreeMap<(String, String), (&'static str, Vec<String>)>,
    keys: Vec<String>,
    /// Path in lower case to version and size.
    files: BTreeMap<String, (Option<&'static str>, u64)>,
    digests: BTreeMap<(String, &'static str), String>,
    services: BTreeMap<String, &'static str>,
    /// Kinds of objects that were not collected.
    missing: Vec<&'static str>,
}

impl Host {
    /// A Windows 2000 Server with Service Pack 4.
    pub(crate) fn windows_2000() -> Self {
        let nt = r"software\microsoft\windows nt\currentversion";
        let control = r"system\currentcontrolset\control";
        Self::default()
            .value(nt, "CurrentVersion", "reg_sz", &["5.0"])
            .value(nt, "CurrentBuildNumber", "reg_sz", &["2195"])
            .value(nt, "CSDVersion", "reg_sz", &["Service Pack 4"])
            .value(nt, "SystemRoot", "reg_sz", &[r"C:\WINNT"])
            .value(&format!(r"{control}\productoptions"), "ProductType", "reg_sz", &["ServerNT"])
            .value(
                &format!(r"{control}\productoptions"),
                "ProductSuite",
                "reg_multi_sz",
                &["Enterprise", "Terminal Server"],
            )
            .value(
                &format!(r"{control}\session manager\environment"),
                "PROCESSOR_ARCHITECTURE",
                "reg_sz",
                &["x86"],
            )
            .value(&format!(r"{control}\nls\language"), "InstallLanguage", "reg_sz", &["040C"])
    }

    pub(crate) fn value(mut self, key: &str, name: &str, kind: &'static str, data: &[&str]) -> Self {
        let data = data.iter().map(|data| (*data).to_owned()).collect();
        self.keys.push(key.to_lowercase());
        self.values.insert((key.to_lowercase(), name.to_lowercase()), (kind, data));
        self
    }

    pub(crate) fn key(mut self, key: &str) -> Self {
        self.keys.push(key.to_lowercase());
        self
    }

    pub(crate) fn file(mut self, path: &str, version: Option<&'static str>, size: u64) -> Self {
        self.files.insert(path.to_lowercase(), (version, size));
        self
    }

    pub(crate) fn digest(mut self, path: &str, algorithm: &'static str, digest: &str) -> Self {
        self.digests.insert((path.to_lowercase(), algorithm), digest.to_owned());
        self
    }

    /// A service with its start type and state.
    pub(crate) fn service(mut self, name: &str, start: &str, state: &'static str) -> Self {
        self.services.insert(name.to_lowercase(), state);
        let key = format!(r"system\currentcontrolset\services\{name}");
        self.value(&key, "Start", "reg_dword", &[start])
    }

    pub(crate) fn without(mut self, key: &str, name: &str) -> Self {
        self.values.remove(&(key.to_lowercase(), name.to_lowercase()));
        self
    }

    /// Objects of this kind (`file_object`, …) were not collected.
    pub(crate) fn missing(mut self, object: &'static str) -> Self {
        self.missing.push(object);
        self
    }

    /// What OpenSCAP says of every definition, by id; none when it is not installed.
    pub(crate) fn analyse(&self, name: &str, definitions: &str) -> Option<BTreeMap<String, String>> {
        let rules = scratch(&format!("{name}.def.xml"), definitions);
        let facts = scratch(&format!("{name}.sc.xml"), &self.characteristics(definitions));
        let results = scratch(&format!("{name}.res.xml"), "");
        let paths = [&results, &rules, &facts].map(|path| path.to_str().unwrap());
        let output = oscap(&["oval", "analyse", "--results", paths[0], paths[1], paths[2]])?;
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}: {said}");
        let text = std::fs::read_to_string(&results).unwrap();
        let document = Document::parse(&text).unwrap();
        let results = document
            .descendants()
            .filter(|node| node.has_tag_name_of("definition") && node.attribute("result").is_some());
        let attribute = |node: Node<'_, '_>, name| node.attribute(name).unwrap().to_owned();
        Some(results.map(|node| (attribute(node, "definition_id"), attribute(node, "result"))).collect())
    }

    fn characteristics(&self, definitions: &str) -> String {
        let document = Document::parse(definitions).unwrap();
        let (mut objects, mut data, mut next) = (String::new(), String::new(), 1);
        for object in children(&document, "objects") {
            let id = object.attribute("id").unwrap();
            let item = self.item(&document, object, next);
            let flag = match &item {
                _ if self.missing.contains(&object.tag_name().name()) => "not collected",
                Some(_) => "complete",
                None => "does not exist",
            };
            writeln!(objects, "<object id=\"{id}\" version=\"1\" flag=\"{flag}\">").unwrap();
            if let (Some(item), "complete") = (item, flag) {
                writeln!(objects, "<reference item_ref=\"{next}\"/>").unwrap();
                data.push_str(&item);
                next += 1;
            }
            objects.push_str("</object>\n");
        }
        for (container, content) in [("collected_objects", &mut objects), ("system_data", &mut data)] {
            if !content.is_empty() {
                *content = format!("<{container}>\n{content}</{container}>\n");
            }
        }
        format!(
            "<oval_system_characteristics xmlns=\"http://oval.mitre.org/XMLSchema/oval-system-characteristics-5\" \
             xmlns:oval=\"http://oval.mitre.org/XMLSchema/oval-common-5\" xmlns:win=\"{WINDOWS}\" \
             xmlns:ind=\"{INDEPENDENT}\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n\
             <generator>\n<oval:schema_version>5.11.2</oval:schema_version>\n\
             <oval:timestamp>2004-02-11T00:00:00</oval:timestamp>\n</generator>\n\
             <system_info>\n<os_name>Windows</os_name>\n<os_version>5.0</os_version>\n\
             <architecture>x86</architecture>\n<primary_host_name>host</primary_host_name>\n\
             <interfaces>\n<interface>\n<interface_name>lan</interface_name>\n\
             <ip_address>192.0.2.1</ip_address>\n<mac_address>00-00-00-00-00-00</mac_address>\n\
             </interface>\n</interfaces>\n</system_info>\n\
             {objects}\
             {data}</oval_system_characteristics>\n"
        )
    }

    /// The item of an object, if the host has it.
    fn item(&self, document: &Document<'_>, object: Node<'_, '_>, id: u32) -> Option<String> {
        match object.tag_name().name() {
            "registry_object" => self.registry_item(object, id),
            "file_object" => {
                let path = self.file_path(document, object)?;
                let (version, size) = self.files.get(&path)?;
                let version = version.map_or_else(
                    || "<win:version datatype=\"version\" status=\"does not exist\"/>".to_owned(),
                    |version| format!("<win:version datatype=\"version\">{version}</win:version>"),
                );
                Some(format!(
                    "<win:file_item id=\"{id}\">\n<win:filepath>{path}</win:filepath>\n\
                     <win:size datatype=\"int\">{size}</win:size>\n{version}\n</win:file_item>\n"
                ))
            }
            "filehash58_object" => {
                let path = self.file_path(document, object)?;
                let kind = text(object, "hash_type");
                let (_, digest) =
                    self.digests.iter().find(|((file, one), _)| *file == path && *one == kind)?;
                Some(format!(
                    "<ind:filehash58_item id=\"{id}\">\n<ind:filepath>{path}</ind:filepath>\n\
                     <ind:hash_type>{kind}</ind:hash_type>\n<ind:hash>{digest}</ind:hash>\n\
                     </ind:filehash58_item>\n"
                ))
            }
            "service_object" => {
                let name = text(object, "service_name");
                let state = self.services.get(&name.to_lowercase())?;
                Some(format!(
                    "<win:service_item id=\"{id}\">\n<win:service_name>{name}</win:service_name>\n\
                     <win:current_state>{state}</win:current_state>\n</win:service_item>\n"
                ))
            }
            "family_object" => Some(format!(
                "<ind:family_item id=\"{id}\">\n<ind:family>windows</ind:family>\n</ind:family_item>\n"
            )),
            // What a query of updates finds is none of a Windows 2000.
            "wmi57_object" => None,
            other => panic!("an object of the kind {other}"),
        }
    }

    fn registry_item(&self, object: Node<'_, '_>, id: u32) -> Option<String> {
        let key = self.key_of(object)?;
        let name = object.children().find(|node| node.has_tag_name_of("name")).unwrap();
        let entities = if name.attributes().any(|attribute| attribute.name() == "nil") {
            self.keys.contains(&key.to_lowercase()).then(String::new)?
        } else {
            let name = name.text().unwrap_or_default();
            let (kind, data) = self.values.get(&(key.to_lowercase(), name.to_lowercase()))?;
            let datatype = match *kind {
                "reg_dword" => "int",
                "reg_binary" => "binary",
                _ => "string",
            };
            let values =
                data.iter().map(|data| format!("<win:value datatype=\"{datatype}\">{data}</win:value>\n"));
            let values = if data.is_empty() {
                "<win:value status=\"does not exist\"></win:value>\n".to_owned()
            } else {
                values.collect()
            };
            format!("<win:name>{name}</win:name>\n<win:type>{kind}</win:type>\n{values}")
        };
        let hive = text(object, "hive");
        Some(format!(
            "<win:registry_item id=\"{id}\">\n<win:hive>{hive}</win:hive>\n<win:key>{key}</win:key>\n\
             {entities}</win:registry_item>\n"
        ))
    }

    /// The key an object looks at; of an expression, which is for the keys of an update, the first that it
    /// is for.
    fn key_of(&self, object: Node<'_, '_>) -> Option<String> {
        let (key, node) = (text(object, "key"), object.children().find(|node| node.has_tag_name_of("key")));
        if node.and_then(|node| node.attribute("operation")).is_none() {
            return Some(key.to_owned());
        }
        let (_, article) = key.split_once("|[Qq])?").unwrap();
        let (article, _) = article.split_once('(').unwrap();
        self.keys.iter().find(|key| key.ends_with(&format!(r"\hotfix\kb{article}"))).cloned()
    }

    /// The path an object looks at, in lower case, variables resolved.
    fn file_path(&self, document: &Document<'_>, object: Node<'_, '_>) -> Option<String> {
        let path = object.children().find(|node| node.has_tag_name_of("path")).unwrap();
        let folder = match path.attribute("var_ref") {
            None => path.text().unwrap().to_owned(),
            Some(id) => {
                let variable =
                    children(document, "variables").find(|node| node.attribute("id") == Some(id))?;
                let part = |name| variable.descendants().find(|node| node.has_tag_name_of(name));
                let root = part("object_component").unwrap().attribute("object_ref");
                let root = children(document, "objects").find(|node| node.attribute("id") == root)?;
                let place = (text(root, "key").to_lowercase(), text(root, "name").to_lowercase());
                let (_, data) = self.values.get(&place)?;
                data[0].clone() + part("literal_component").and_then(|node| node.text()).unwrap_or_default()
            }
        };
        let separator = if folder.ends_with('\\') { "" } else { "\\" };
        Some(format!("{folder}{separator}{}", text(object, "filename")).to_lowercase())
    }
}

/// [`Node::has_tag_name`] in any namespace.
trait AnyNamespace {
    fn has_tag_name_of(&self, name: &str) -> bool;
}

impl AnyNamespace for Node<'_, '_> {
    fn has_tag_name_of(&self, name: &str) -> bool {
        self.tag_name().name() == name
    }
}

pub(crate) fn children<'a>(
    document: &'a Document<'a>,
    container: &str,
) -> impl Iterator<Item = Node<'a, 'a>> {
    let container = document.root_element().children().find(|node| node.has_tag_name_of(container));
    container.into_iter().flat_map(|node| node.children().filter(Node::is_element))
}

fn text<'a>(object: Node<'a, '_>, name: &str) -> &'a str {
    let child = object.children().find(|node| node.has_tag_name_of(name));
    child.and_then(|node| node.text()).unwrap_or_default()
}
