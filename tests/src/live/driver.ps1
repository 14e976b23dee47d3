# Sets up one machine after the other in the Wine that it runs on, and writes what the script, the collector and the
# program that judges by `LiveHost` say of each.
param([string]$Plans, [string]$Judge)

$ErrorActionPreference = 'Stop'
$plan = [IO.File]::ReadAllText($Plans) | ConvertFrom-Json -Depth 20
$env:SystemRoot = $plan.root
$env:windir = $plan.root
$hives = @{ HKLM = 'LocalMachine'; HKEY_LOCAL_MACHINE = 'LocalMachine'; HKCR = 'ClassesRoot'; HKEY_CLASSES_ROOT = 'ClassesRoot'
    HKCU = 'CurrentUser'; HKEY_CURRENT_USER = 'CurrentUser'; HKU = 'Users'; HKEY_USERS = 'Users'; HKCC = 'CurrentConfig'; HKEY_CURRENT_CONFIG = 'CurrentConfig' }
$kinds = @{ reg_sz = 'String'; reg_expand_sz = 'ExpandString'; reg_multi_sz = 'MultiString'; reg_dword = 'DWord'; reg_binary = 'Binary' }

function Split-Key($Key) {
    $cut = $Key.IndexOf('\')
    return @{ Hive = $hives[$Key.Substring(0, $cut).ToUpperInvariant()]; Path = $Key.Substring($cut + 1) }
}

function Get-Views($View) {
    if ($View -eq 'both') { return @('Registry64', 'Registry32') }
    return @('Registry' + $View)
}

function Get-Data($Value) {
    switch ($Value.type) {
        'reg_dword' { return [BitConverter]::ToInt32([BitConverter]::GetBytes([uint32]$Value.data), 0) }
        'reg_binary' { return , [Convert]::FromHexString($Value.data) }
        'reg_multi_sz' { return , [string[]]@($Value.data) }
        default { return [string]$Value.data }
    }
}

function Clear-Machine($Machine) {
    foreach ($wanted in @($plan.always) + @($Machine.clear)) {
        $key = Split-Key $wanted.key
        foreach ($view in Get-Views 'both') {
            $base = [Microsoft.Win32.RegistryKey]::OpenBaseKey($key.Hive, $view)
            if ($plan.kept -contains $key.Path.ToLowerInvariant()) {
                $opened = $base.OpenSubKey($key.Path, $true)
                if ($null -ne $opened) { foreach ($name in @($wanted.values)) { $opened.DeleteValue($name, $false) } }
            }
            else { $base.DeleteSubKeyTree($key.Path, $false) }
        }
    }
}

function Set-Machine($Machine) {
    # Returns what undoes it.
    $undo = [Collections.Generic.Stack[object]]::new()
    foreach ($entry in $Machine.registry) {
        $key = Split-Key $entry.key
        foreach ($view in Get-Views $entry.view) {
            $base = [Microsoft.Win32.RegistryKey]::OpenBaseKey($key.Hive, $view)
            $made = ''
            $parts = $key.Path.Split('\')
            for ($count = 1; $count -le $parts.Length; $count++) {
                $path = $parts[0..($count - 1)] -join '\'
                if ($null -eq $base.OpenSubKey($path)) { $made = $path; break }
            }
            if ($made) { $undo.Push(@{ Base = $base; Tree = $made }) }
            $opened = $base.CreateSubKey($key.Path)
            foreach ($value in @($entry.values)) {
                if (-not $made) { $undo.Push(@{ Base = $base; Path = $key.Path; Name = $value.name }) }
                $opened.SetValue($value.name, (Get-Data $value), $kinds[$value.type])
            }
        }
    }
    foreach ($file in @($Machine.files)) {
        [void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($file.path))
        [IO.File]::Copy($file.from, $file.path, $true)
        $undo.Push(@{ File = $file.path })
    }
    return , $undo
}

function Reset-Machine($Undo) {
    while ($Undo.Count -gt 0) {
        $one = $Undo.Pop()
        if ($one.File) { [IO.File]::Delete($one.File) }
        elseif ($one.Tree) { $one.Base.DeleteSubKeyTree($one.Tree, $false) }
        else { $one.Base.OpenSubKey($one.Path, $true).DeleteValue($one.Name, $false) }
    }
}

function Write-Lines($Path, $Lines) {
    [IO.File]::WriteAllText($Path, (@($Lines) -join "`n"))
}

$number = 0
foreach ($machine in $plan.machines) {
    $out = $plan.out + '\' + $number
    $number++
    try {
        Clear-Machine $machine
        $undo = Set-Machine $machine
        try {
            Write-Lines ($out + '.script.json') (& ($machine.rules + '\caveat.ps1') -AsJson -ExitMode None)
            Write-Lines ($out + '.facts.json') (& ($machine.rules + '\collect-facts.ps1'))
            if ($number % 10 -eq 1) { Write-Lines ($out + '.again.json') (& ($machine.rules + '\collect-facts.ps1')) }
            Write-Lines ($out + '.judge.json') (& $Judge $machine.source $plan.modules)
        }
        finally { Reset-Machine $undo }
    }
    catch { Write-Lines ($out + '.failed') ($_.Exception.Message + ' ' + $_.InvocationInfo.PositionMessage) }
}
exit 0
