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
    # The highest severity of the vulnerabilities that give the bulletin its verdict; none where none is rated.
    foreach ($level in @('critical', 'important', 'moderate', 'low', 'none')) {
        foreach ($vulnerability in $Vulnerabilities) {
            if ($vulnerability['Verdict'] -eq $Verdict -and $vulnerability['Severity'] -eq $level) { return $level }
        }
    }
    return $null
}

function Set-Display($Report) {
    # What administrators look for first; the other properties are there all the same. Five are shown as a list: of a
    # table, `exit` loses what PowerShell holds back to measure the columns.
    $shown = New-Object System.Management.Automation.PSPropertySet -ArgumentList 'DefaultDisplayPropertySet', ([string[]]@('Host', 'Bulletin', 'Verdict', 'Severity', 'Package'))
    $members = [System.Management.Automation.PSMemberInfo[]]@($shown)
    Add-Member -InputObject $Report -MemberType MemberSet -Name 'PSStandardMembers' -Value $members
    $Report.PSObject.TypeNames.Insert(0, 'Caveat.Outcome')
}

function New-Report($Outcome) {
    # An object with its properties in this order; `New-Object -Property` would shuffle them.
    $report = New-Object PSObject
    $package = $null
    if ($null -ne $Outcome['Case']) { $package = $Outcome['Case']['Package'] }
    $cves = New-Object System.Collections.ArrayList
    foreach ($vulnerability in $Outcome['Vulnerabilities']) {
        $cve = New-Object PSObject
        Add-Member -InputObject $cve -MemberType NoteProperty -Name 'Id' -Value $vulnerability['Id']
        Add-Member -InputObject $cve -MemberType NoteProperty -Name 'Verdict' -Value $vulnerability['Verdict']
        Add-Member -InputObject $cve -MemberType NoteProperty -Name 'Severity' -Value $vulnerability['Severity']
        Add-Member -InputObject $cve -MemberType NoteProperty -Name 'Exposure' -Value $vulnerability['Exposure']
        [void]$cves.Add($cve)
    }
    Add-Member -InputObject $report -MemberType NoteProperty -Name 'Host' -Value $Outcome['Host']
    Add-Member -InputObject $report -MemberType NoteProperty -Name 'Bulletin' -Value $Outcome['Bulletin']
    Add-Member -InputObject $report -MemberType NoteProperty -Name 'Title' -Value $Outcome['Title']
    Add-Member -InputObject $report -MemberType NoteProperty -Name 'Verdict' -Value $Outcome['Verdict']
    Add-Member -InputObject $report -MemberType NoteProperty -Name 'Severity' -Value (Get-HighestSeverity $Outcome['Vulnerabilities'] $Outcome['Verdict'])
    Add-Member -InputObject $report -MemberType NoteProperty -Name 'Package' -Value $package
    Add-Member -InputObject $report -MemberType NoteProperty -Name 'Vulnerabilities' -Value ($cves.ToArray())
    Add-Member -InputObject $report -MemberType NoteProperty -Name 'Evidence' -Value ($Outcome['Evidence'].ToArray())
    Add-Member -InputObject $report -MemberType NoteProperty -Name 'Missing' -Value ($Outcome['Missing'].ToArray())
    Add-Member -InputObject $report -MemberType NoteProperty -Name 'Malformed' -Value ($Outcome['Malformed'].ToArray())
    Add-Member -InputObject $report -MemberType NoteProperty -Name 'Inconsistencies' -Value ($Outcome['Inconsistencies'].ToArray())
    Set-Display $report
    return $report
}
