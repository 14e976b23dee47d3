# Verdicts: what the cases of a bulletin come to on a host, what left them open, and facts that contradict each other.

function Get-CaseTruth($Session, $Case, $Parts) {
    # Whether all of these parts of a case hold.
    $truth = 'not applicable'
    foreach ($part in $Parts) {
        $truth = Join-All $truth (Get-FormulaTruth $Session $Case[$part])
        if ($truth -ceq 'false') { return $truth }
    }
    return $truth
}

function Get-Decision($Session, $Cases) {
    # The first verdict that holds, or that cannot be ruled out.
    $stages = @(
        @{ Parts = @('Platform', 'Requires', 'Outdated', 'Exposed'); Verdict = 'vulnerable' },
        @{ Parts = @('Platform', 'Requires', 'Outdated'); Verdict = 'mitigated' },
        @{ Parts = @('Platform', 'Requires', 'Present'); Verdict = 'fixed' }
    )
    foreach ($stage in $stages) {
        $whole = 'not applicable'
        foreach ($case in $Cases) { $whole = Join-Any $whole (Get-CaseTruth $Session $case $stage['Parts']) }
        if (-not ($whole -ceq 'false' -or $whole -ceq 'not applicable')) {
            $verdict = $stage['Verdict']
            if ($whole -ceq 'error') { $verdict = 'error' }
            elseif (-not ($whole -ceq 'true')) { $verdict = 'unknown' }
            $decides = $null
            foreach ($case in $Cases) {
                if ($null -eq $decides -and (Get-CaseTruth $Session $case $stage['Parts']) -ceq $whole) { $decides = $case }
            }
            return @{ Verdict = $verdict; Parts = $stage['Parts']; Case = $decides }
        }
    }
    return @{ Verdict = 'not-applicable'; Parts = @(); Case = $null }
}

function Get-PossibleCases($Session, $Numbers) {
    # A case of another platform than the host's can decide nothing, nor leave anything open.
    foreach ($number in $Numbers) {
        $case = $Session['Tables']['Cases'][$number]
        if (-not ((Get-FormulaTruth $Session $case['Platform']) -ceq 'false')) { $case }
    }
}

function Get-Severity($Session, $Ratings) {
    # The first rating that fits the host; nothing when none does.
    foreach ($rating in $Ratings) {
        if ($rating['On'].Length -eq 0) { return $rating['Rating'] }
        foreach ($selector in $rating['On']) {
            if ((Get-SelectorTruth $Session $selector) -ceq 'true') { return $rating['Rating'] }
        }
    }
    return $null
}

function Test-Open($Truth) {
    return ($Truth -ceq 'error' -or $Truth -ceq 'unknown' -or $Truth -ceq 'not evaluated')
}

function Add-Once($List, $Text) {
    if (-not (Test-Listed $List $Text)) { [void]$List.Add($Text) }
}

function Add-OpenFacts($Session, $Cases, $Parts, $Outcome) {
    # What leaves the cases open.
    foreach ($case in $Cases) {
        if (Test-Open (Get-CaseTruth $Session $case $Parts)) {
            foreach ($part in $Parts) {
                Add-OpenTests $Session $Session['Tables']['Formulas'][$case[$part]] $Outcome
            }
        }
    }
}

function Add-OpenTests($Session, $Formula, $Outcome) {
    # The tests that leave a formula open, if it is.
    if (-not (Test-Open (Get-Truth $Session $Formula))) { return }
    if ($Formula -is [int]) {
        $test = $Session['Tables']['Tests'][$Formula]
        $subject = Get-OpenFact $Session['Facts'] $test
        if ((Get-TestTruth $Session $Formula) -ceq 'error') {
            $why = ''
            if ($test.ContainsKey('Check')) { $why = Get-UnreadWords $Session['Facts'] $test } # when version, matches
            Add-Once $Outcome['Malformed'] ($subject + $why)
        }
        else { Add-Once $Outcome['Missing'] $subject }
    }
    elseif ($Formula[0] -ceq 'on') {
        if ($Session['Depth'] -lt 16) {
            $Session['Depth'] = $Session['Depth'] + 1
            $number = $Session['Tables']['Selectors'][$Formula[1]]
            Add-OpenTests $Session $Session['Tables']['Formulas'][$number] $Outcome
            $Session['Depth'] = $Session['Depth'] - 1
        }
    }
    else {
        for ($at = 1; $at -lt $Formula.Length; $at++) { Add-OpenTests $Session $Formula[$at] $Outcome }
    }
}

function Get-OpenFact($Facts, $Test) {
    # The fact that leaves a test open: of a file, it may be the variable that its path begins with.
    if ($Test.ContainsKey('Path')) { # when file
        $path = $Test['Path']
        if (Test-Prefix $path '%') {
            $end = $path.IndexOf([char]'%', 1)
            $fact = Get-TestedFact $Facts @{ Kind = 'variable'; Name = $path.Substring(1, $end - 1) }
            $open = (Test-State $fact 'unknown') -or (Test-State $fact 'error')
            if ($open -and -not (Test-State (Get-TestedFact $Facts @{ Kind = 'file-exists'; Path = $path }) 'present')) { return $path.Substring(0, $end + 1) }
        }
    }
    return Get-Subject $Test
}

function Get-UnreadWords($Facts, $Test) {
    # Why a test cannot read a fact that is no error in itself.
    $fact = Get-TestedFact $Facts $Test
    if (-not (Test-State $fact 'present')) { return '' }
    $value = $fact['Value']
    if (-not ($Test['Check'] -ceq 'version')) { return ': the regular expression makes no sense' }
    if (Test-Listed @('text', 'expand') $value['Kind']) { return ': "' + $value['Text'] + '" is no version' }
    $kinds = @{ 'multi' = 'REG_MULTI_SZ'; 'dword' = 'REG_DWORD'; 'qword' = 'REG_QWORD'; 'binary' = 'REG_BINARY' }
    $kind = $value['Kind'].ToUpperInvariant()
    if ($kinds.ContainsKey($value['Kind'])) { $kind = $kinds[$value['Kind']] }
    $words = $value['Text']
    if ($value['Kind'] -ceq 'reg_link') { $words = '"' + $words + '"' }
    elseif (Test-Listed (Get-RawKinds) $value['Kind']) {
        if ($words.Length -eq 0) { $words = 'no bytes' }
        else { $words = 'the bytes ' + $words }
    }
    elseif ($value['Kind'] -ceq 'multi') {
        $words = 'an empty list'
        if ($value['Texts'].Length -gt 0) { $words = '"' + ($value['Texts'] -join '", "') + '"' }
    }
    return ': the ' + $kind + ' ' + $words + ' is no version'
}

function Add-Evidence($Session, $Formula, $Evidence) {
    # The tests that hold in a formula, and the facts that decide them.
    if ($Formula -is [int]) {
        if ((Get-TestTruth $Session $Formula) -ceq 'true') {
            $test = $Session['Tables']['Tests'][$Formula]
            Add-Once $Evidence ((Get-Words $test) + (Get-FactWords (Get-TestedFact $Session['Facts'] $test)))
        }
    }
    elseif ($Formula[0] -ceq 'all' -or $Formula[0] -ceq 'any') {
        for ($at = 1; $at -lt $Formula.Length; $at++) { Add-Evidence $Session $Formula[$at] $Evidence }
    }
}

function Get-Subject($Test) {
    # The fact that a test asks for: what its path joins.
    if (-not $Test.ContainsKey('Subject')) { return 'file ' + $Test['Path'] }
    if ($Test['Subject'] -is [string]) { return $Test['Subject'] }
    return $Test['Subject'] -join $Test['Path']
}

function Get-Words($Test) {
    # What a test asks.
    if ($Test.ContainsKey('Is')) { return (Get-Subject $Test) + $Test['Is'] }
    if (-not $Test.ContainsKey('Words')) { return 'the version of ' + $Test['Path'] + ' is less than ' + $Test['Intervals'][0]['Below'] }
    if ($Test['Words'] -is [string]) { return $Test['Words'] }
    return $Test['Words'] -join $Test['Path']
}

function Get-FormulaWords($Session, $Formula) {
    # A formula of tests that all or any of have to hold.
    if ($Formula -is [int]) { return Get-Words $Session['Tables']['Tests'][$Formula] }
    if ($Formula.Length -eq 1) { return 'nothing' }
    $parts = New-Object System.Collections.ArrayList
    $word = ' or '
    if ($Formula[0] -ceq 'all') { $word = ' and ' }
    for ($at = 1; $at -lt $Formula.Length; $at++) {
        $part = $Formula[$at]
        $text = Get-FormulaWords $Session $part
        if ($word -ceq ' and ' -and -not ($part -is [int])) {
            if ($part[0] -ceq 'any' -and $part.Length -gt 2) { $text = '(' + $text + ')' }
        }
        [void]$parts.Add($text)
    }
    return $parts -join $word
}

function Get-FactWords($Fact) {
    $value = $Fact['Value']
    if ($value -is [string]) { return ' [is ' + $value + ']' }
    if ($value -is [System.Collections.Hashtable]) {
        if ($value['Texts'] -is [array]) {
            if ($value['Texts'].Length -gt 0) { return ' [is ' + ($value['Texts'] -join ', ') + ']' }
            return ' [is ' + $value['Text'] + ']'
        }
    }
    return ''
}

function Get-Outcome($Session, $Bulletin) {
    # What a bulletin says of a host.
    $order = @('vulnerable', 'error', 'unknown', 'mitigated', 'fixed', 'not-applicable')
    $outcome = @{ Host = $Session['Facts']['Name']; Bulletin = $Bulletin['Id']; Of = $Bulletin }
    $outcome['Verdict'] = 'not-applicable'
    $outcome['Case'] = $null
    $outcome['Vulnerabilities'] = New-Object System.Collections.ArrayList
    $outcome['Missing'] = New-Object System.Collections.ArrayList
    $outcome['Malformed'] = New-Object System.Collections.ArrayList
    $outcome['Evidence'] = New-Object System.Collections.ArrayList
    $outcome['Inconsistencies'] = New-Object System.Collections.ArrayList
    $best = 6
    $decisions = @{}
    foreach ($vulnerability in $Bulletin['Vulnerabilities']) {
        # Many vulnerabilities have the same cases.
        $mark = $vulnerability['Cases'] -join ' '
        if (-not $decisions.ContainsKey($mark)) {
            $cases = @(Get-PossibleCases $Session $vulnerability['Cases'])
            $decisions[$mark] = Get-Decision $Session $cases
            if (Test-Listed @('unknown', 'error') $decisions[$mark]['Verdict']) {
                Add-OpenFacts $Session $cases $decisions[$mark]['Parts'] $outcome
            }
        }
        $decision = $decisions[$mark]
        $verdict = $decision['Verdict']
        $severity = Get-Severity $Session $vulnerability['Ratings']
        $exposure = @()
        $shown = $null -ne $decision['Case'] -and -not (Test-Listed @('fixed', 'not-applicable') $verdict)
        if ($shown -and $decision['Case'].ContainsKey('Exposure')) { $exposure = $decision['Case']['Exposure'] }
        [void]$outcome['Vulnerabilities'].Add(@{ Id = $vulnerability['Id']; Verdict = $verdict; Severity = $severity; Exposure = $exposure; Case = $decision['Case'] })
        for ($rank = 0; $rank -lt $best; $rank++) {
            if ($order[$rank] -ceq $verdict) {
                $best = $rank
                $outcome['Verdict'] = $verdict
                $outcome['Case'] = $decision['Case']
            }
        }
    }
    if ($null -ne $outcome['Case']) {
        foreach ($part in @('Requires', 'Outdated', 'Exposed')) {
            Add-Evidence $Session $Session['Tables']['Formulas'][$outcome['Case'][$part]] $outcome['Evidence']
        }
    }
    foreach ($package in $Bulletin['Packages']) {
        if ((Get-FormulaTruth $Session $package['Reach']) -ceq 'true') {
            Add-Inconsistencies $Session $package $outcome['Inconsistencies']
        }
    }
    return $outcome
}

function Get-FoundFiles($Session, $Package) {
    # The files that are there in a version, with the floors that hold for them.
    $found = New-Object System.Collections.ArrayList
    foreach ($number in $Package['Files']) {
        $file = $Session['Tables']['Files'][$number]
        $version = Get-TestedFact $Session['Facts'] @{ Kind = 'file-version'; Path = $file['Path'] }
        if (Test-State $version 'present') {
            $entry = @{ Path = $file['Path']; Version = $version['Value']; Floors = 0; Above = 0; Missed = $null }
            foreach ($floor in $file['Floors']) {
                $holds = $true
                if ($floor.ContainsKey('Guard')) { $holds = -not ((Get-FormulaTruth $Session $floor['Guard']) -ceq 'false') }
                if ($floor.ContainsKey('Within')) {
                    $holds = $holds -and (Test-InIntervals $version['Value'] $floor['Within'])
                }
                if ($holds) { Add-Floor $entry $floor['Version'] }
            }
            [void]$found.Add($entry)
        }
    }
    return @{ Items = $found }
}

function Add-Floor($Entry, $Floor) {
    $Entry['Floors'] = $Entry['Floors'] + 1
    $key = Get-VersionKey $Floor
    if ([string]::CompareOrdinal((Get-VersionKey $Entry['Version']), $key) -ge 0) { return }
    $Entry['Above'] = $Entry['Above'] + 1
    $higher = $null -eq $Entry['Missed']
    if (-not $higher) { $higher = [string]::CompareOrdinal((Get-VersionKey $Entry['Missed']), $key) -lt 0 }
    if ($higher) { $Entry['Missed'] = $Floor }
}

function Add-Inconsistencies($Session, $Package, $Found) {
    $files = (Get-FoundFiles $Session $Package)['Items']
    Add-StaleMarker $Session $Package $files $Found
    $fixed = $null
    $outdated = $null
    foreach ($file in $files) {
        if ($null -eq $fixed -and $file['Floors'] -gt 0 -and $file['Above'] -eq 0) { $fixed = $file }
        if ($null -eq $outdated -and $file['Floors'] -gt 0 -and $file['Above'] -eq $file['Floors']) { $outdated = $file }
    }
    if ($null -ne $fixed -and $null -ne $outdated) {
        [void]$Found.Add('package "' + $Package['Name'] + '" is partly installed: ' + $fixed['Path'] + ' is ' + $fixed['Version'] +
            ', but ' + $outdated['Path'] + ' is ' + $outdated['Version'] + ', below ' + $outdated['Missed'])
    }
    Add-NothingThere $Session $Package $Found
}

function Add-StaleMarker($Session, $Package, $Files, $Found) {
    # The marker says that the update is installed, the files that it is not.
    $marker = $null
    foreach ($candidate in $Package['Markers']) {
        if ($null -eq $marker -and (Get-FormulaTruth $Session $candidate['Formula']) -ceq 'true') { $marker = $candidate }
    }
    if ($null -eq $marker) { return }
    if (-not ((Get-FormulaTruth $Session $Package['Outdated']) -ceq 'true')) { return }
    $but = $Package['OutdatedWords']
    if ($null -eq $but) { $but = Get-FormulaWords $Session $Session['Tables']['Formulas'][$Package['Outdated']] }
    if ($Package['OwnCondition'] -eq 0) {
        $missed = $null
        foreach ($file in $Files) {
            if ($null -eq $missed -and $null -ne $file['Missed']) { $missed = $file }
        }
        if ($null -ne $missed) { $but = $missed['Path'] + ' is ' + $missed['Version'] + ', below ' + $missed['Missed'] }
    }
    [void]$Found.Add('marker ' + $marker['Subject'] + ' says that the update is installed, but ' + $but)
}

function Add-NothingThere($Session, $Package, $Found) {
    # The package is for the host, but no file that it replaces is there, though every host of the platform has one of them.
    $always = $false
    foreach ($selector in $Package['Always']) {
        if ((Get-SelectorTruth $Session $selector) -ceq 'true') { $always = $true }
    }
    if (-not $always) { return }
    foreach ($number in $Package['Files']) {
        $file = $Session['Tables']['Files'][$number]
        if ($file['Floors'].Length -gt 0) {
            if (-not (Test-State (Get-TestedFact $Session['Facts'] @{ Kind = 'file-exists'; Path = $file['Path'] }) 'absent')) { return }
        }
    }
    $required = Get-FormulaTruth $Session $Package['Requires']
    if ($required -ceq 'true' -or $required -ceq 'not applicable') {
        [void]$Found.Add('package "' + $Package['Name'] + '" applies, but none of its files is there')
    }
}
