# JSON without the cmdlets that PowerShell 2.0 lacks. An object is a list of fields in order, an array a list of
# items, each in a hashtable of its own, so that nothing unrolls; texts, numbers and truth values stand for themselves.

function New-JsonObject {
    return @{ Json = 'object'; Fields = (New-Object System.Collections.ArrayList) }
}

function New-JsonArray {
    return @{ Json = 'array'; Items = (New-Object System.Collections.ArrayList) }
}

function Add-Field($Object, $Name, $Value) {
    [void]$Object['Fields'].Add(@{ Name = $Name; Value = $Value })
}

function Add-Item($Array, $Value) {
    [void]$Array['Items'].Add($Value)
}

function Get-TextArray($List) {
    $array = New-JsonArray
    foreach ($text in $List) { Add-Item $array $text }
    return $array
}

function Test-JsonKind($Value, $Kind) {
    return (($Value -is [System.Collections.Hashtable]) -and ($Value['Json'] -ceq $Kind))
}

function Read-JsonDocument($Text) {
    # The values of a text, one after the other, so that a host a line will do as well.
    $reader = @{ Text = $Text; At = 0 }
    $values = New-JsonArray
    Skip-JsonSpace $reader
    while ($reader['At'] -lt $Text.Length) {
        Add-Item $values (Read-JsonValue $reader 1)
        Skip-JsonSpace $reader
    }
    return $values
}

function Skip-JsonSpace($Reader) {
    $text = $Reader['Text']
    $at = $Reader['At']
    if ($at -lt $text.Length -and [int]$text[$at] -gt 32) { return }
    $blanks = ' ' + [char]9 + [char]10 + [char]13
    while ($at -lt $text.Length -and $blanks.IndexOf($text[$at]) -ge 0) { $at = $at + 1 }
    $Reader['At'] = $at
}

function Stop-Json($Reader, $Message) {
    throw ('not JSON: ' + $Message + ' at character ' + [string]($Reader['At'] + 1))
}

function Get-JsonNext($Reader) {
    # The next character after white space, as a text; empty at the end.
    Skip-JsonSpace $Reader
    if ($Reader['At'] -ge $Reader['Text'].Length) { return '' }
    return $Reader['Text'].Substring($Reader['At'], 1)
}

function Read-JsonMark($Reader, $Mark) {
    if (-not (Test-Same (Get-JsonNext $Reader) $Mark)) { Stop-Json $Reader ('`' + $Mark + '` is missing') }
    $Reader['At'] = $Reader['At'] + 1
}

function Read-JsonValue($Reader, $Depth) {
    if ($Depth -gt 100) { Stop-Json $Reader 'it is nested too deep' }
    $first = Get-JsonNext $Reader
    if (Test-Same $first '{') { return Read-JsonObject $Reader $Depth }
    if (Test-Same $first '[') { return Read-JsonArray $Reader $Depth }
    if (Test-Same $first '"') { return Read-JsonString $Reader }
    return Read-JsonWord $Reader
}

function Read-JsonObject($Reader, $Depth) {
    $object = New-JsonObject
    Read-JsonMark $Reader '{'
    if (Test-Same (Get-JsonNext $Reader) '}') {
        Read-JsonMark $Reader '}'
        return $object
    }
    while ($true) {
        [void](Get-JsonNext $Reader)
        $name = Read-JsonString $Reader
        Read-JsonMark $Reader ':'
        Add-Field $object $name (Read-JsonValue $Reader ($Depth + 1))
        if (Test-Same (Get-JsonNext $Reader) '}') { break }
        Read-JsonMark $Reader ','
    }
    Read-JsonMark $Reader '}'
    return $object
}

function Read-JsonArray($Reader, $Depth) {
    $array = New-JsonArray
    Read-JsonMark $Reader '['
    if (Test-Same (Get-JsonNext $Reader) ']') {
        Read-JsonMark $Reader ']'
        return $array
    }
    while ($true) {
        Add-Item $array (Read-JsonValue $Reader ($Depth + 1))
        if (Test-Same (Get-JsonNext $Reader) ']') { break }
        Read-JsonMark $Reader ','
    }
    Read-JsonMark $Reader ']'
    return $array
}

function Read-JsonString($Reader) {
    Read-JsonMark $Reader '"'
    $text = $Reader['Text']
    $out = ''
    while ($true) {
        $quote = $text.IndexOf([char]'"', $Reader['At'])
        if ($quote -lt 0) { Stop-Json $Reader 'a text does not end' }
        $slash = $text.IndexOf([char]'\', $Reader['At'], $quote - $Reader['At'])
        if ($slash -lt 0) { break }
        $out = $out + $text.Substring($Reader['At'], $slash - $Reader['At'])
        $Reader['At'] = $slash + 1
        $out = $out + (Read-JsonEscape $Reader)
    }
    $out = $out + $text.Substring($Reader['At'], $quote - $Reader['At'])
    $Reader['At'] = $quote + 1
    return $out
}

function Read-JsonEscape($Reader) {
    $text = $Reader['Text']
    $at = $Reader['At']
    if ($at -ge $text.Length) { Stop-Json $Reader 'a text does not end' }
    $code = $text.Substring($at, 1)
    $found = ('"\/bfnrt').IndexOf($text[$at])
    if ($found -ge 0) {
        $Reader['At'] = $at + 1
        $units = @(34, 92, 47, 8, 12, 10, 13, 9)
        return [string][char]$units[$found]
    }
    if (-not (Test-Same $code 'u') -or ($at + 5) -gt $text.Length) { Stop-Json $Reader 'an escape is unknown' }
    $digits = $text.Substring($at + 1, 4)
    if (-not [regex]::IsMatch($digits, '\A[0-9A-Fa-f]{4}\z')) { Stop-Json $Reader 'an escape is unknown' }
    $Reader['At'] = $at + 5
    return [string][char][Convert]::ToInt32($digits, 16)
}

function Read-JsonWord($Reader) {
    $text = $Reader['Text']
    $at = $Reader['At']
    $end = $at
    $known = '+-.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
    while ($end -lt $text.Length -and $known.IndexOf($text[$end]) -ge 0) { $end = $end + 1 }
    $word = $text.Substring($at, $end - $at)
    $Reader['At'] = $end
    if (Test-Same $word 'true') { return $true }
    if (Test-Same $word 'false') { return $false }
    if (Test-Same $word 'null') { return $null }
    if (-not [regex]::IsMatch($word, '\A-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\z')) {
        Stop-Json $Reader 'a value is missing'
    }
    $whole = [regex]::IsMatch($word, '\A-?[0-9]{1,18}\z') -and -not (Test-Same $word '-0')
    if ($whole) { return [long]$word }
    # A size may be as great as 64 bits without a sign can say.
    $great = [regex]::IsMatch($word, '\A[0-9]{19,20}\z') -and $null -ne (Get-Digits $word '18446744073709551615')
    if ($great) { return [uint64]$word }
    # Only that it is no whole number matters.
    return [double]0.5
}

function ConvertTo-JsonString($Text) {
    # ASCII only, so that no redirection can spoil it.
    if ([regex]::IsMatch($Text, '\A[ !#-\[\]-~]*\z')) { return '"' + $Text + '"' }
    $out = '"'
    foreach ($unit in $Text.ToCharArray()) {
        $code = [int]$unit
        if ($code -eq 34 -or $code -eq 92) { $out = $out + '\' + $unit }
        elseif ($code -ge 32 -and $code -le 126) { $out = $out + $unit }
        else { $out = $out + '\u' + $code.ToString('x4') }
    }
    return $out + '"'
}

function Write-Json($Lines, $Value, $Indent, $Head, $Tail) {
    # Adds the lines of a value: what precedes it on the first, and what follows it on the last.
    $begin = $Indent + $Head
    if (Test-JsonKind $Value 'object') { Write-JsonObject $Lines $Value $Indent $begin $Tail }
    elseif (Test-JsonKind $Value 'array') { Write-JsonArray $Lines $Value $Indent $begin $Tail }
    elseif ($Value -is [bool]) {
        $word = 'false'
        if ($Value) { $word = 'true' }
        [void]$Lines.Add($begin + $word + $Tail)
    }
    elseif ($Value -is [string]) { [void]$Lines.Add($begin + (ConvertTo-JsonString $Value) + $Tail) }
    else { [void]$Lines.Add($begin + [string]$Value + $Tail) }
}

function Write-JsonObject($Lines, $Value, $Indent, $Begin, $Tail) {
    $last = $Value['Fields'].Count - 1
    if ($last -lt 0) {
        [void]$Lines.Add($Begin + '{}' + $Tail)
        return
    }
    [void]$Lines.Add($Begin + '{')
    for ($index = 0; $index -le $last; $index++) {
        $field = $Value['Fields'][$index]
        $comma = ','
        if ($index -eq $last) { $comma = '' }
        Write-Json $Lines $field['Value'] ($Indent + '  ') ((ConvertTo-JsonString $field['Name']) + ': ') $comma
    }
    [void]$Lines.Add($Indent + '}' + $Tail)
}

function Write-JsonArray($Lines, $Value, $Indent, $Begin, $Tail) {
    $last = $Value['Items'].Count - 1
    if ($last -lt 0) {
        [void]$Lines.Add($Begin + '[]' + $Tail)
        return
    }
    [void]$Lines.Add($Begin + '[')
    for ($index = 0; $index -le $last; $index++) {
        $comma = ','
        if ($index -eq $last) { $comma = '' }
        Write-Json $Lines $Value['Items'][$index] ($Indent + '  ') '' $comma
    }
    [void]$Lines.Add($Indent + ']' + $Tail)
}
