# Reads the facts of this host or of a host file, and tells what the rules say of them.

function Get-FullPath($Path) {
    # .NET has a current folder of its own, which PowerShell does not keep in step.
    return $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
}

function Get-HostDocument($Path) {
    # The hosts of a file, in an array: one, a list of them, or one after the other.
    $full = Get-FullPath $Path
    if (-not [System.IO.File]::Exists($full)) { throw ('`' + $Path + '` is no file that can be read') }
    $text = [System.IO.File]::ReadAllText($full)
    $values = Read-JsonDocument ($text.TrimStart([char]65279))
    if ($values['Items'].Count -eq 1) {
        if (Test-JsonKind $values['Items'][0] 'array') { $values = $values['Items'][0] }
    }
    if ($values['Items'].Count -eq 0) { throw 'the file holds no host' }
    return $values
}

function Split-Words($Texts) {
    # The words of texts, as `powershell -File` hands over a list with commas as one text. In an array's items.
    $words = New-JsonArray
    foreach ($text in $Texts) {
        foreach ($word in $text.Split([char]',')) {
            if ($word.Trim().Length -gt 0) { Add-Item $words ($word.Trim()) }
        }
    }
    return $words
}

function Select-Bulletins($Tables, $Wanted) {
    # The bulletins in an array, each once; all when none is named.
    $ids = @(foreach ($bulletin in $Tables['Bulletins']) { ConvertTo-Lower $bulletin['Id'] })
    $named = @(foreach ($id in $Wanted['Items']) { ConvertTo-Lower $id })
    foreach ($id in $Wanted['Items']) {
        if (-not (Test-Listed $ids (ConvertTo-Lower $id))) {
            throw ('`' + $id + '` is no bulletin of this script, which has ' + (Get-Ids $Tables['Bulletins']))
        }
    }
    $selected = New-JsonArray
    foreach ($bulletin in $Tables['Bulletins']) {
        if ($Wanted['Items'].Count -eq 0 -or (Test-Listed $named (ConvertTo-Lower $bulletin['Id']))) { Add-Item $selected $bulletin }
    }
    return $selected
}

function Get-Ids($Bulletins) {
    # The first ids, and how many more there are.
    $ids = New-Object System.Collections.ArrayList
    $more = 0
    foreach ($bulletin in $Bulletins) {
        if ($ids.Count -lt 10) { [void]$ids.Add($bulletin['Id']) } else { $more = $more + 1 }
    }
    if ($more -eq 0) { return $ids -join ', ' }
    return ($ids -join ', ') + ' and ' + [string]$more + ' more'
}

function Select-Verdicts($Tables, $Texts) {
    $verdicts = Split-Words $Texts
    foreach ($verdict in $verdicts['Items']) {
        if (-not (Test-Listed $Tables['Verdicts'] $verdict)) { throw ('`' + $verdict + '` is not a verdict') }
    }
    return $verdicts
}

function Get-Outcomes($Tables, $Path, $Wanted, $Problems) {
    $bulletins = Select-Bulletins $Tables $Wanted
    $outcomes = New-JsonArray
    if ($Path.Length -gt 0) {
        $hosts = Get-HostDocument $Path
        $stem = [System.IO.Path]::GetFileNameWithoutExtension($Path)
    }
    else {
        $hosts = New-JsonArray
        Add-Item $hosts (Get-LiveHost $Tables $false)
        $stem = ''
    }
    $number = 0
    foreach ($document in $hosts['Items']) {
        $number = $number + 1
        $name = $stem
        if ($hosts['Items'].Count -gt 1) { $name = $stem + '#' + [string]$number }
        $facts = New-HostFacts $document $Tables $name
        foreach ($problem in $facts['Problems']) { [void]$Problems.Add($facts['Name'] + ': ' + $problem) }
        $session = New-Session $facts $Tables
        foreach ($bulletin in $bulletins['Items']) { Add-Item $outcomes (Get-Outcome $session $bulletin) }
    }
    return $outcomes
}

function Test-Finding($Outcomes, $Verdicts) {
    foreach ($outcome in $Outcomes['Items']) {
        if (Test-Listed $Verdicts['Items'] $outcome['Verdict']) { return $true }
    }
    return $false
}

function Get-Found($Outcomes, $Asked) {
    # What a run prints.
    if ($Asked['AsJson']) { return @(Get-JsonLines $Outcomes['Items']) }
    return @(foreach ($outcome in $Outcomes['Items']) { Get-Reports $outcome $Asked['PerVulnerability'] })
}

function Invoke-Rules($Tables, $Asked) {
    # What a run prints, its exit code, what was wrong with facts, and a line that sums up.
    $run = @{ Lines = @(); Code = 0; Problems = (New-Object System.Collections.ArrayList); Error = $null; Summary = $null }
    try {
        Expand-Table $Tables # when escapes
        $wanted = @()
        if ($null -ne $Asked['Bulletin']) { $wanted = $Asked['Bulletin'] }
        $outcomes = Get-Outcomes $Tables $Asked['FactsPath'] (Split-Words $wanted) $run['Problems']
        $isFinding = Test-Finding $outcomes (Select-Verdicts $Tables $Asked['FailOn'])
        if ($Asked['ExitMode'] -eq 'Detection') {
            if (-not $isFinding) { $run['Lines'] = @('Detected: no finding') }
        }
        else {
            $run['Lines'] = Get-Found $outcomes $Asked
            if (-not $Asked['AsJson']) { $run['Summary'] = Get-Summary $outcomes }
        }
        if ($isFinding -and $Asked['ExitMode'] -eq 'Finding') { $run['Code'] = 1 }
    }
    catch {
        $run['Error'] = 'caveat: ' + $_.Exception.Message
        $run['Code'] = 2
    }
    return $run
}
