# What is told of outcomes: objects for a pipeline, or the JSON that `caveat eval --format json` prints.

function ConvertTo-JsonOutcome($Outcome) {
    $json = New-JsonObject
    Add-Field $json 'host' $Outcome['Host']
    Add-Field $json 'bulletin' $Outcome['Bulletin']
    Add-Field $json 'verdict' $Outcome['Verdict']
    if ($null -ne $Outcome['Case']) { Add-Field $json 'package' $Outcome['Case']['Package'] }
    $vulnerabilities = New-JsonArray
    foreach ($vulnerability in $Outcome['Vulnerabilities']) {
        $one = New-JsonObject
        Add-Field $one 'id' $vulnerability['Id']
        Add-Field $one 'verdict' $vulnerability['Verdict']
        if ($null -ne $vulnerability['Severity']) { Add-Field $one 'severity' $vulnerability['Severity'] }
        if ($vulnerability['Exposure'].Length -gt 0) { Add-Field $one 'exposure' (Get-TextArray $vulnerability['Exposure']) }
        Add-Item $vulnerabilities $one
    }
    Add-Field $json 'vulnerabilities' $vulnerabilities
    if ($Outcome['Missing'].Count -gt 0) { Add-Field $json 'missing' (Get-TextArray $Outcome['Missing']) }
    if ($Outcome['Malformed'].Count -gt 0) { Add-Field $json 'malformed' (Get-TextArray $Outcome['Malformed']) }
    if ($Outcome['Inconsistencies'].Count -gt 0) { Add-Field $json 'inconsistencies' (Get-TextArray $Outcome['Inconsistencies']) }
    return $json
}

function Get-JsonLines($Outcomes) {
    $results = New-JsonArray
    foreach ($outcome in $Outcomes) { Add-Item $results (ConvertTo-JsonOutcome $outcome) }
    $json = New-JsonObject
    Add-Field $json 'schema' 'caveat/eval/v1'
    Add-Field $json 'results' $results
    $lines = New-Object System.Collections.ArrayList
    Write-Json $lines $json '' '' ''
    return $lines
}

function Get-HighestSeverity($Vulnerabilities, $Verdict) {
    # The highest severity of the vulnerabilities that give the bulletin its verdict; none where none is rated, and where
    # the host has nothing to fear.
    if (Test-Listed @('fixed', 'not-applicable') $Verdict) { return $null }
    foreach ($level in @('critical', 'important', 'moderate', 'low', 'none')) {
        foreach ($vulnerability in $Vulnerabilities) {
            if ($vulnerability['Verdict'] -eq $Verdict -and $vulnerability['Severity'] -eq $level) { return $level }
        }
    }
    return $null
}

function Set-Display($Report, $Shown) {
    # What administrators look for first; the other properties are there all the same. Five are shown as a list: of a
    # table, `exit` loses what PowerShell holds back to measure the columns.
    $set = New-Object System.Management.Automation.PSPropertySet -ArgumentList 'DefaultDisplayPropertySet', ([string[]]@('Host', $Shown, 'Verdict', 'Severity', 'Package'))
    $members = [System.Management.Automation.PSMemberInfo[]]@($set)
    Add-Member -InputObject $Report -MemberType MemberSet -Name 'PSStandardMembers' -Value $members
    $Report.PSObject.TypeNames.Insert(0, 'Caveat.Outcome')
}

function Get-Package($Bulletin, $Case) {
    # The package of a case; an empty one where there is none.
    if ($null -ne $Case) {
        foreach ($package in $Bulletin['Packages']) {
            if (Test-Same $package['Name'] $Case['Package']) { return $package }
        }
    }
    return @{}
}

function Get-VulnerabilityIds($Outcome) {
    # Those that give the bulletin its verdict.
    return @(foreach ($one in $Outcome['Vulnerabilities']) { if ($one['Verdict'] -eq $Outcome['Verdict']) { $one['Id'] } })
}

function Get-Exposures($Outcome) {
    # Who is exposed, each once.
    $texts = New-Object System.Collections.ArrayList
    foreach ($one in $Outcome['Vulnerabilities']) {
        foreach ($text in $one['Exposure']) { if (-not (Test-Listed $texts $text)) { [void]$texts.Add($text) } }
    }
    return @($texts.ToArray())
}

function Get-Reports($Outcome, $PerVulnerability) {
    # An object for a bulletin, or one for each of its vulnerabilities.
    if ($PerVulnerability) {
        foreach ($one in $Outcome['Vulnerabilities']) {
            New-Report $Outcome $one['Case'] @(
                @{ Name = 'Vulnerability'; Value = $one['Id'] },
                @{ Name = 'Verdict'; Value = $one['Verdict'] },
                @{ Name = 'Severity'; Value = (Get-HighestSeverity @($one) $one['Verdict']) },
                @{ Name = 'Exposure'; Value = ($one['Exposure'] -join '; ') }
            )
        }
    }
    else {
        New-Report $Outcome $Outcome['Case'] @(
            @{ Name = 'Verdict'; Value = $Outcome['Verdict'] },
            @{ Name = 'Severity'; Value = (Get-HighestSeverity $Outcome['Vulnerabilities'] $Outcome['Verdict']) },
            @{ Name = 'Vulnerabilities'; Value = ((Get-VulnerabilityIds $Outcome) -join ', ') },
            @{ Name = 'Exposure'; Value = ((Get-Exposures $Outcome) -join '; ') }
        )
    }
}

function New-Report($Outcome, $Case, $Own) {
    # An object with its properties in this order; `New-Object -Property` would shuffle them. Lists are texts, as
    # Export-Csv and ConvertTo-Html make `System.Object[]` of arrays.
    $bulletin = $Outcome['Of']
    $package = Get-Package $bulletin $Case
    $kb = $package['Kb']
    if ($null -eq $kb) { $kb = $bulletin['Kb'] }
    $report = New-Object PSObject
    $fields = @(@{ Name = 'Host'; Value = $Outcome['Host'] }, @{ Name = 'Bulletin'; Value = $Outcome['Bulletin'] }, @{ Name = 'Title'; Value = $bulletin['Title'] })
    $fields = $fields + $Own + @(
        @{ Name = 'Package'; Value = $package['Name'] },
        @{ Name = 'Kb'; Value = $kb },
        @{ Name = 'Url'; Value = $bulletin['Url'] },
        @{ Name = 'Install'; Value = $package['Install'] },
        @{ Name = 'Restart'; Value = $package['Restart'] },
        @{ Name = 'SupersededBy'; Value = $bulletin['SupersededBy'] }
    )
    foreach ($list in @('Evidence', 'Missing', 'Malformed', 'Inconsistencies')) {
        $fields = $fields + @{ Name = $list; Value = ($Outcome[$list] -join '; ') }
    }
    foreach ($field in $fields) { Add-Member -InputObject $report -MemberType NoteProperty -Name $field['Name'] -Value $field['Value'] }
    $shown = 'Bulletin'
    if ($Own[0]['Name'] -eq 'Vulnerability') { $shown = 'Vulnerability' }
    Set-Display $report $shown
    return $report
}

function Get-Summary($Outcomes) {
    # One line: how many bulletins have which verdict, and the first of them.
    $parts = New-Object System.Collections.ArrayList
    $left = $Outcomes['Items'].Count
    foreach ($verdict in @('vulnerable', 'error', 'unknown', 'mitigated')) {
        $those = @(foreach ($outcome in $Outcomes['Items']) { if ($outcome['Verdict'] -ceq $verdict) { $outcome['Of'] } })
        if ($those.Length -gt 0) {
            [void]$parts.Add([string]$those.Length + ' ' + $verdict + ' (' + (Get-Ids $those) + ')')
            $left = $left - $those.Length
        }
    }
    if ($left -gt 0) { [void]$parts.Add([string]$left + ' fixed or not applicable') }
    return 'caveat: ' + ($parts -join ', ')
}
