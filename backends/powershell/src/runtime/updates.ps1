# Installed updates, by the names that Windows lists them under. Before Windows Vista the list is the keys below
# `Hotfix`, so that list and registry complete each other; from then on the list is kept elsewhere, and the key says
# nothing of it.

function Test-Old($Version) {
    # Whether a version is one before Windows Vista.
    return ((Compare-Digits ($Version.Split([char]'.')[0]) '6') -lt 0)
}

function Test-UpdateName($Name, $Kb) {
    # Whether an update of this name is of the article `KBn`.
    $digits = $Kb.Substring(2)
    return [regex]::IsMatch($Name, ('\A(?:[Kk][Bb]|[Qq])?' + $digits + '(?:[^0-9]|\z)'))
}

function Read-Updates($Facts, $Entries) {
    $updates = $Facts['Updates']
    foreach ($entry in $Entries) {
        if ($null -eq $entry -or $entry -is [System.Collections.Hashtable]) { throw 'not a host: an update is neither a text nor a number' }
        $name = Get-Reported $Facts 'hotfixes' (Read-Text $entry)
        if (Test-State $name 'present') { $updates['Listed'][(ConvertTo-Lower $name['Value'])] = $true }
        else { $updates['Unlisted'] = $name }
    }
    # Keys that could not be read may be there, or not.
    $root = Get-UpdatesKey # when updates
    foreach ($name in @((Get-KeysBelow $Facts['Registry'] $root).get_Keys())) { # when updates
        $there = Get-ListedKey $Facts['Registry'] ($root + '\' + $name)
        if (Test-State $there 'unknown') { $updates['Open'][$name] = $true } else { $updates['Keys'][$name] = $true }
    }
    # Updates that are not listed here may be keys that are not listed there.
    $updates['UnlistedKey'] = $updates['Unlisted']
    $isOpen = $Entries.Count -eq 0 -and -not $Facts['Registry']['Complete']
    if ($isOpen -and (Test-State $updates['Unlisted'] 'absent')) { $updates['UnlistedKey'] = New-Fact 'unknown' $null }
}

function Get-Reading($Facts, $InRegistry, $Elsewhere, $AreSame) {
    # What is so as updates are listed in the registry, or are not; what both say where nobody knows.
    $version = $Facts['Os']['Version']
    if (Test-State $version 'absent') { return $Elsewhere }
    if (Test-State $version 'present') {
        if (Test-Old $version['Value']) { return $InRegistry }
        return $Elsewhere
    }
    if ($AreSame) { return $Elsewhere }
    foreach ($fact in @($version, $InRegistry, $Elsewhere)) {
        if (Test-State $fact 'error') { return $fact }
    }
    return New-Fact 'unknown' $null
}

function Get-NamedUpdate($Lists, $Kb, $Unlisted) {
    foreach ($list in $Lists) {
        foreach ($name in @($list.get_Keys())) {
            if (Test-UpdateName $name $Kb) { return New-Fact 'present' $null }
        }
    }
    return $Unlisted
}

function Get-UpdateFact($Facts, $Kb) {
    # Whether an update of this article is listed.
    $updates = $Facts['Updates']
    $unlistedKey = $updates['UnlistedKey']
    if ($null -ne (Get-NamedUpdate @($updates['Open']) $Kb $null)) { $unlistedKey = New-Fact 'unknown' $null }
    $inRegistry = Get-NamedUpdate @($updates['Listed'], $updates['Keys']) $Kb $unlistedKey
    $elsewhere = Get-NamedUpdate @($updates['Listed']) $Kb $updates['Unlisted']
    $fact = Get-Reading $Facts $inRegistry $elsewhere (Test-SameFact $inRegistry $elsewhere)
    $version = $Facts['Os']['Version']
    if ((Test-State $fact 'unknown') -and (Test-State $version 'error')) { return $version }
    return $fact
}

function Get-UpdateKey($Facts, $Folded) {
    # Whether a key below `Hotfix` is there, if that is where the list is.
    $updates = $Facts['Updates']
    if ($updates['Listed'].ContainsKey($Folded) -or $updates['Keys'].ContainsKey($Folded)) { return New-Fact 'present' $null }
    if ($updates['Open'].ContainsKey($Folded)) { return New-Fact 'unknown' $null }
    return $updates['UnlistedKey']
}
