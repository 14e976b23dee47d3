# Facts of the operating system: given under `os`, else kept in the registry, else implied by the platform that the
# host file names.

function Get-Implied($Facts, $Entry, $Tables) {
    # The facts of the platform; an empty table when none is named, or one that is not known.
    $name = $Entry['platform']
    $edition = $Entry['edition']
    if ($null -eq $name) {
        if ($null -ne $edition) { [void]$Facts['Problems'].Add('os.edition: the edition has no platform') }
        return @{}
    }
    $whole = $null
    foreach ($platform in $Tables['Platforms']) {
        if (Test-Same $platform['Name'] $name) {
            $same = $false
            if ($platform.ContainsKey('Edition')) {
                if ($null -ne $edition) { $same = Test-Same $platform['Edition'] $edition }
            }
            else {
                $whole = $platform
                $same = $null -eq $edition
            }
            if ($same) { return Get-Inherited $platform $whole }
        }
    }
    [void]$Facts['Problems'].Add('os.platform: the rules have no such platform, or no such edition of it')
    if ($null -ne $whole) { return $whole }
    return @{}
}

function Get-Inherited($Platform, $Whole) {
    # An edition that says so has what its platform has, but for what it says itself.
    if (-not $Platform.ContainsKey('Inherits')) { return $Platform }
    $implied = @{}
    foreach ($from in @($Whole, $Platform)) {
        foreach ($name in @($from.get_Keys())) { $implied[$name] = $from[$name] }
    }
    return $implied
}

function Get-ListedFact($Facts, $Place, $Kind) {
    # A listed value of this kind, as a fact; nothing when it is not listed. Windows keeps none of its facts in strings
    # that are to be expanded.
    $listed = Get-ListedValue $Facts['Registry'] $Place['Key'] $Place['Name']
    if ($null -eq $listed) { return $null }
    if (-not (Test-State $listed 'present')) { return $listed }
    if ($listed['Value']['Kind'] -ceq $Kind) { return New-Fact 'present' $listed['Value'] }
    return New-NotUnderstood $Facts $Place
}

function New-NotUnderstood($Facts, $Place) {
    $message = 'the value is nothing that Windows writes here'
    return New-Contradiction $Facts ($Place['Key'] + '!' + $Place['Name']) $message
}

function Get-Agreed($Facts, $Name, $Given, $Listed, $Places) {
    # What is given, else what is listed; an error in both places when they contradict each other.
    if ($null -eq $Given) { return $Listed }
    if ($null -eq $Listed) { return $Given }
    if (Test-State $Listed 'error') { return $Listed }
    if (-not (Test-State $Given 'present') -or -not (Test-State $Listed 'present')) { return $Given }
    if (Test-SameValue $Given['Value'] $Listed['Value']) { return $Given }
    $fact = New-Contradiction $Facts ('os.' + $Name) 'the host file says one thing, its registry another'
    foreach ($place in $Places) { Set-Spoiled $Facts['Registry'] $place['Key'] $place['Name'] $fact }
    return $fact
}

function Test-AllStated($Facts, $Place) {
    # Whether a fact that is left out, under `os` and in the registry, is not there.
    return ($Facts['AllStated'] -and (Test-AllListed $Facts['Registry'] $Place['Key']))
}

function Get-Concluded($Known, $Implied) {
    if ($null -ne $Known) { return $Known }
    if ($null -ne $Implied) { return New-Fact 'present' $Implied }
    return New-Fact 'unknown' $null
}

function Get-Family($Facts, $Entry, $Implied) {
    # The family, where it is stated.
    if ($null -ne $Entry['family']) {
        return Get-Reported $Facts 'os.family' (Read-Word $Entry['family'] @('windows', 'macos', 'unix'))
    }
    if ($Implied.ContainsKey('Family')) { return New-Fact 'present' $Implied['Family'] }
    return $null
}

function Get-Only($Ranges) {
    # The one number of ranges that hold one.
    if ($Ranges.Length -ne 1) { return $null }
    if (Test-Same $Ranges[0]['Low'] $Ranges[0]['High']) { return $Ranges[0]['Low'] }
    return $null
}

function Get-Build($Facts, $Entry, $Implied, $Places) {
    $given = $null
    if ($null -ne $Entry['build']) { $given = Get-Reported $Facts 'os.build' (Read-Number $Entry['build'] '4294967295') }
    $listed = Get-ListedFact $Facts $Places['Build'] 'text'
    if ($null -ne $listed -and (Test-State $listed 'present')) {
        $number = $listed['Value']['Text']
        if ([regex]::IsMatch($number, '\A(?:0|[1-9][0-9]{0,8})\z')) { $listed = New-Fact 'present' $number }
        else { $listed = New-NotUnderstood $Facts $Places['Build'] }
    }
    $known = Get-Agreed $Facts 'build' $given $listed @($Places['Build'])
    $only = $null
    if ($Implied.ContainsKey('Builds')) { $only = Get-Only $Implied['Builds'] }
    return Get-Concluded $known $only
}

function Get-ShortNumber($Facts, $Place) {
    $listed = Get-ListedFact $Facts $Place 'dword'
    if ($null -eq $listed -or -not (Test-State $listed 'present')) { return $listed }
    $number = Get-Digits $listed['Value']['Text'] '65535'
    if ($null -eq $number) { return New-NotUnderstood $Facts $Place }
    return New-Fact 'present' $number
}

function Test-IsTen($Version) {
    # Whether a version is 10.0 or later.
    return ((Compare-Digits ($Version.Split([char]'.')[0]) '10') -ge 0)
}

function Get-ListedVersion($Facts, $Places, $Build, $Given) {
    # From 10.0 on the version is kept in two numbers, and `CurrentVersion` stays at 6.3.
    $major = Get-ShortNumber $Facts $Places['Major']
    $minor = Get-ShortNumber $Facts $Places['Minor']
    $listed = Get-ListedFact $Facts $Places['Version'] 'text'
    if ($null -ne $listed -and (Test-State $listed 'present')) {
        $shape = '\A(?:0|[1-9][0-9]{0,3})\.(?:0|[1-9][0-9]{0,3})\z'
        $text = $listed['Value']['Text']
        if ([regex]::IsMatch($text, $shape)) { $listed = New-Fact 'present' $text }
        else { $listed = New-NotUnderstood $Facts $Places['Version'] }
    }
    foreach ($part in @($major, $minor, $listed)) {
        if ($null -ne $part -and (Test-State $part 'error')) { return $part }
    }
    if ($null -ne $major -and $null -ne $minor) {
        if (-not (Test-State $major 'present')) { return $major }
        if (-not (Test-State $minor 'present')) { return $minor }
        return New-Fact 'present' ($major['Value'] + '.' + $minor['Value'])
    }
    if ($null -eq $listed -or -not (Test-State $listed 'present')) { return $listed }
    if (-not (Test-Same $listed['Value'] '6.3')) { return $listed }
    if ($null -ne $Given -and (Test-State $Given 'present') -and (Test-IsTen $Given['Value'])) { return $Given }
    if ((Test-State $Build 'present') -and (Compare-Digits $Build['Value'] '10240') -ge 0) {
        return New-Fact 'present' '10.0'
    }
    return $listed
}

function Get-Version($Facts, $Entry, $Implied, $Places, $Build) {
    $given = $null
    if ($null -ne $Entry['version']) { $given = Get-Reported $Facts 'os.version' (Read-OsVersion $Entry['version']) }
    $listed = Get-ListedVersion $Facts $Places $Build $given
    $spoiled = @($Places['Version'], $Places['Major'], $Places['Minor'])
    $known = Get-Agreed $Facts 'version' $given $listed $spoiled
    return Get-Concluded $known $Implied['Version']
}

function Get-Revision($Facts, $Entry, $Places, $Version) {
    # Every Windows from 10.0 on has a revision; of those before, not all.
    $given = $null
    if ($null -ne $Entry['revision']) {
        $given = Get-Reported $Facts 'os.revision' (Read-Number $Entry['revision'] '4294967295')
    }
    $listed = Get-ListedFact $Facts $Places['Revision'] 'dword'
    if ($null -ne $listed -and (Test-State $listed 'present')) { $listed = New-Fact 'present' $listed['Value']['Text'] }
    $known = Get-Agreed $Facts 'revision' $given $listed @($Places['Revision'])
    if ($null -ne $known) { return $known }
    if (-not (Test-State $Version 'present')) { return $Version }
    if ((Test-AllStated $Facts $Places['Revision']) -and -not (Test-IsTen $Version['Value'])) { return New-Fact 'absent' $null }
    return New-Fact 'unknown' $null
}

function Get-RecordedPack($Text) {
    # The number that `CSDVersion` tells, whatever follows it; nothing when it is nothing that Windows writes.
    if ($Text.Length -eq 0) { return '0' }
    if (-not [regex]::IsMatch($Text, '\AService Pack [1-9][0-9]{0,8}(?:\z|[^0-9])')) { return $null }
    $number = $Text.Substring(13)
    for ($end = 0; $end -lt $number.Length; $end++) {
        if (-not [regex]::IsMatch($number.Substring($end, 1), '\A[0-9]\z')) { break }
    }
    return $number.Substring(0, $end)
}

function Get-ServicePack($Facts, $Entry, $Implied, $Places) {
    $given = $null
    if ($null -ne $Entry['service_pack']) {
        $given = Get-Reported $Facts 'os.service_pack' (Read-ServicePack $Entry['service_pack'])
    }
    $listed = Get-ListedFact $Facts $Places['ServicePack'] 'text'
    if ($null -ne $listed -and (Test-State $listed 'present')) {
        $number = Get-RecordedPack $listed['Value']['Text']
        if ($null -ne $number) { $listed = New-Fact 'present' $number }
        else { $listed = New-NotUnderstood $Facts $Places['ServicePack'] }
    }
    $known = Get-Agreed $Facts 'service_pack' $given $listed @($Places['ServicePack'])
    # What is left out is none, but on a platform that was never without.
    $only = $null
    $none = Test-AllStated $Facts $Places['ServicePack']
    if ($Implied.ContainsKey('ServicePacks')) {
        $only = Get-Only $Implied['ServicePacks']
        if (-not (Test-Same $Implied['ServicePacks'][0]['Low'] '0')) { $none = $false }
    }
    if ($null -eq $only -and $none) { $only = '0' }
    return Get-Concluded $known $only
}

function Get-KnownName($Facts, $Entry, $Field, $Place, $Words, $Names) {
    # A word of a list, for which the registry has names of its own; nothing where neither tells one.
    $given = $null
    if ($null -ne $Entry[$Field]) { $given = Get-Reported $Facts ('os.' + $Field) (Read-Word $Entry[$Field] $Words) }
    $listed = Get-ListedFact $Facts $Place 'text'
    if ($null -ne $listed -and (Test-State $listed 'present')) {
        $name = ConvertTo-Lower $listed['Value']['Text']
        $listed = $null
        for ($index = 0; $index -lt $Words.Length; $index++) {
            if (Test-Same (ConvertTo-Lower $Names[$index]) $name) { $listed = New-Fact 'present' $Words[$index] }
        }
        if ($null -eq $listed) { $listed = New-NotUnderstood $Facts $Place }
    }
    return Get-Agreed $Facts $Field $given $listed @($Place)
}

function Get-Named($Facts, $Entry, $Field, $Implied, $Key, $Place, $Words, $Names) {
    $known = Get-KnownName $Facts $Entry $Field $Place $Words $Names
    $first = $null
    # The first of several only if the host file leaves nothing open.
    if ($Implied.ContainsKey($Key) -and ($Facts['AllStated'] -or $Implied[$Key].Length -eq 1)) { $first = $Implied[$Key][0] }
    return Get-Concluded $known $first
}

function New-Suites($Names) {
    $suites = New-Set
    foreach ($name in $Names) {
        if ($name.Length -gt 0) { $suites[$name] = $true }
    }
    return $suites
}

function Get-Suites($Facts, $Entry, $Implied, $Places) {
    $given = $null
    if ($null -ne $Entry['suites']) {
        $names = @()
        foreach ($item in $Entry['suites']['Items']) { $names = $names + [string]$item }
        $given = New-Fact 'present' (New-Suites $names)
    }
    $listed = Get-ListedFact $Facts $Places['Suites'] 'multi'
    if ($null -ne $listed -and (Test-State $listed 'present')) {
        $listed = New-Fact 'present' (New-Suites $listed['Value']['Texts'])
    }
    $known = Get-Agreed $Facts 'suites' $given $listed @($Places['Suites'])
    $suites = $null
    if ($Implied.ContainsKey('Suites') -and $Facts['AllStated']) { $suites = New-Suites $Implied['Suites'] }
    elseif (Test-AllStated $Facts $Places['Suites']) { $suites = New-Set }
    return Get-Concluded $known $suites
}

function Get-InstalledLanguage($Facts, $Entry, $Implied, $Places, $Languages) {
    $given = $null
    if ($null -ne $Entry['language']) {
        $given = Get-Reported $Facts 'os.language' (Read-Language $Entry['language'] $Languages)
    }
    $listed = Get-ListedFact $Facts $Places['Language'] 'text'
    if ($null -ne $listed -and (Test-State $listed 'present')) {
        $identifier = ConvertTo-Lower $listed['Value']['Text']
        # A language that is not among those known is another than all of them.
        if ([regex]::IsMatch($identifier, '\A[0-9a-f]{4}\z')) { $listed = New-Fact 'present' 'another language' }
        else { $listed = New-NotUnderstood $Facts $Places['Language'] }
        foreach ($language in $Languages) {
            if (Test-Same $language['Id'] $identifier) { $listed = New-Fact 'present' $language['Tag'] }
        }
    }
    $known = Get-Agreed $Facts 'language' $given $listed @($Places['Language'])
    $region = $null
    if ($Implied.ContainsKey('Language')) { $region = Get-Language $Implied['Language'] $Languages }
    return Get-Concluded $known $region
}

function Get-InstallationType($Facts, $Entry, $Places, $Version) {
    # What Windows does not tell before 6.0. From then on each has one.
    $types = Get-InstallationTypes
    $known = Get-KnownName $Facts $Entry 'installation_type' $Places['InstallationType'] $types['Words'] $types['Names']
    if ($null -ne $known) { return $known }
    if (-not (Test-State $Version 'present')) { return $Version }
    if ((Test-AllStated $Facts $Places['InstallationType']) -and (Compare-Digits ($Version['Value'].Split([char]'.')[0]) '6') -lt 0) { return New-Fact 'absent' $null }
    return New-Fact 'unknown' $null
}

function Read-Os($Facts, $Entry, $Tables, $AllListed) {
    $Facts['AllStated'] = $AllListed
    $places = Get-SystemPlaces
    $implied = Get-Implied $Facts $Entry $Tables
    $types = Get-ProductTypes # when product-type, os-backed
    $architectures = Get-Architectures
    $os = @{}
    $stated = Get-Family $Facts $Entry $implied
    $os['Family'] = $stated
    if ($null -eq $stated) { $os['Family'] = New-Fact 'present' 'windows' }
    $os['Architecture'] = Get-Named $Facts $Entry 'architecture' $implied 'Architectures' $places['Architecture'] $architectures['Words'] $architectures['Names']
    $os['Language'] = Get-InstalledLanguage $Facts $Entry $implied $places $Tables['Languages'] # when language, os-backed
    if ((Test-State $os['Family'] 'present') -and -not (Test-Same $os['Family']['Value'] 'windows')) {
        # Another system has none of what only Windows has.
        foreach ($name in @('Build', 'Version', 'Revision', 'ServicePack', 'ProductType', 'InstallationType', 'Suites')) { $os[$name] = New-Fact 'absent' $null }
        return $os
    }
    $build = Get-Build $Facts $Entry $implied $places
    $os['Build'] = $build
    $os['Version'] = Get-Version $Facts $Entry $implied $places $build
    $mayBeAnother = $null -eq $stated -and -not $AllListed
    if ($mayBeAnother -and (Test-State $os['Version'] 'unknown')) { $os['Family'] = New-Fact 'unknown' $null }
    $os['Revision'] = Get-Revision $Facts $Entry $places $os['Version'] # when os-revision, os-backed
    $os['ServicePack'] = Get-ServicePack $Facts $Entry $implied $places # when service-pack, os-backed
    $os['ProductType'] = Get-Named $Facts $Entry 'product_type' $implied 'Types' $places['ProductType'] $types['Words'] $types['Names'] # when product-type, os-backed
    $os['InstallationType'] = Get-InstallationType $Facts $Entry $places $os['Version'] # when installation-type, os-backed
    $os['Suites'] = Get-Suites $Facts $Entry $implied $places # when suite, os-backed
    return $os
}

function Set-OsBacked($Facts, $Tables) {
    # Puts the facts where Windows keeps them.
    $places = Get-SystemPlaces
    $os = $Facts['Os']
    $types = Get-ProductTypes
    $architectures = Get-Architectures
    Set-VersionBacked $Facts $places
    Set-Fact $Facts $places['Build'] $os['Build'] $os['Build']['Value']
    $revision = $os['Revision']
    if (Test-State $revision 'present') {
        $revision = New-Fact 'present' (New-RegistryValue 'dword' $revision['Value'] @())
    }
    Set-Backed $Facts['Registry'] $places['Revision']['Key'] $places['Revision']['Name'] $revision
    $pack = $os['ServicePack']
    if ((Test-State $pack 'present') -and (Test-Same $pack['Value'] '0')) { $pack = New-Fact 'absent' $null }
    Set-Fact $Facts $places['ServicePack'] $pack ('Service Pack ' + $pack['Value'])
    $type = Get-Renamed $os['ProductType'] $types['Words'] $types['Names']
    Set-Fact $Facts $places['ProductType'] $type $type['Value']
    $installations = Get-InstallationTypes
    $installation = Get-Renamed $os['InstallationType'] $installations['Words'] $installations['Names']
    Set-Fact $Facts $places['InstallationType'] $installation $installation['Value']
    $architecture = Get-Renamed $os['Architecture'] $architectures['Words'] $architectures['Names']
    Set-Fact $Facts $places['Architecture'] $architecture $architecture['Value']
    $suites = $os['Suites']
    if (Test-State $suites 'present') {
        $suites = New-Fact 'present' (New-RegistryValue 'multi' '' @($suites['Value'].get_Keys()))
    }
    Set-Backed $Facts['Registry'] $places['Suites']['Key'] $places['Suites']['Name'] $suites
    $tag = $os['Language']
    if (Test-State $tag 'present') {
        foreach ($language in $Tables['Languages']) {
            if (Test-Same $language['Tag'] $tag['Value']) { $tag = New-Fact 'present' $language['Id'] }
        }
    }
    Set-Fact $Facts $places['Language'] $tag $tag['Value']
}

function Set-VersionBacked($Facts, $Places) {
    $version = $Facts['Os']['Version']
    $shown = $version
    $major = $version
    $minor = $version
    if (Test-State $version 'present') {
        $major = New-Fact 'absent' $null
        $minor = $major
        if (Test-IsTen $version['Value']) {
            $parts = $version['Value'].Split([char]'.')
            $shown = New-Fact 'present' '6.3'
            $major = New-Fact 'present' (New-RegistryValue 'dword' $parts[0] @())
            $minor = New-Fact 'present' (New-RegistryValue 'dword' $parts[1] @())
        }
    }
    Set-Fact $Facts $Places['Version'] $shown $shown['Value']
    Set-Backed $Facts['Registry'] $Places['Major']['Key'] $Places['Major']['Name'] $major
    Set-Backed $Facts['Registry'] $Places['Minor']['Key'] $Places['Minor']['Name'] $minor
}

function Get-Renamed($Fact, $Words, $Names) {
    if (-not (Test-State $Fact 'present')) { return $Fact }
    for ($index = 0; $index -lt $Words.Length; $index++) {
        if (Test-Same $Words[$index] $Fact['Value']) { return New-Fact 'present' $Names[$index] }
    }
    return $Fact
}

function Set-Fact($Facts, $Place, $Fact, $Text) {
    # Backs a registry value by a fact; the text is the data where the fact is present.
    $backed = $Fact
    if (Test-State $Fact 'present') { $backed = New-Fact 'present' (New-TextValue $Text) }
    Set-Backed $Facts['Registry'] $Place['Key'] $Place['Name'] $backed
}
