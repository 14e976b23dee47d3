# What a host answers: a fact is present with a value, absent, unknown, or an error whose value is the message.
# Scalars of a host file become facts here; each reader returns one.

function New-Fact($State, $Value) {
    return @{ State = $State; Value = $Value }
}

function New-Set {
    # `@{}` would fold case; this does not.
    return New-Object System.Collections.Hashtable
}

function Get-Sorted($Set) {
    # The names in a set, in the order of their units.
    $names = New-Object System.Collections.ArrayList
    foreach ($name in @($Set.get_Keys())) { [void]$names.Add($name) }
    $names.Sort([StringComparer]::Ordinal)
    return $names.ToArray()
}

function Test-State($Fact, $State) {
    return ($Fact['State'] -ceq $State)
}

function Get-Reported($Facts, $Path, $Fact) {
    # The fact, after what is wrong with it was noted down.
    if (Test-State $Fact 'error') { [void]$Facts['Problems'].Add($Path + ': ' + $Fact['Value']) }
    return $Fact
}

function New-Contradiction($Facts, $Path, $Message) {
    return Get-Reported $Facts $Path (New-Fact 'error' $Message)
}

function Test-SameValue($Left, $Right) {
    # Texts, or sets of names.
    if (-not ($Left -is [System.Collections.Hashtable])) { return Test-Same $Left $Right }
    if ($Left.get_Count() -ne $Right.get_Count()) { return $false }
    foreach ($name in @($Left.get_Keys())) {
        if (-not $Right.ContainsKey($name)) { return $false }
    }
    return $true
}

function Read-Text($Scalar) {
    if ($Scalar -is [string]) { return New-Fact 'present' $Scalar }
    if ($Scalar -is [long] -or $Scalar -is [uint64]) { return New-Fact 'present' ([string]$Scalar) }
    return New-Fact 'error' 'a number with a fraction or a truth value stands in place of a text: write it in quotes'
}

function Read-Number($Scalar, $Most) {
    $text = Read-Text $Scalar
    if (Test-State $text 'error') { return $text }
    $digits = Get-Digits $text['Value'] $Most
    if ($null -eq $digits) { return New-Fact 'error' ('`' + $text['Value'] + '` is not a number that can stand here') }
    return New-Fact 'present' $digits
}

function Read-OsVersion($Scalar) {
    $text = Read-Text $Scalar
    if (Test-State $text 'error') { return $text }
    if ([regex]::IsMatch($text['Value'], '\A[0-9]+\.[0-9]+\z')) {
        $parts = $text['Value'].Split([char]'.')
        $major = Get-Digits $parts[0] '65535'
        $minor = Get-Digits $parts[1] '65535'
        if ($null -ne $major -and $null -ne $minor) { return New-Fact 'present' ($major + '.' + $minor) }
    }
    return New-Fact 'error' ('`' + $text['Value'] + '` is not the version of an operating system')
}

function Read-FileVersion($Scalar) {
    $text = Read-Text $Scalar
    if (Test-State $text 'error') { return $text }
    $wrong = New-Fact 'error' ('`' + $text['Value'] + '` is not a version')
    $version = ''
    $count = 0
    foreach ($part in $text['Value'].Split([char]'.')) {
        $digits = Get-Digits $part '65535'
        if ($null -eq $digits) { return $wrong }
        if ($count -gt 0) { $version = $version + '.' }
        $version = $version + $digits
        $count = $count + 1
    }
    if ($count -gt 4) { return $wrong }
    while ($count -lt 4) {
        $version = $version + '.0'
        $count = $count + 1
    }
    return New-Fact 'present' $version
}

function Read-ServicePack($Scalar) {
    $text = Read-Text $Scalar
    if (Test-State $text 'error') { return $text }
    $number = $text['Value']
    if ($number.EndsWith('a', [StringComparison]::Ordinal)) { $number = $number.Substring(0, $number.Length - 1) }
    $digits = Get-Digits $number '4294967295'
    if ($null -eq $digits) { return New-Fact 'error' ('`' + $text['Value'] + '` is not a service pack') }
    return New-Fact 'present' $digits
}

function Read-Word($Scalar, $Words) {
    $text = Read-Text $Scalar
    if (Test-State $text 'error') { return $text }
    if (Test-Listed $Words $text['Value']) { return $text }
    return New-Fact 'error' ('`' + $text['Value'] + '` is not one of ' + ($Words -join ', '))
}

function Get-Language($Tag, $Languages) {
    # The language of a tag, with the region of the first where it names none.
    $wanted = ConvertTo-Lower $Tag
    foreach ($language in $Languages) {
        $known = ConvertTo-Lower $language['Tag']
        if (Test-Same $known $wanted) { return $language['Tag'] }
        if (Test-Same ($known.Split([char]'-')[0]) $wanted) { return $language['Tag'] }
    }
    return $null
}

function Read-Language($Scalar, $Languages) {
    $text = Read-Text $Scalar
    if (Test-State $text 'error') { return $text }
    $tag = Get-Language $text['Value'] $Languages
    if ($null -ne $tag) { return New-Fact 'present' $tag }
    return New-Fact 'error' ('`' + $text['Value'] + '` is not a language that Windows is known in')
}

function Read-Digest($Scalar, $Length) {
    if ($Scalar -is [string]) {
        $isDigest = $Scalar.Length -eq $Length -and [regex]::IsMatch($Scalar, '\A[0-9A-Fa-f]*\z')
        if ($isDigest) { return New-Fact 'present' ($Scalar.ToLowerInvariant()) }
    }
    return New-Fact 'error' 'a digest is malformed'
}

function Test-WindowsPath($Text) {
    # Whether a text is a path that begins with a drive or an environment variable.
    $shape = '\A(?:%[0-9A-Za-z_()]+%|[A-Za-z]:)(?:\\[^\x00-\x1f\x7f-\x9f<>:"/|?*%\\]+)+\z'
    if (-not [regex]::IsMatch($Text, $shape)) { return $false }
    return (-not [regex]::IsMatch($Text, '\\\.\.?(?:\\|\z)'))
}
