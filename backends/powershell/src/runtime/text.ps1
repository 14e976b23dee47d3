# Texts and numbers. Facts compare by their UTF-16 units, never by the rules of a culture, and numbers as digits,
# so that none is too large.

function Expand-Text($Text) {
    # `^` and four hexadecimal digits stand for one UTF-16 unit.
    $at = $Text.IndexOf([char]'^')
    if ($at -lt 0) { return $Text }
    $out = ''
    $from = 0
    while ($at -ge 0) {
        $unit = [char][Convert]::ToInt32($Text.Substring($at + 1, 4), 16)
        $out = $out + $Text.Substring($from, $at - $from) + $unit
        $from = $at + 5
        $at = $Text.IndexOf([char]'^', $from)
    }
    return $out + $Text.Substring($from)
}

function Expand-Table($Table) {
    foreach ($key in @($Table.get_Keys())) {
        $value = $Table[$key]
        if ($value -is [string]) { $Table[$key] = Expand-Text $value }
        elseif ($value -is [System.Collections.Hashtable]) { Expand-Table $value }
        elseif ($value -is [array]) { Expand-List $value }
    }
}

function Expand-List($List) {
    for ($index = 0; $index -lt $List.Length; $index++) {
        $value = $List[$index]
        if ($value -is [string]) { $List[$index] = Expand-Text $value }
        elseif ($value -is [System.Collections.Hashtable]) { Expand-Table $value }
    }
}

function Test-Same($Left, $Right) {
    return ([string]::CompareOrdinal($Left, $Right) -eq 0)
}

function Test-Listed($List, $Text) {
    foreach ($entry in $List) {
        if ([string]::CompareOrdinal($entry, $Text) -eq 0) { return $true }
    }
    return $false
}

function Test-Prefix($Text, $Prefix) {
    return $Text.StartsWith($Prefix, [StringComparison]::Ordinal)
}

function ConvertTo-Lower($Text) {
    # Folds a name as Windows does: unit by unit and by one table, whatever the culture and the version of .NET.
    if ([regex]::IsMatch($Text, '\A[\x00-\x7f]*\z')) { return $Text.ToLowerInvariant() }
    $capitals = Get-Capitals
    $out = ''
    foreach ($unit in $Text.ToCharArray()) { $out = $out + (Get-SmallLetter $unit $capitals) }
    return $out
}

function Get-SmallLetter($Unit, $Capitals) {
    $code = [int]$Unit
    for ($at = 0; $at -lt $Capitals.Length; $at = $at + 4) {
        $from = $code - $Capitals[$at]
        if ($from -lt 0) { break }
        if ($code -le $Capitals[$at + 1] -and $from % $Capitals[$at + 2] -eq 0) { return [char]($Capitals[$at + 3] + $from) }
    }
    return $Unit
}

function Compare-Digits($Left, $Right) {
    if ($Left.Length -lt $Right.Length) { return -1 }
    if ($Left.Length -gt $Right.Length) { return 1 }
    return [string]::CompareOrdinal($Left, $Right)
}

function Get-Digits($Text, $Most) {
    # The number without leading zeros; nothing when the text is none, or one above the greatest.
    if (-not [regex]::IsMatch($Text, '\A[0-9]+\z')) { return $null }
    $digits = $Text.TrimStart([char]'0')
    if ($digits.Length -eq 0) { $digits = '0' }
    if ((Compare-Digits $digits $Most) -gt 0) { return $null }
    return $digits
}

function Test-Comparison($Order, $Comparison) {
    if ($Comparison -ceq '=') { return ($Order -eq 0) }
    if ($Comparison -ceq '!=') { return ($Order -ne 0) }
    if ($Comparison -ceq '<') { return ($Order -lt 0) }
    if ($Comparison -ceq '<=') { return ($Order -le 0) }
    if ($Comparison -ceq '>') { return ($Order -gt 0) }
    return ($Order -ge 0)
}

function Test-InRanges($Digits, $Ranges) {
    foreach ($range in $Ranges) {
        $above = (Compare-Digits $Digits $range['Low']) -ge 0
        if ($above -and (Compare-Digits $Digits $range['High']) -le 0) { return $true }
    }
    return $false
}

function Get-VersionKey($Text) {
    # A version of any number of parts, as a text that orders like it; nothing when the text is no version. Missing
    # parts are 0, so that zeros at the end have no place in it.
    if (-not [regex]::IsMatch($Text, '\A[0-9]+(\.[0-9]+)*\z')) { return $null }
    $key = ''
    $zeros = ''
    foreach ($part in $Text.Split([char]'.')) {
        $digits = Get-Digits $part '2147483647'
        if ($null -eq $digits) { return $null }
        $zeros = $zeros + $digits.PadLeft(10, [char]'0')
        if (-not (Test-Same $digits '0')) {
            $key = $key + $zeros
            $zeros = ''
        }
    }
    return $key
}

function Test-InIntervals($Text, $Intervals) {
    # Each end of an interval may be open, and lie in it or not.
    $ends = @{ AtLeast = '>='; Above = '>'; AtMost = '<='; Below = '<' }
    $key = Get-VersionKey $Text
    if ($null -eq $key) { return $false }
    foreach ($interval in $Intervals) {
        $inside = $true
        foreach ($end in @($interval.get_Keys())) {
            $order = [string]::CompareOrdinal($key, (Get-VersionKey $interval[$end]))
            $inside = $inside -and (Test-Comparison $order $ends[$end])
        }
        if ($inside) { return $true }
    }
    return $false
}
