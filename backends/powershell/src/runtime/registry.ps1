# The registry of a host, by the place where a Windows of its architecture keeps a key: a 64-bit one has the 32-bit
# view of `HKLM\SOFTWARE` below `Wow6432Node`. Until `Set-Views`, that view is a place of its own.

function New-Registry($Complete) {
    return @{ Keys = (New-Set); Complete = $Complete; Redirects = 'unknown' }
}

function Get-FoldedKey($Text) {
    # The key with its hive's short name in lower case; nothing when it is malformed.
    $cut = $Text.IndexOf([char]'\')
    if ($cut -lt 0) { return $null }
    $root = ConvertTo-Lower ($Text.Substring(0, $cut))
    $key = $Text.Substring($cut + 1)
    $hives = @('hklm', 'hkey_local_machine', 'hkcr', 'hkey_classes_root', 'hkcu', 'hkey_current_user', 'hku',
        'hkey_users', 'hkcc', 'hkey_current_config')
    $found = -1
    for ($index = 0; $index -lt $hives.Length; $index++) {
        if (Test-Same $hives[$index] $root) { $found = $index }
    }
    if ($found -lt 0) { return $null }
    if (-not [regex]::IsMatch($key, '\A[^\\\x00-\x1f\x7f-\x9f]+(?:\\[^\\\x00-\x1f\x7f-\x9f]+)*\z')) { return $null }
    return $hives[$found - $found % 2] + '\' + (ConvertTo-Lower $key)
}

function Get-Redirected($Folded) {
    $parts = $Folded.Split([char]'\')
    if (Test-Same $parts[0] 'hkcr') {
        $separate = @('clsid', 'directshow', 'interface', 'media type', 'mediafoundation')
        if (Test-Listed $separate $parts[1]) { return 'hkcr\wow6432node' + $Folded.Substring(4) }
        return $Folded
    }
    $software = $parts.Length -gt 2 -and (Test-Same $parts[0] 'hklm') -and (Test-Same $parts[1] 'software')
    if ($software -and -not (Test-Same $parts[2] 'wow6432node')) {
        return 'hklm\software\wow6432node' + $Folded.Substring(13)
    }
    return $Folded
}

function Get-Place($Registry, $Folded, $View) {
    if (-not (Test-Same $View '32')) { return $Folded }
    if (Test-Same $Registry['Redirects'] 'no') { return $Folded }
    $redirected = Get-Redirected $Folded
    if (Test-Same $Registry['Redirects'] 'yes') { return $redirected }
    if (Test-Same $redirected $Folded) { return $Folded }
    return '32|' + $Folded
}

function Get-KeyAt($Registry, $Place) {
    if (-not $Registry['Keys'].ContainsKey($Place)) {
        $Registry['Keys'][$Place] = @{ Existence = (New-Fact 'absent' $null); Values = (New-Set); Partial = $false }
    }
    return $Registry['Keys'][$Place]
}

function Add-Key($Registry, $Place) {
    Set-Existence (Get-KeyAt $Registry $Place) (New-Fact 'present' $null)
}

function Set-Existence($Key, $Existence) {
    # Takes in what another place says of whether the key is there.
    $isOpen = (Test-State $Key['Existence'] 'unknown') -and -not (Test-State $Existence 'absent')
    if ($isOpen -or (Test-State $Key['Existence'] 'absent')) { $Key['Existence'] = $Existence }
}

function New-RegistryValue($Kind, $Text, $Texts) {
    return @{ Kind = $Kind; Text = $Text; Texts = $Texts }
}

function New-TextValue($Text) {
    return New-RegistryValue 'text' $Text @()
}

function Test-SameRegistryFact($Left, $Right) {
    if (-not (Test-State $Left $Right['State'])) { return $false }
    if (Test-State $Left 'error') { return Test-Same $Left['Value'] $Right['Value'] }
    if (-not (Test-State $Left 'present')) { return $true }
    $one = $Left['Value']
    $other = $Right['Value']
    if (-not (Test-Same $one['Kind'] $other['Kind'])) { return $false }
    if (-not (Test-Same $one['Text'] $other['Text'])) { return $false }
    if ($one['Texts'].Length -ne $other['Texts'].Length) { return $false }
    for ($index = 0; $index -lt $one['Texts'].Length; $index++) {
        if (-not (Test-Same $one['Texts'][$index] $other['Texts'][$index])) { return $false }
    }
    return $true
}

function Add-Value($Facts, $Place, $Name, $Fact, $Path) {
    $values = (Get-KeyAt $Facts['Registry'] $Place)['Values']
    $folded = ConvertTo-Lower $Name
    if (-not $values.ContainsKey($folded)) {
        $values[$folded] = $Fact
        return
    }
    if (Test-SameRegistryFact $values[$folded] $Fact) { return }
    $values[$folded] = New-Contradiction $Facts $Path 'a registry value is listed twice, with different data'
}

function Read-RegistryTexts($Data) {
    $texts = @()
    foreach ($item in $Data['Items']) {
        $text = Read-Text $item
        if (Test-State $text 'error') { return $text }
        $texts = $texts + $text['Value']
    }
    return New-Fact 'present' (New-RegistryValue 'multi' '' $texts)
}

function Read-RegistryData($Data) {
    # A value of a host file, as a fact.
    $shape = Get-Shape $Data @('type', 'data') 'a registry value'
    if (-not ($shape['type'] -is [string])) { throw 'not a host: a registry value without a type' }
    $kind = ConvertTo-Lower $shape['type']
    $content = $shape['data']
    if ($null -eq $content) { throw 'not a host: a registry value without data' }
    $many = Test-JsonKind $content 'array'
    if (Test-JsonKind $content 'object') { throw 'not a host: the data of a registry value is malformed' }
    if ((Test-Same $kind 'reg_multi_sz') -and $many) { return Read-RegistryTexts $content }
    if ($many -or (Test-Same $kind 'reg_multi_sz')) { return New-Fact 'error' 'lists are for reg_multi_sz, and it holds one' }
    $kinds = @{ 'reg_sz' = 'text'; 'reg_expand_sz' = 'expand'; 'reg_dword' = 'dword'; 'reg_qword' = 'qword'; 'reg_binary' = 'binary' }
    foreach ($other in (@('reg_link', 'reg_dword_big_endian') + (Get-RawKinds))) { $kinds[$other] = $other }
    if (-not $kinds.ContainsKey($kind)) { return New-Fact 'error' ('`' + $kind + '` is not a type of registry values') }
    $kind = $kinds[$kind]
    if (Test-Listed (Get-RawKinds) $kind) {
        $isBinary = $content -is [string] -and [regex]::IsMatch([string]$content, '\A(?:[0-9A-Fa-f]{2})*\z')
        if (-not $isBinary) { return New-Fact 'error' 'bytes are malformed' }
        return New-Fact 'present' (New-RegistryValue $kind ($content.ToLowerInvariant()) @())
    }
    $text = Read-Text $content
    if (Test-State $text 'error') { return $text }
    $value = $text['Value']
    if (Test-Listed @('dword', 'qword', 'reg_dword_big_endian') $kind) {
        $value = Get-RegistryNumber $value $kind
        if ($null -eq $value) { return New-Fact 'error' ('`' + $text['Value'] + '` is not a number of its type') }
    }
    return New-Fact 'present' (New-RegistryValue $kind $value @())
}

function Get-RawKinds {
    # The kinds of values that are bytes.
    return @('binary', 'reg_none', 'reg_resource_list', 'reg_full_resource_descriptor', 'reg_resource_requirements_list')
}

function Get-RegistryNumber($Text, $Kind) {
    $most = '4294967295'
    $length = '8'
    if ($Kind -ceq 'qword') {
        $most = '18446744073709551615'
        $length = '16'
    }
    if ([regex]::IsMatch($Text, '\A0x0*[0-9A-Fa-f]{1,' + $length + '}\z')) {
        return [string][Convert]::ToUInt64($Text.Substring(2), 16)
    }
    return Get-Digits $Text $most
}

function Read-Registry($Facts, $Entries) {
    foreach ($entry in $Entries) {
        $shape = Get-Shape $entry @('key', 'view', 'values', 'partial') 'a registry key'
        if (-not ($shape['key'] -is [string])) { throw 'not a host: a registry entry without a key' }
        $values = Get-Fields $shape 'values'
        $isPartial = Get-Partial $shape
        $folded = Get-FoldedKey $shape['key']
        if ($null -eq $folded) {
            [void](New-Contradiction $Facts 'registry' ('`' + $shape['key'] + '` is not a registry key'))
            foreach ($field in $values['Items']) { [void](Read-RegistryData $field['Value']) }
        }
        else { Add-Entry $Facts $folded $shape['view'] $values $isPartial }
    }
}

function Get-Partial($Shape) {
    # Whether an entry is of something that could not be read.
    if (-not $Shape.ContainsKey('partial')) { return $false }
    if (-not ($Shape['partial'] -is [bool])) { throw 'not a host: `partial` of an entry is neither true nor false' }
    return $Shape['partial']
}

function Add-Entry($Facts, $Folded, $View, $Values, $IsPartial) {
    $bits = ''
    $known = $true
    if ($null -ne $View) {
        $text = Read-Text $View
        $bits = [string]$text['Value']
        $known = (Test-State $text 'present') -and (Test-Listed @('32', '64') $bits)
    }
    if (-not $known) {
        Add-Spoiled $Facts $Folded $Values $IsPartial
        return
    }
    $place = Get-Place $Facts['Registry'] $Folded $bits
    $key = Get-KeyAt $Facts['Registry'] $place
    $existence = New-Fact 'present' $null
    if ($IsPartial) {
        $key['Partial'] = $true
        $existence = New-Fact 'unknown' $null
    }
    Set-Existence $key $existence
    foreach ($field in $Values['Items']) {
        $fact = Get-Reported $Facts $field['Name'] (Read-RegistryData $field['Value'])
        Add-Value $Facts $place $field['Name'] $fact $field['Name']
    }
}

function Add-Spoiled($Facts, $Folded, $Values, $IsPartial) {
    # Nobody can say of which view the entry is, so that it is an error in both.
    $fact = New-Contradiction $Facts $Folded 'a view of the registry is 32 or 64'
    foreach ($view in @('32', '64')) {
        $key = @{ Existence = $fact; Values = (New-Set); Partial = $IsPartial }
        foreach ($field in $Values['Items']) { $key['Values'][(ConvertTo-Lower $field['Name'])] = $fact }
        $Facts['Registry']['Keys'][(Get-Place $Facts['Registry'] $Folded $view)] = $key
    }
}

function Set-Views($Facts, $Architecture) {
    # Moves the keys of the 32-bit view to where a host of this architecture has them.
    $registry = $Facts['Registry']
    $registry['Redirects'] = 'no'
    if (Test-Listed @('ia64', 'x64', 'arm64') $Architecture) { $registry['Redirects'] = 'yes' }
    foreach ($place in @($registry['Keys'].get_Keys())) {
        if (Test-Prefix $place '32|') {
            $key = $registry['Keys'][$place]
            $registry['Keys'].Remove($place)
            Move-Key $Facts $key (Get-Place $registry ($place.Substring(3)) '32')
        }
    }
}

function Move-Key($Facts, $Key, $Place) {
    $target = Get-KeyAt $Facts['Registry'] $Place
    Set-Existence $target $Key['Existence']
    if ($Key['Partial']) { $target['Partial'] = $true }
    foreach ($name in @($Key['Values'].get_Keys())) { Add-Value $Facts $Place $name $Key['Values'][$name] $Place }
}

function Get-KeyEvidence($Key) {
    # A key is there when it is listed or one of its values is, malformed ones included.
    $open = Test-State $Key['Existence'] 'unknown'
    if (-not $open -and -not (Test-State $Key['Existence'] 'absent')) { return $Key['Existence'] }
    foreach ($name in @($Key['Values'].get_Keys())) {
        $state = $Key['Values'][$name]['State']
        if ($state -ceq 'present' -or $state -ceq 'error') { return New-Fact 'present' $null }
        if ($state -ceq 'unknown') { $open = $true }
    }
    if ($open) { return New-Fact 'unknown' $null }
    return $Key['Existence']
}

function Get-ListedKey($Registry, $Place) {
    # Whether the key is there, as far as what is listed tells; absent when nothing is.
    $found = New-Fact 'absent' $null
    $below = $Place + '\'
    foreach ($other in @($Registry['Keys'].get_Keys())) {
        if ((Test-Same $other $Place) -or (Test-Prefix $other $below)) {
            $evidence = Get-KeyEvidence $Registry['Keys'][$other]
            if (Test-State $evidence 'present') { return $evidence }
            if (Test-State $evidence 'error') { $found = $evidence }
            elseif ((Test-State $evidence 'unknown') -and -not (Test-State $found 'error')) { $found = $evidence }
        }
    }
    return $found
}

function Get-ListedValue($Registry, $Place, $Name) {
    # The fact of a value, or nothing.
    if (-not $Registry['Keys'].ContainsKey($Place)) { return $null }
    $values = $Registry['Keys'][$Place]['Values']
    $folded = ConvertTo-Lower $Name
    if ($values.ContainsKey($folded)) { return $values[$folded] }
    return $null
}

function Test-AllListed($Registry, $Place) {
    # Whether a value of this key is not there if it is not listed.
    if (-not $Registry['Complete']) { return $false }
    if (-not $Registry['Keys'].ContainsKey($Place)) { return $true }
    return (-not $Registry['Keys'][$Place]['Partial'])
}

function Get-Unlisted($Registry, $Place) {
    # What can be said of a key that is not listed, or of a value that is not listed of it.
    if (Test-AllListed $Registry $Place) { return New-Fact 'absent' $null }
    return New-Fact 'unknown' $null
}

function Get-KeysBelow($Registry, $Place) {
    # The set of the keys directly below, of which any part is listed.
    $names = New-Set
    $below = $Place + '\'
    foreach ($other in @($Registry['Keys'].get_Keys())) {
        if (Test-Prefix $other $below) { $names[$other.Substring($below.Length).Split([char]'\')[0]] = $true }
    }
    return $names
}

function Set-Spoiled($Registry, $Place, $Name, $Fact) {
    $listed = Get-ListedValue $Registry $Place $Name
    if ($null -ne $listed) { $Registry['Keys'][$Place]['Values'][(ConvertTo-Lower $Name)] = $Fact }
}

function Set-Backed($Registry, $Place, $Name, $Fact) {
    # What another fact says of a value that is not listed.
    $values = (Get-KeyAt $Registry $Place)['Values']
    $folded = ConvertTo-Lower $Name
    if (-not $values.ContainsKey($folded)) { $values[$folded] = $Fact }
}
