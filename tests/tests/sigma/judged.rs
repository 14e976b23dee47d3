//! What is known of converters, to judge what they make of a rule: each name that stands in place of a field of Sysmon or
//! of Windows has its line here, and a name without one fails the test.

use caveat_tests::sigma::converters::Converter;

pub(super) const HEAD: &str = "# Sigma rules in converters

[The Sigma target](../backends/sigma/README.md) names fields as Sysmon and the logs of Windows do. Converters rename them, and
not all of them keep what they mean. A test of the suite writes this page: it converts a rule of every kind by each converter with its
usual pipelines.

A rule is kept if its query asks for the kind of event, compares the same fields, by their own names or by those that the target has
for them, and has all values. Queries of SQLite and Lucene also run, on events at and beside every boundary, and have to find
what the rule finds. Lucene runs as Elasticsearch sets it up: fields are keywords, and their case counts but for those
called `caseless`.

**Look at \"changes silently\" before you deploy**: no converter warns of it. What it refuses, it says. The table counts kinds of rules;
below it each is named.
";

pub(super) const TABLE: &str = "| target | converter | pipelines | keeps | changes silently | refuses |
|---|---|---|---|---|---|
";

const fn converter(
    title: &'static str,
    backend: &'static str,
    pipelines: &'static [&'static str],
) -> Converter {
    Converter { title, backend, pipelines, format: None }
}

pub(super) const CONVERTERS: &[Converter] = &[
    converter("Splunk", "splunk", &["sysmon", "windows-logsources", "splunk_windows"]),
    converter("Splunk", "splunk", &["splunk_windows"]),
    Converter {
        title: "Splunk's data model",
        backend: "splunk",
        pipelines: &["splunk_cim"],
        format: Some("data_model"),
    },
    converter("Elasticsearch, Lucene", "lucene", &["sysmon", "ecs_windows"]),
    converter("Elasticsearch, Lucene", "lucene", &["ecs_windows"]),
    converter("Elasticsearch, EQL", "eql", &["sysmon", "ecs_windows"]),
    converter("Elasticsearch, ES|QL", "esql", &["sysmon", "ecs_windows"]),
    converter("OpenSearch, Lucene", "opensearch_lucene", &["sysmon", "ecs_windows"]),
    converter("OpenSearch, PPL", "open_search_ppl", &["sysmon", "ecs_windows"]),
    converter("Microsoft Defender XDR", "kusto", &["microsoft_xdr"]),
    converter("Microsoft Sentinel, ASIM", "kusto", &["sentinel_asim"]),
    converter("Azure Monitor", "kusto", &["azure_monitor"]),
    converter("Loki", "loki", &["sysmon", "windows-logsources"]),
    converter("Loki", "loki", &["loki_grafana_logfmt"]),
    converter("SQLite, Zircolite", "sqlite", &["sysmon", "windows-logsources"]),
    converter("SQLite", "sqlite", &[]),
    converter("CrowdStrike", "log_scale", &["crowdstrike_fdr"]),
    converter("Google SecOps", "secops", &["secops_udm"]),
    converter("SentinelOne", "sentinel_one_pq", &["sentinelonepq"]),
    converter("Carbon Black", "carbon_black", &["carbonblack"]),
    converter("Cortex XDR", "cortex_xdr", &["CortexXDR"]),
    converter("LogPoint", "logpoint", &["logpoint_windows"]),
    converter("NetWitness", "net_witness", &["sysmon", "netwitness_windows"]),
    converter("Quickwit", "quickwit", &["quickwit_windows"]),
];

/// Why a name that stands in place of a field is not that field, if so.
pub(super) fn of_field(converter: &Converter, field: &str, name: &str, kind: &str) -> Option<&'static str> {
    let is_value = !["new key", "deleted key", "class"].contains(&kind);
    Some(match (converter.backend, converter.pipelines.last().copied().unwrap_or(""), field, name) {
        ("kusto", _, _, "ProcessVersionInfoProductVersion") => {
            "`FileVersion` becomes the product version (`ProcessVersionInfoProductVersion`)"
        }
        ("kusto", _, _, "InitiatingProcessVersionInfoProductVersion") => {
            "`FileVersion` becomes the product version of the process that loads the file (`InitiatingProcessVersionInfoProductVersion`)"
        }
        ("kusto", _, "TargetObject", "RegistryKey") if is_value => {
            "`RegistryKey` is the key, without the name of the value"
        }
        ("kusto", _, "Details", "RegistryValueData") if kind != "text" => {
            "`RegistryValueData` is the data itself, not Sysmon's `DWORD (0x…)`"
        }
        ("splunk", "splunk_cim", "TargetObject", "Registry.registry_key_name") => {
            "`registry_key_name` is a name, not a path"
        }
        ("log_scale", _, "FileVersion" | "Hashes" | "TargetObject" | "Details" | "EventType", name)
            if name == field =>
        {
            "keeps Sysmon's name of a field, which Falcon's events do not have"
        }
        ("secops", _, "EventType", "metadata.event_type") => {
            "asks one field for two values (`metadata.event_type`)"
        }
        ("secops", _, "ServiceName", "target.process.file.names") => {
            "`ServiceName` becomes the name of a file"
        }
        ("secops", _, "TargetObject", "target.registry.registry_key") if is_value => {
            "`registry_key` is the key, without the name of the value"
        }
        ("cortex_xdr", _, "TargetObject", "action_registry_key_name") => {
            "`action_registry_key_name` is the key, without the name of the value"
        }
        ("kusto", "azure_monitor", "Hashes", "FileHash") => {
            "`FileHash` is of AppLocker's events, not of processes that start"
        }
        ("cortex_xdr", _, "Details", "action_registry_value_name") => {
            "`Details` is looked for in the name of the value as well"
        }
        ("logpoint" | "net_witness", _, "Image", "process") => return None,
        ("quickwit", _, "Image" | "ImageLoaded" | "Hashes", _) => {
            "has wildcards within quotes, where they stand for themselves"
        }
        _ if name == field || KEPT.contains(&(field, name)) => return None,
        _ => panic!("judge `{name}` for `{field}` of {}", converter.backend),
    })
}

/// What a target does with every value.
pub(super) fn of_language(converter: &Converter, kind: &str) -> Option<&'static str> {
    let is_named = kind != "running service";
    (converter.backend == "esql" && is_named).then_some("finds names only in the rule's case of letters")
}

/// Names that are the field's own in their target.
const KEPT: &[(&str, &str)] = &[
    ("EventID", "EventCode"),
    ("EventID", "event.code"),
    ("EventID", "event_id"),
    ("EventID", "reference.id"),
    ("EventID", "metadata.product_event_type"),
    ("Image", "process.executable.caseless"),
    ("ImageLoaded", "file.path"),
    ("FileVersion", "process.pe.file_version"),
    ("FileVersion", "file.pe.file_version"),
    ("Hashes", "winlog.event_data.Hashes"),
    ("TargetObject", "registry.path"),
    ("Details", "winlog.event_data.Details"),
    ("EventType", "winlog.event_data.EventType"),
    ("ServiceName", "service.name"),
    ("Provider_Name", "winlog.provider_name"),
    ("Binary", "winlog.event_data.Binary"),
    ("param1", "winlog.event_data.param1"),
    ("param2", "winlog.event_data.param2"),
    ("Image", "FolderPath"),
    ("ImageLoaded", "FolderPath"),
    ("EventType", "ActionType"),
    ("TargetObject", "RegistryKey"),
    ("Image", "TargetProcessName"),
    ("Image", "NewProcessName"),
    ("Image", "ImageFileName"),
    ("Image", "target.process.file.full_path"),
    ("Hashes", "hash"),
    ("FileVersion", "TargetProcessFileVersion"),
    ("EventType", "Registry.action"),
    ("Details", "Registry.registry_value_data"),
    ("TargetObject", "target.registry.registry_key"),
    ("Details", "target.registry.registry_value_data"),
    ("ImageLoaded", "ImageFileName"),
    ("ImageLoaded", "image"),
    ("FileVersion", "file_version"),
    ("EventType", "event_type"),
    ("TargetObject", "target_object"),
    ("Details", "detail"),
    ("Details", "RegistryValueData"),
    ("Details", "action_registry_data"),
    ("ServiceName", "service"),
    ("Provider_Name", "event_source"),
    ("Binary", "event_data"),
    ("param1", "service"),
    ("param2", "status"),
];

/// The value that a target has in place of another.
pub(super) fn translated(converter: &Converter, value: &str) -> String {
    match converter.backend {
        "kusto" => {
            let value = match value {
                "CreateKey" => "RegistryKeyCreated",
                "DeleteKey" => "RegistryKeyDeleted",
                "DeleteValue" => "RegistryValueDeleted",
                other => other,
            };
            value
                .replace("HKLM\\", "HKEY_LOCAL_MACHINE\\")
                .replace("HKCR\\", "HKEY_LOCAL_MACHINE\\SOFTWARE\\Classes\\")
                .replace("HKU\\", "HKEY_USERS\\")
        }
        _ => value.to_owned(),
    }
}

/// Why there is no query, in short: what the converter says, to the end of the sentence or of the names that it lists.
pub(super) fn refusal(why: &str) -> String {
    let first = why.split(". ").next().unwrap_or(why);
    let first = first.split(" (while").next().unwrap_or(first);
    let first = first.split(':').take(2).collect::<Vec<_>>().join(":");
    first.trim_end_matches(['.', ' ', '!', ':']).to_owned()
}
