//! The code that scripts carry: what their rules need, and no more, in each of them or in a module.

use caveat::backend::{Backend, Options, Policy};
use caveat_backend_powershell::PowerShell;
use caveat_driver::lock::Lock;
use caveat_driver::{Target, build};
use caveat_ir::Checked;
use caveat_tests::library;
use caveat_tests::oval::compare::{checked, compiled};
use caveat_tests::pwsh::Engine;
use caveat_tests::rules::{files_below, root};
use tempfile::TempDir;

use crate::{bundled, expected};

/// The scripts made of rules with an option.
fn made(rules: &Checked, option: (&str, &str)) -> Vec<(String, String)> {
    let options = Options::new(&PowerShell.info().options, [option]).unwrap();
    let built = build(rules, &[Target { backend: &PowerShell, options }], Policy::Error, &Lock::default());
    assert!(!built.failed, "{:?}", built.diagnostics);
    built.artifacts.into_iter().map(|(_, artifact)| (artifact.path, artifact.text)).collect()
}

/// Prints, by PowerShell's own parser, which function of a script is called and not there, and which is there and never
/// called, however indirectly.
const CALLS: &str = r"param($Folder)
$cmdlets = 'Set-StrictMode', 'Write-Warning', 'Write-Verbose', 'Write-Host', 'New-Object', 'Add-Member', 'Get-Command',
    'Get-Service', 'Get-WmiObject', 'Get-CimInstance'
$count = 0
foreach ($file in Get-ChildItem -LiteralPath $Folder -Filter *.ps1) {
    $errors = $null
    $ast = [System.Management.Automation.Language.Parser]::ParseFile($file.FullName, [ref]$null, [ref]$errors)
    foreach ($problem in $errors) { $file.Name + ': ' + $problem.Message }
    $functions = @{}
    foreach ($one in $ast.FindAll({ $args[0] -is [System.Management.Automation.Language.FunctionDefinitionAst] }, $true)) {
        if ($cmdlets -contains $one.Name) { $file.Name + ' hides the cmdlet ' + $one.Name }
        $functions[$one.Name] = $one.Body
    }
    $inside = { param($node) while ($node) { if ($node -is [System.Management.Automation.Language.FunctionDefinitionAst]) { return $true }; $node = $node.Parent }; return $false }
    $names = { param($from) $from.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true) }
    $left = New-Object System.Collections.Queue
    foreach ($call in & $names $ast) { if (-not (& $inside $call)) { $left.Enqueue($call.GetCommandName()) } }
    $called = @{}
    while ($left.Count -gt 0) {
        $name = $left.Dequeue()
        if ($called.ContainsKey($name)) { continue }
        $called[$name] = $true
        if ($functions.ContainsKey($name)) { foreach ($call in & $names $functions[$name]) { $left.Enqueue($call.GetCommandName()) } }
        elseif (-not ($cmdlets -contains $name)) { $file.Name + ' calls ' + $name }
    }
    foreach ($name in $functions.Keys) { if (-not $called.ContainsKey($name)) { $file.Name + ' never calls ' + $name } }
    $count++
}
'read ' + $count
";

#[test]
fn a_script_has_the_functions_that_it_calls_and_no_others() {
    let Ok(engine) = Engine::find().inspect_err(|line| println!("{line}")) else { return };
    let folder = TempDir::new().unwrap();
    let mut written = 0;
    let mut write = |rules: &Checked, layout: &str| {
        for (path, text) in made(rules, ("layout", layout)) {
            let name = format!("{written}-{}", path.rsplit('/').next().unwrap());
            std::fs::write(folder.path().join(name), text).unwrap();
            written += 1;
        }
    };
    write(&bundled(), "all");
    for cases in ["tests/cases/oval", "tests/cases/verdict"] {
        for file in files_below(&root().join(cases), "caveat") {
            write(&checked(compiled(std::slice::from_ref(&file), file.parent().unwrap())), "bundle");
        }
    }
    let check = folder.path().join("check");
    std::fs::create_dir(&check).unwrap();
    let check = check.join("calls.ps1");
    std::fs::write(&check, CALLS).unwrap();
    let ran = engine.run(&check, &[&folder.path().display().to_string()]);
    let said = String::from_utf8_lossy(&ran.stdout);
    assert_eq!(said.trim(), format!("read {written}"), "{}", String::from_utf8_lossy(&ran.stderr));
    assert!(written > 40, "{written} scripts only");
}

/// Scripts of the bundled bulletins but one are for services that take 200,000 bytes.
#[test]
fn scripts_of_bulletins_are_small_enough_to_deploy() {
    for (path, text) in made(&bundled(), ("layout", "bulletin")) {
        // The largest bulletin is above it, and is warned of: it is for the layout with the module.
        let limit = if path.ends_with("ms04-011.ps1") { 210_000 } else { 200_000 };
        assert!(text.len() < limit, "{path} has {}", text.len());
        assert!(!text.contains("\n#") || text.matches("\n# ").count() <= 1, "{path} has comments");
    }
    for (path, text) in made(&bundled(), ("runtime", "module")) {
        let is_rule_file = path.starts_with("powershell/ms04-");
        assert!(!is_rule_file || text.len() < 100_000, "{path} has {}", text.len());
        assert!(!is_rule_file || !text.contains("function Get-Truth"), "{path} has code");
    }
}

#[test]
fn rule_files_beside_the_module_give_the_same_verdicts() {
    let Ok(engine) = Engine::find().inspect_err(|line| println!("{line}")) else { return };
    let rules = bundled();
    let folder = TempDir::new().unwrap();
    for (path, text) in made(&rules, ("runtime", "module")) {
        std::fs::write(folder.path().join(path.rsplit('/').next().unwrap()), text).unwrap();
    }
    let script = folder.path().join("caveat.ps1");
    let mut hosts = library::example_hosts();
    hosts.extend(library::some_systematic_hosts(&rules, 30));
    assert_eq!(engine.results(&script, &hosts), expected(&rules, &hosts));
    let module = folder.path().join("Caveat.psm1");
    let other = std::fs::read_to_string(&module).unwrap().replace("$CaveatMark = '", "$CaveatMark = 'x");
    std::fs::write(&module, other).unwrap();
    let refused = |wanted: &str| {
        let ran = engine.run(&script, &["-FactsPath", "hosts.json"]);
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(ran.status.code() == Some(2) && ran.stdout.is_empty() && said.contains(wanted), "{said}");
    };
    refused("Caveat.psm1 is of another build");
    std::fs::remove_file(&module).unwrap();
    refused("caveat: ");
}
