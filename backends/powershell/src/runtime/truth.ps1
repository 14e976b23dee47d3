# Formulas over the facts of a host, by OVAL's tables of six truth values. A conjunction stops at a false part and a
# disjunction at a true one, as nothing after it can change the result.

function New-Session($Facts, $Tables) {
    return @{ Facts = $Facts; Tables = $Tables; Tests = @{}; Formulas = @{}; Selectors = @{}; Depth = 0 }
}

function Join-Truth($Left, $Right, $Order) {
    # The first of the order that occurs; not applicable is neutral.
    if ($Left -ceq $Right) { return $Left }
    foreach ($truth in $Order) {
        if ($Left -ceq $truth -or $Right -ceq $truth) { return $truth }
    }
    return 'not applicable'
}

function Join-All($Left, $Right) {
    return Join-Truth $Left $Right @('false', 'error', 'unknown', 'not evaluated', 'true')
}

function Join-Any($Left, $Right) {
    return Join-Truth $Left $Right @('true', 'error', 'unknown', 'not evaluated', 'false')
}

function Get-Opposite($Truth) {
    if ($Truth -ceq 'true') { return 'false' }
    if ($Truth -ceq 'false') { return 'true' }
    return $Truth
}

function ConvertTo-Truth($Holds) {
    if ($Holds) { return 'true' }
    return 'false'
}

function Get-Truth($Session, $Formula) {
    # A formula is the number of a test, or a word and what it is of.
    if ($Formula -is [int]) { return Get-TestTruth $Session $Formula }
    $word = $Formula[0]
    if ($word -ceq 'on') { return Get-SelectorTruth $Session $Formula[1] }
    if ($word -ceq 'not') { return Get-Opposite (Get-Truth $Session $Formula[1]) }
    $truth = 'not applicable'
    $final = 'true'
    if ($word -ceq 'all') { $final = 'false' }
    for ($at = 1; $at -lt $Formula.Length; $at++) {
        $part = Get-Truth $Session $Formula[$at]
        if ($word -ceq 'all') { $truth = Join-All $truth $part } else { $truth = Join-Any $truth $part }
        if ($truth -ceq $final) { return $truth }
    }
    return $truth
}

function Get-FormulaTruth($Session, $Number) {
    if ($Session['Formulas'].ContainsKey($Number)) { return $Session['Formulas'][$Number] }
    $truth = Get-Truth $Session $Session['Tables']['Formulas'][$Number]
    # Inside a platform, how deep it lies may have a part in it.
    if ($Session['Depth'] -eq 0) { $Session['Formulas'][$Number] = $truth }
    return $truth
}

function Get-SelectorTruth($Session, $Number) {
    # Whether the host is of a platform; an error when platforms nest too deep, or in a circle.
    if ($Session['Selectors'].ContainsKey($Number)) { return $Session['Selectors'][$Number] }
    $truth = 'error'
    if ($Session['Depth'] -lt 16) {
        $Session['Depth'] = $Session['Depth'] + 1
        $truth = Get-FormulaTruth $Session $Session['Tables']['Selectors'][$Number]
        $Session['Depth'] = $Session['Depth'] - 1
    }
    $Session['Selectors'][$Number] = $truth
    return $truth
}

function Get-TestTruth($Session, $Number) {
    if ($Session['Tests'].ContainsKey($Number)) { return $Session['Tests'][$Number] }
    $test = $Session['Tables']['Tests'][$Number]
    $fact = Get-TestedFact $Session['Facts'] $test
    $truth = 'unknown'
    if (Test-State $fact 'present') {
        try { $truth = Get-Judgement $test $fact['Value'] }
        catch { $truth = 'error' }
    }
    elseif (Test-State $fact 'absent') { $truth = 'false' }
    elseif (Test-State $fact 'error') { $truth = 'error' }
    $Session['Tests'][$Number] = $truth
    return $truth
}

function Get-TestedFact($Facts, $Test) {
    # The fact that a test asks for. The trouble of one test is its own.
    try { return Get-AnsweredFact $Facts $Test }
    catch { return New-Fact 'error' $_.Exception.Message }
}

function Get-AnsweredFact($Facts, $Test) {
    # Where the architecture is not known, it is what both cases answer.
    $fact = Get-CaseFact $Facts $Test
    if (-not $Facts.ContainsKey('Other')) { return $fact }
    $other = Get-CaseFact $Facts['Other'] $Test
    if (Test-SameAnswer $fact $other) { return $fact }
    if (Test-State $Facts['Os']['Architecture'] 'error') { return $Facts['Os']['Architecture'] }
    return New-Fact 'unknown' $null
}

function Test-SameAnswer($Left, $Right) {
    # Of what has no value of its own, it counts only whether it is there.
    if (-not (Test-State $Left $Right['State'])) { return $false }
    if (-not (Test-State $Left 'present')) { return $true }
    if ($Left['Value'] -is [string]) { return Test-Same $Left['Value'] $Right['Value'] }
    $isData = $Left['Value'] -is [System.Collections.Hashtable] -and $Left['Value'].ContainsKey('Texts') # when registry-value
    if ($isData) { return Test-SameRegistryFact $Left $Right } # when registry-value
    return $true
}

function Get-CaseFact($Facts, $Test) {
    $kind = $Test['Kind']
    $system = @{
        'os-family' = 'Family'; 'os-version' = 'Version'; 'os-build' = 'Build'; 'os-revision' = 'Revision'; 'service-pack' = 'ServicePack'; 'product-type' = 'ProductType'; 'installation-type' = 'InstallationType'
        'suite' = 'Suites'; 'architecture' = 'Architecture'; 'language' = 'Language'
    }
    if ($system.ContainsKey($kind)) { return $Facts['Os'][$system[$kind]] }
    if ($kind -ceq 'file-exists') { return Get-FileFact $Facts $Test['Path'] } # when file
    if ($kind -ceq 'file-version') { return Get-FilePart $Facts $Test['Path'] 'version' } # when file
    if ($kind -ceq 'file-size') { return Get-FilePart $Facts $Test['Path'] 'size' } # when file-size
    if ($kind -ceq 'file-digest') { return Get-FilePart $Facts $Test['Path'] $Test['Algorithm'] } # when file-digest
    if ($kind -ceq 'registry-key') { return Get-RegistryKeyFact $Facts $Test['Key'] $Test['View'] } # when registry-key
    if ($kind -ceq 'registry-value') { return Get-RegistryValueFact $Facts $Test['Key'] $Test['View'] $Test['Name'] } # when registry-value
    if ($kind -ceq 'service') { return Get-ServiceFact $Facts $Test } # when service
    if ($kind -ceq 'hotfix') { return Get-UpdateFact $Facts $Test['Kb'] } # when hotfix
    if ($kind -ceq 'variable') { return Get-RootFact $Facts (Get-FoldedVariable $Test['Name']) } # when file
    return New-Fact 'unknown' $null
}

function Get-FilePart($Facts, $Path, $Part) {
    $file = Get-FileFact $Facts $Path
    if (Test-State $file 'present') { return $file['Value'][$Part] }
    return $file
}

function Get-ServiceFact($Facts, $Test) {
    $service = Get-ListedService $Facts (ConvertTo-Lower $Test['Name'])
    if (-not (Test-State $service 'present') -or $Test['Check'] -ceq 'installed') { return $service }
    if ($Test['Check'] -ceq 'enabled' -or $Test['Check'] -ceq 'start') { return $service['Value']['Start'] }
    return $service['Value']['State']
}

function Get-Judgement($Test, $Value) {
    # What a test says of a fact that is there.
    $kind = $Test['Kind']
    if ($kind -ceq 'registry-value') { return Get-ValueJudgement $Test $Value } # when registry-value
    if ($kind -ceq 'service') { return ConvertTo-Truth (Test-Service $Test $Value) } # when service
    if ($kind -ceq 'os-family') { return ConvertTo-Truth (Test-Same $Test['Family'] $Value) } # when os-family
    if ($kind -ceq 'os-version') { return ConvertTo-Truth (Test-Same $Test['Version'] $Value) } # when os-version
    if (Test-Listed @('os-build', 'os-revision', 'service-pack') $kind) { return ConvertTo-Truth (Test-InRanges $Value $Test['Ranges']) } # when os-build, os-revision, service-pack
    if (Test-Listed @('product-type', 'installation-type', 'architecture') $kind) { return ConvertTo-Truth (Test-Listed $Test['OneOf'] $Value) } # when product-type, installation-type, architecture
    if ($kind -ceq 'suite') { return ConvertTo-Truth ($Value.ContainsKey($Test['Name'])) } # when suite
    if ($kind -ceq 'language') { # when language
        return ConvertTo-Truth ((Test-Same $Value $Test['Tag']) -or (Test-Prefix $Value ($Test['Tag'] + '-')))
    }
    if ($kind -ceq 'file-version') { return ConvertTo-Truth (Test-InIntervals $Value $Test['Intervals']) } # when file-version
    if ($kind -ceq 'file-size') { # when file-size
        return ConvertTo-Truth (Test-Comparison (Compare-Digits $Value $Test['Number']) $Test['Comparison'])
    }
    if ($kind -ceq 'file-digest') { return ConvertTo-Truth (Test-Same $Value $Test['Digest']) } # when file-digest
    return 'true'
}

function Test-Service($Test, $Value) {
    $check = $Test['Check']
    if ($check -ceq 'installed') { return $true }
    if ($check -ceq 'enabled') { return (-not (Test-Same $Value 'disabled')) } # when enabled
    if ($check -ceq 'start') { return (Test-Same $Value $Test['Start']) } # when start
    return (Test-Same $Value $check)
}

function Get-ValueJudgement($Test, $Value) {
    $check = $Test['Check']
    if ($check -ceq 'exists') { return 'true' } # when exists
    if ($check -ceq 'version') { # when version
        if (-not (Test-Listed @('text', 'expand') $Value['Kind'])) { return 'error' }
        if ($null -eq (Get-VersionKey $Value['Text'])) { return 'error' }
        return ConvertTo-Truth (Test-InIntervals $Value['Text'] $Test['Intervals'])
    }
    if (Test-Listed @('dword', 'qword') $check) { # when dword, qword
        if (-not ($Value['Kind'] -ceq $check)) { return 'false' }
        return ConvertTo-Truth (Test-Comparison (Compare-Digits $Value['Text'] $Test['Number']) $Test['Comparison'])
    }
    if ($check -ceq 'binary') { # when binary
        return ConvertTo-Truth ($Value['Kind'] -ceq 'binary' -and (Test-Same $Value['Text'] $Test['Bytes']))
    }
    if ($check -ceq 'bits') { # when bits
        return ConvertTo-Truth ($Value['Kind'] -ceq $Test['Type'] -and (Test-Bits $Value['Text'] $Test))
    }
    if ($check -ceq 'type') { return ConvertTo-Truth (Test-Listed $Test['OneOf'] $Value['Kind']) } # when type
    # Numbers and bytes count as their digits.
    if (-not ($Value['Kind'] -ceq 'multi')) { return Get-TextJudgement $Test $Value['Text'] } # when text, text-ignoring-case, matches
    $truth = 'false'
    foreach ($text in $Value['Texts']) { $truth = Join-Any $truth (Get-TextJudgement $Test $text) } # when text, text-ignoring-case, matches
    return $truth
}

function Test-Bits($Digits, $Test) {
    # Whether a number has all bits of another, half by half.
    $hex = [Convert]::ToUInt64($Digits, 10).ToString('x16')
    $high = [Convert]::ToInt64($hex.Substring(0, 8), 16)
    $low = [Convert]::ToInt64($hex.Substring(8), 16)
    return ($high -band [long]$Test['High']) -eq [long]$Test['High'] -and ($low -band [long]$Test['Low']) -eq [long]$Test['Low']
}

function Get-TextJudgement($Test, $Text) {
    $check = $Test['Check']
    if ($check -ceq 'text') { return ConvertTo-Truth (Test-Same $Text $Test['Text']) } # when text
    if ($check -ceq 'text-ignoring-case') { # when text-ignoring-case
        return ConvertTo-Truth (Test-Same (ConvertTo-Lower $Text) (ConvertTo-Lower $Test['Text']))
    }
    if (-not $Test.ContainsKey('Pattern')) { return 'error' } # when matches
    return ConvertTo-Truth ([regex]::IsMatch($Text, $Test['Pattern'])) # when matches
}
