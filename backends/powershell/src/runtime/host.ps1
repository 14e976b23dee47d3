# A host file's shape, its environment, files, services and updates, and what a rule may ask of it. Facts of one kind
# complete those of another, as Windows keeps most of them in the registry.

function Get-Shape($Json, $Known, $What) {
    # The fields of an object by name; what is not known of its shape makes the whole file malformed.
    if (-not (Test-JsonKind $Json 'object')) { throw ('not a host: ' + $What + ' is not an object') }
    $shape = New-Set
    foreach ($field in $Json['Fields']) {
        if (-not (Test-Listed $Known $field['Name'])) { throw ('not a host: ' + $What + ' has the unknown key `' + $field['Name'] + '`') }
        if ($shape.ContainsKey($field['Name'])) { throw ('not a host: ' + $What + ' repeats the key `' + $field['Name'] + '`') }
        $shape[$field['Name']] = $field['Value']
    }
    return $shape
}

function Get-Items($Shape, $Name) {
    # The items of a list, inside their array; none when it is left out.
    if (-not $Shape.ContainsKey($Name)) { return New-JsonArray }
    if (-not (Test-JsonKind $Shape[$Name] 'array')) { throw ('not a host: `' + $Name + '` is not a list') }
    return $Shape[$Name]
}

function Get-Fields($Shape, $Name) {
    # The fields of a map as the items of an array, in order of their names; the last of one name counts.
    $fields = New-JsonArray
    if (-not $Shape.ContainsKey($Name)) { return $fields }
    if (-not (Test-JsonKind $Shape[$Name] 'object')) { throw ('not a host: `' + $Name + '` is not an object') }
    foreach ($field in $Shape[$Name]['Fields']) { Add-Sorted $fields['Items'] $field }
    return $fields
}

function Add-Sorted($Items, $Field) {
    $at = 0
    while ($at -lt $Items.Count) {
        $order = [string]::CompareOrdinal($Items[$at]['Name'], $Field['Name'])
        if ($order -eq 0) {
            $Items[$at] = $Field
            return
        }
        if ($order -gt 0) { break }
        $at = $at + 1
    }
    $Items.Insert($at, $Field)
}

function Get-OptionalText($Shape, $Name) {
    $value = $Shape[$Name]
    if ($null -ne $value -and -not ($value -is [string])) { throw ('not a host: `' + $Name + '` is not a text') }
    return $value
}

function Get-Scalar($Shape, $Name) {
    $value = $Shape[$Name]
    if ($value -is [System.Collections.Hashtable]) { throw ('not a host: `' + $Name + '` is neither a text nor a number') }
    return $value
}

function New-HostFacts($Json, $Tables, $Fallback) {
    # The facts of a host file. Where its architecture is not known, those of one of 64 bits with those of one of 32.
    $facts = New-CaseFacts $Json $Tables $Fallback 'x64'
    $architecture = $facts['Os']['Architecture']
    if ((Test-State $architecture 'present') -or (Test-State $architecture 'absent')) { return $facts }
    $facts['Other'] = New-CaseFacts $Json $Tables $Fallback 'x86'
    $problems = New-Object System.Collections.ArrayList
    foreach ($problem in $facts['Problems']) {
        if (Test-Listed $facts['Other']['Problems'] $problem) { [void]$problems.Add($problem) }
    }
    $facts['Problems'] = $problems
    return $facts
}

function New-CaseFacts($Json, $Tables, $Fallback, $Assumed) {
    # The facts of a host file, completed from each other.
    $shape = Get-Shape $Json @('schema', 'name', 'os', 'environment', 'files', 'registry', 'services', 'hotfixes', 'partial') 'the host'
    $schema = Get-OptionalText $shape 'schema'
    if ($null -ne $schema -and -not (Test-Same $schema 'caveat/host/v1')) { throw ('not a host: the schema `' + $schema + '` is not known') }
    $name = Get-OptionalText $shape 'name'
    if ($null -eq $name) { $name = $Fallback }
    $open = Get-OpenKinds (Get-Items $shape 'partial')
    $facts = @{ Name = $name; Problems = (New-Object System.Collections.ArrayList); Asked = (New-Set) }
    $entry = Get-OsEntry $shape
    $facts['Registry'] = New-Registry (-not $open.ContainsKey('registry'))
    Read-Registry $facts (Get-Items $shape 'registry')['Items']
    $facts['Os'] = Read-Os $facts $entry $Tables (-not $open.ContainsKey('os'))
    $architecture = $facts['Os']['Architecture']
    if (Test-State $architecture 'present') { $Assumed = $architecture['Value'] }
    Set-Views $facts $Assumed
    $facts['Environment'] = @{ Variables = (New-Set); Complete = (-not $open.ContainsKey('environment')) }
    Read-Environment $facts (Get-Fields $shape 'environment')
    $facts['Files'] = @{ Entries = (New-Set); Complete = (-not $open.ContainsKey('files')) }
    Read-Files $facts (Get-Items $shape 'files')['Items']
    $facts['Services'] = @{ Entries = (New-Set); Complete = (-not $open.ContainsKey('services')) }
    Read-Services $facts (Get-Items $shape 'services')['Items']
    $facts['Updates'] = @{ Listed = (New-Set); Keys = (New-Set); Open = (New-Set); Unlisted = (New-Fact 'absent' $null); UnlistedKey = $null }
    if ($open.ContainsKey('hotfixes')) { $facts['Updates']['Unlisted'] = New-Fact 'unknown' $null }
    Read-Updates $facts (Get-Items $shape 'hotfixes')['Items']
    Set-OsBacked $facts $Tables # when os-backed
    Set-FoldersBacked $facts # when folders-backed
    return $facts
}

function Get-OpenKinds($Items) {
    $open = New-Set
    foreach ($kind in $Items['Items']) {
        $known = $kind -is [string] -and (Test-Listed @('os', 'environment', 'files', 'registry', 'services', 'hotfixes') $kind)
        if (-not $known) { throw 'not a host: `partial` names no kind of facts' }
        $open[$kind] = $true
    }
    return $open
}

function Get-OsEntry($Shape) {
    if (-not $Shape.ContainsKey('os')) { return New-Set }
    $entry = Get-Shape $Shape['os'] @('platform', 'edition', 'family', 'version', 'build', 'revision', 'service_pack', 'product_type', 'installation_type', 'suites', 'architecture', 'language') '`os`'
    foreach ($name in @('platform', 'edition')) { [void](Get-OptionalText $entry $name) }
    foreach ($name in @('family', 'version', 'build', 'revision', 'service_pack', 'product_type', 'installation_type', 'architecture', 'language')) { [void](Get-Scalar $entry $name) }
    if ($null -ne $entry['suites']) {
        foreach ($suite in (Get-Items $entry 'suites')['Items']) {
            if (-not ($suite -is [string])) { throw 'not a host: a product suite is not a text' }
        }
    }
    return $entry
}

function Get-Folders {
    # The folders that Windows records, those that others may begin with first. The system's drive is that of its root;
    # those `OnDrive` may be recorded below its variable.
    $nt = 'hklm\software\microsoft\windows nt\currentversion'
    $windows = 'hklm\software\microsoft\windows\currentversion'
    return @(
        @{ Variable = 'systemroot'; Key = $nt; Name = 'SystemRoot' },
        @{ Variable = 'systemdrive' },
        @{ Variable = 'programfiles'; Key = $windows; Name = 'ProgramFilesDir' },
        @{ Variable = 'programfiles(x86)'; Key = $windows; Name = 'ProgramFilesDir (x86)' },
        @{ Variable = 'commonprogramfiles'; Key = $windows; Name = 'CommonFilesDir' },
        @{ Variable = 'commonprogramfiles(x86)'; Key = $windows; Name = 'CommonFilesDir (x86)' },
        @{ Variable = 'programdata'; Key = ($nt + '\profilelist'); Name = 'ProgramData'; OnDrive = $true },
        @{ Variable = 'public'; Key = ($nt + '\profilelist'); Name = 'Public'; OnDrive = $true }
    )
}

function Get-FoldedVariable($Name) {
    $folded = ConvertTo-Lower $Name
    if (Test-Same $folded 'windir') { return 'systemroot' }
    return $folded
}

function Test-OfMachine($Name) {
    # Whether a variable by its folded name is the machine's: no known folder, and none that a user or a process has of
    # its own.
    foreach ($folder in Get-Folders) {
        if (Test-Same $folder['Variable'] $Name) { return $false }
    }
    return -not (Test-Listed @('appdata', 'localappdata', 'userprofile', 'homedrive', 'homepath', 'homeshare', 'temp', 'tmp',
        'onedrive', 'onedriveconsumer', 'onedrivecommercial', 'allusersprofile', 'programw6432', 'commonprogramw6432',
        'computername', 'username', 'userdomain', 'userdomain_roamingprofile', 'userdnsdomain', 'logonserver', 'sessionname',
        'clientname', 'processor_architecture', 'processor_architew6432', 'processor_identifier', 'processor_level',
        'processor_revision', 'number_of_processors', 'path', 'libpath', 'os2libpath', 'psmodulepath', 'prompt', 'cd', 'date',
        'time', 'random') $Name)
}

function Test-Place($Root) {
    # Whether a path can begin with this: a drive or a share.
    return [regex]::IsMatch($Root.TrimEnd([char]'\'), '\A(?:[A-Za-z]:(?:\\|\z)|\\\\+[^\\])')
}

function Split-Variable($Value) {
    # The folded name of the variable that a value begins with, and what follows it; nothing where it begins with none.
    if (-not (Test-Prefix $Value '%')) { return $null }
    $end = $Value.IndexOf([char]'%', 1)
    if ($end -lt 0) { return $null }
    return @{ Name = (Get-FoldedVariable ($Value.Substring(1, $end - 1))); Rest = $Value.Substring($end + 1) }
}

function Read-Variable($Name, $Value) {
    # The value, which must be a place where the variable is a known folder.
    foreach ($folder in Get-Folders) {
        if (Test-Same $folder['Variable'] (Get-FoldedVariable $Name)) {
            $root = $Value.TrimEnd([char]'\')
            $isPlace = (Test-Prefix $root '\\') -or (Test-WindowsPath ($root + '\x'))
            if (-not $isPlace) { return New-Fact 'error' ('`' + $Value + '` is not a folder') }
        }
    }
    return New-Fact 'present' $Value
}

function Test-SameFolder($Left, $Right) {
    return Test-Same (ConvertTo-Lower ($Left.TrimEnd([char]'\'))) (ConvertTo-Lower ($Right.TrimEnd([char]'\')))
}

function Expand-Variable($Facts, $Value) {
    # The value with its leading variable resolved; nothing when that is not defined.
    $parts = Split-Variable $Value
    if ($null -eq $parts) { return $Value }
    $variables = $Facts['Environment']['Variables']
    $name = $parts['Name']
    if (-not $variables.ContainsKey($name)) { return $null }
    if (-not (Test-State $variables[$name] 'present')) { return $null }
    return $variables[$name]['Value'].TrimEnd([char]'\') + $parts['Rest']
}

function Read-Environment($Facts, $Fields) {
    # Variables that begin with another one come after it, in as many rounds as that takes.
    foreach ($field in $Fields['Items']) {
        if (-not ($field['Value'] -is [string])) { throw 'not a host: an environment variable is not a text' }
    }
    $left = Add-Variables $Facts $Fields
    foreach ($folder in Get-Folders) { Add-Folder $Facts $folder }
    $left = Add-Variables $Facts $left
    foreach ($folder in Get-Folders) { Set-Unlisted $Facts $folder['Variable'] (Get-UnlistedFolder $Facts $folder) }
    Read-MachineVariables $Facts
    $left = Add-Variables $Facts $left
    $variables = $Facts['Environment']['Variables']
    foreach ($field in $left['Items']) {
        $folded = Get-FoldedVariable $field['Name']
        Set-Unlisted $Facts $folded (New-Fact 'unknown' $null)
        if (Test-State $variables[$folded] 'absent') { $variables[$folded] = New-Fact 'unknown' $null }
    }
}

function Read-MachineVariables($Facts) {
    # The machine's variables that the registry lists.
    $keys = $Facts['Registry']['Keys']
    if (-not $keys.ContainsKey((Get-MachineKey))) { return }
    foreach ($name in @($keys[(Get-MachineKey)]['Values'].get_Keys())) {
        if (Test-OfMachine $name) { Add-MachineVariable $Facts $name }
    }
}

function Add-MachineVariable($Facts, $Name) {
    $fact = Get-ListedValue $Facts['Registry'] (Get-MachineKey) $Name
    if (Test-State $fact 'present') { $fact = Get-Recorded $Facts $fact['Value'] }
    $variables = $Facts['Environment']['Variables']
    if (-not $variables.ContainsKey($Name)) {
        $variables[$Name] = $fact
        return
    }
    if (-not (Test-State $variables[$Name] 'present')) { return }
    if (Test-State $fact 'error') { $variables[$Name] = $fact }
    if (-not (Test-State $fact 'present')) { return }
    if (Test-SameFolder $variables[$Name]['Value'] $fact['Value']) { return }
    $fact = New-Contradiction $Facts $Name 'the environment says one thing, the registry another'
    Set-Spoiled $Facts['Registry'] (Get-MachineKey) $Name $fact
    $variables[$Name] = $fact
}

function Get-Recorded($Facts, $Value) {
    # What a registry value of a variable comes to. What is stored to be expanded may begin with a known folder.
    if (-not (Test-Listed @('text', 'expand') $Value['Kind'])) { return New-Fact 'error' 'the value is no folder' }
    $parts = $null
    if ($Value['Kind'] -ceq 'expand') { $parts = Split-Variable $Value['Text'] }
    if ($null -eq $parts) { return New-Fact 'present' $Value['Text'] }
    if (-not (Test-Beginning $parts['Name'])) { return New-Fact 'unknown' $null }
    if ((Test-Same $parts['Name'] 'systemdrive') -and $parts['Rest'].Length -gt 0 -and -not (Test-Prefix $parts['Rest'] '\')) {
        return New-Fact 'error' ('`' + $Value['Text'] + '` is not the full path of a folder')
    }
    $root = Get-VariableFact $Facts $parts['Name']
    if (-not (Test-State $root 'present')) { return $root }
    return New-Fact 'present' ($root['Value'].TrimEnd([char]'\') + $parts['Rest'])
}

function Test-Beginning($Name) {
    # Whether a variable of the machine may begin with this one.
    return Test-Listed @('systemroot', 'systemdrive', 'programfiles', 'programfiles(x86)') $Name
}

function Set-Unlisted($Facts, $Name, $Fact) {
    $variables = $Facts['Environment']['Variables']
    $folded = Get-FoldedVariable $Name
    if (-not $variables.ContainsKey($folded)) { $variables[$folded] = $Fact }
}

function Add-Variables($Facts, $Fields) {
    # Adds variables, and returns those that begin with one that is not there.
    $waiting = $Fields
    $before = -1
    while ($waiting['Items'].Count -ne $before) {
        $before = $waiting['Items'].Count
        $left = New-JsonArray
        foreach ($field in $waiting['Items']) {
            $value = Expand-Variable $Facts $field['Value']
            if ($null -eq $value) { Add-Item $left $field } else { Add-Variable $Facts $field['Name'] $value }
        }
        $waiting = $left
    }
    return $waiting
}

function Add-Variable($Facts, $Name, $Value) {
    $path = 'environment.' + $Name
    $fact = Get-Reported $Facts $path (Read-Variable $Name $Value)
    $variables = $Facts['Environment']['Variables']
    $folded = Get-FoldedVariable $Name
    if ($variables.ContainsKey($folded)) {
        $first = $variables[$folded]
        if (Test-State $first 'error') { return }
        if ((Test-State $fact 'present') -and -not (Test-SameFolder $first['Value'] $fact['Value'])) {
            $fact = New-Contradiction $Facts $path 'the variable has two values'
        }
    }
    $variables[$folded] = $fact
}

function Add-Drive($Facts) {
    # The drive of the system is that of its root.
    $variables = $Facts['Environment']['Variables']
    if (-not $variables.ContainsKey('systemroot')) { return }
    $root = $variables['systemroot']
    if (-not (Test-State $root 'present')) { $variables['systemdrive'] = $root }
    else { Add-Variable $Facts 'SystemDrive' ($root['Value'].Substring(0, 2)) }
}

function Add-Folder($Facts, $Folder) {
    if (Test-Same $Folder['Variable'] 'systemdrive') {
        Add-Drive $Facts
        return
    }
    $listed = Get-ListedValue $Facts['Registry'] $Folder['Key'] $Folder['Name']
    if ($null -eq $listed) { return }
    if (-not (Test-State $listed 'present')) { return }
    if (-not (Test-Listed @('text', 'expand') $listed['Value']['Kind'])) { return }
    $name = $Folder['Variable']
    $parts = Split-Variable $listed['Value']['Text']
    $value = $null
    $isOnDrive = $null -ne $parts -and (Test-Same $parts['Name'] 'systemdrive') -and $Folder.ContainsKey('OnDrive')
    if ($null -eq $parts -or $isOnDrive) { $value = Expand-Variable $Facts $listed['Value']['Text'] }
    if ($null -eq $value) {
        Set-Unlisted $Facts $name (New-Fact 'unknown' $null)
        return
    }
    $variables = $Facts['Environment']['Variables']
    if (-not $variables.ContainsKey($name)) {
        $variables[$name] = Get-Reported $Facts $name (Read-Variable $name $value)
        return
    }
    if (-not (Test-State $variables[$name] 'present')) { return }
    if (Test-SameFolder $variables[$name]['Value'] $value) { return }
    $fact = New-Contradiction $Facts $name 'the environment names one folder, the registry another'
    Set-Spoiled $Facts['Registry'] $Folder['Key'] $Folder['Name'] $fact
    $variables[$name] = $fact
}

function Get-UnlistedFolder($Facts, $Folder) {
    # What a known folder comes to that is not listed: it is there if the host's Windows has it.
    $name = $Folder['Variable']
    $os = $Facts['Os']
    if ((Test-State $os['Family'] 'present') -and -not (Test-Same $os['Family']['Value'] 'windows')) { return New-Fact 'absent' $null }
    $isWithout = $false
    if ((Test-Listed @('programfiles(x86)', 'commonprogramfiles(x86)') $Name) -and (Test-State $os['Architecture'] 'present')) {
        $isWithout = -not (Test-Listed @('ia64', 'x64', 'arm64') $os['Architecture']['Value'])
    }
    elseif ((Test-Listed @('programdata', 'public') $Name) -and (Test-State $os['Version'] 'present')) {
        $isWithout = ([int]$os['Version']['Value'].Split([char]'.')[0]) -lt 6
    }
    if ($isWithout -and $Facts['Environment']['Complete'] -and (Test-AllListed $Facts['Registry'] $Folder['Key'])) { return New-Fact 'absent' $null }
    return New-Fact 'unknown' $null
}

function Get-VariableFact($Facts, $Name) {
    $environment = $Facts['Environment']
    if ($environment['Variables'].ContainsKey($Name)) { return $environment['Variables'][$Name] }
    if (Test-OfMachine $Name) { return Get-UnlistedOfMachine $Facts }
    if ($environment['Complete']) { return New-Fact 'absent' $null }
    return New-Fact 'unknown' $null
}

function Get-UnlistedOfMachine($Facts) {
    # What can be said of a variable of the machine that is not listed: it may be left out here or in the registry.
    $family = $Facts['Os']['Family']
    $isElsewhere = (Test-State $family 'present') -and -not (Test-Same $family['Value'] 'windows')
    if ($isElsewhere -or ($Facts['Environment']['Complete'] -and (Test-AllListed $Facts['Registry'] (Get-MachineKey)))) { return New-Fact 'absent' $null }
    return New-Fact 'unknown' $null
}

function Get-RootFact($Facts, $Name) {
    # What a path that begins with a variable begins with.
    $fact = Get-VariableFact $Facts $Name
    if (-not (Test-State $fact 'present')) { return $fact }
    if (Test-Place $fact['Value']) { return $fact }
    return New-Fact 'error' ('%' + $Name + '% is `' + $fact['Value'] + '`, which is not the full path of a folder')
}

function Set-FoldersBacked($Facts) {
    foreach ($folder in Get-Folders) {
        $fact = Get-VariableFact $Facts $folder['Variable']
        if ($folder.ContainsKey('Key')) { Set-Fact $Facts $folder $fact $fact['Value'] }
    }
    $variables = $Facts['Environment']['Variables']
    foreach ($name in @($variables.get_Keys())) {
        if (Test-OfMachine $name) { Set-Fact $Facts @{ Key = (Get-MachineKey); Name = $name } $variables[$name] $variables[$name]['Value'] }
    }
}

function Resolve-WindowsPath($Facts, $Path) {
    # The path as comparisons see it, and what an unresolved variable makes of a file that is not listed.
    if (-not (Test-Prefix $Path '%')) { return @{ Path = (ConvertTo-Lower $Path); Root = (New-Fact 'present' $null) } }
    $end = $Path.IndexOf([char]'%', 1)
    $name = Get-FoldedVariable ($Path.Substring(1, $end - 1))
    $tail = $Path.Substring($end + 1)
    $root = Get-RootFact $Facts $name
    $resolved = '%' + $name + '%' + $tail
    if (Test-State $root 'present') { $resolved = $root['Value'].TrimEnd([char]'\') + $tail }
    return @{ Path = (ConvertTo-Lower $resolved); Root = $root }
}

function Read-Files($Facts, $Entries) {
    $files = $Facts['Files']['Entries']
    foreach ($entry in $Entries) {
        $shape = Get-Shape $entry @('path', 'version', 'size', 'md5', 'sha1', 'sha256', 'partial') 'a file'
        if (-not ($shape['path'] -is [string])) { throw 'not a host: a file without a path' }
        $isUnread = Get-Partial $shape
        foreach ($name in @('version', 'size', 'md5', 'sha1', 'sha256')) {
            if ($null -ne (Get-Scalar $shape $name)) { $isUnread = $false }
        }
        if (Test-WindowsPath $shape['path']) {
            $path = (Resolve-WindowsPath $Facts $shape['path'])['Path']
            $fact = New-Fact 'unknown' $null
            if (-not $isUnread) { $fact = Read-FileEntry $Facts $shape }
            if (-not $files.ContainsKey($path)) { $files[$path] = $fact }
            elseif (-not (Test-SameFileFact $files[$path] $fact)) {
                $files[$path] = New-Contradiction $Facts $shape['path'] 'the file is listed twice, with different facts'
            }
        }
        else { [void](New-Contradiction $Facts 'files' ('`' + $shape['path'] + '` is not a path')) }
    }
}

function Read-FileEntry($Facts, $Shape) {
    # One malformed fact of a file spoils them all.
    $unknown = New-Fact 'unknown' $null
    $file = @{ version = $unknown; size = $unknown; md5 = $unknown; sha1 = $unknown; sha256 = $unknown }
    if ($Facts['Files']['Complete'] -and -not (Get-Partial $Shape)) { $file['version'] = New-Fact 'absent' $null }
    if ($null -ne $Shape['version']) { $file['version'] = Read-FileVersion $Shape['version'] }
    if ($null -ne $Shape['size']) { $file['size'] = Read-Number $Shape['size'] '18446744073709551615' }
    if ($null -ne $Shape['md5']) { $file['md5'] = Read-Digest $Shape['md5'] 32 }
    if ($null -ne $Shape['sha1']) { $file['sha1'] = Read-Digest $Shape['sha1'] 40 }
    if ($null -ne $Shape['sha256']) { $file['sha256'] = Read-Digest $Shape['sha256'] 64 }
    foreach ($name in @('version', 'size', 'md5', 'sha1', 'sha256')) {
        if (Test-State $file[$name] 'error') { return Get-Reported $Facts $Shape['path'] $file[$name] }
    }
    return New-Fact 'present' $file
}

function Test-SameFact($Left, $Right) {
    # Facts whose values are texts.
    if (-not (Test-State $Left $Right['State'])) { return $false }
    return Test-Same ([string]$Left['Value']) ([string]$Right['Value'])
}

function Test-SameFileFact($Left, $Right) {
    if (-not (Test-State $Left 'present') -or -not (Test-State $Right 'present')) { return Test-SameFact $Left $Right }
    foreach ($name in @('version', 'size', 'md5', 'sha1', 'sha256')) {
        if (-not (Test-SameFact $Left['Value'][$name] $Right['Value'][$name])) { return $false }
    }
    return $true
}

function Read-Services($Facts, $Entries) {
    $services = $Facts['Services']['Entries']
    # Services that are not listed here may be keys that are not listed there.
    if ($Entries.Count -eq 0 -and -not $Facts['Registry']['Complete']) { $Facts['Services']['Complete'] = $false }
    foreach ($entry in $Entries) {
        $shape = Get-Shape $entry @('name', 'start', 'state') 'a service'
        if (-not ($shape['name'] -is [string])) { throw 'not a host: a service without a name' }
        foreach ($name in @('start', 'state')) { [void](Get-Scalar $shape $name) }
        $name = ConvertTo-Lower $shape['name']
        $fact = Read-Service $Facts $shape
        if (-not $services.ContainsKey($name)) { $services[$name] = $fact }
        elseif (-not (Test-SameService $services[$name] $fact)) {
            $services[$name] = New-Contradiction $Facts $name 'the service is listed twice, with different facts'
        }
    }
    $root = Get-ServicesKey
    foreach ($name in @((Get-KeysBelow $Facts['Registry'] $root).get_Keys())) { Add-ServiceKey $Facts $name ($root + '\' + $name) } # when services
    Set-ServicesBacked $Facts $root # when services-backed
}

function Get-StartTypes {
    # In the order of the numbers that stand for them.
    return @('boot', 'system', 'automatic', 'manual', 'disabled')
}

function Read-Service($Facts, $Shape) {
    $start = New-Fact 'unknown' $null
    $state = $start
    if ($null -ne $Shape['start']) { $start = Get-Reported $Facts $Shape['name'] (Read-Word $Shape['start'] (Get-StartTypes)) }
    if ($null -ne $Shape['state']) { $state = Get-Reported $Facts $Shape['name'] (Read-Word $Shape['state'] @('running', 'stopped')) }
    if (Test-State $start 'error') { return $start }
    if (Test-State $state 'error') { return $state }
    return New-Fact 'present' @{ Start = $start; State = $state }
}

function Test-SameService($Left, $Right) {
    if (-not (Test-State $Left 'present') -or -not (Test-State $Right 'present')) { return Test-SameFact $Left $Right }
    if (-not (Test-SameFact $Left['Value']['Start'] $Right['Value']['Start'])) { return $false }
    return Test-SameFact $Left['Value']['State'] $Right['Value']['State']
}

function Read-StartNumber($Facts, $Value, $Path) {
    # The start type behind the value `Start` of a service's key.
    if ($Value['Kind'] -ceq 'dword' -and [regex]::IsMatch($Value['Text'], '\A[0-4]\z')) {
        $types = Get-StartTypes
        return New-Fact 'present' $types[[int]$Value['Text']]
    }
    return New-Contradiction $Facts $Path 'the value is not a start type of a service'
}

function Add-ServiceKey($Facts, $Name, $Key) {
    # The key alone makes the service.
    $listed = Get-ListedValue $Facts['Registry'] $Key 'Start'
    $services = $Facts['Services']['Entries']
    if ($null -eq $listed) {
        $there = Get-ListedKey $Facts['Registry'] $Key
        if ($services.ContainsKey($Name) -or (Test-State $there 'absent')) { return }
        $services[$Name] = $there
        if (Test-State $there 'present') {
            $services[$Name] = New-Fact 'present' @{ Start = (Get-Unlisted $Facts['Registry'] $Key); State = (New-Fact 'unknown' $null) }
        }
        return
    }
    if (Test-State $listed 'present') { $listed = Read-StartNumber $Facts $listed['Value'] $Key }
    if (-not $services.ContainsKey($Name)) {
        $services[$Name] = New-Fact 'present' @{ Start = $listed; State = (New-Fact 'unknown' $null) }
        return
    }
    if (-not (Test-State $services[$Name] 'present')) { return }
    $service = $services[$Name]['Value']
    if (Test-State $service['Start'] 'unknown') {
        $service['Start'] = $listed
        return
    }
    $both = (Test-State $service['Start'] 'present') -and (Test-State $listed 'present')
    if (-not $both -or (Test-SameFact $service['Start'] $listed)) { return }
    $fact = New-Contradiction $Facts $Key 'the service has one start type, the registry says another'
    Set-Spoiled $Facts['Registry'] $Key 'Start' $fact
    $service['Start'] = $fact
}

function Set-ServicesBacked($Facts, $Root) {
    $types = Get-StartTypes
    foreach ($name in @($Facts['Services']['Entries'].get_Keys())) {
        $service = $Facts['Services']['Entries'][$name]
        if (Test-State $service 'present') {
            $start = $service['Value']['Start']
            $backed = $start
            for ($index = 0; $index -lt $types.Length; $index++) {
                if ((Test-State $start 'present') -and (Test-Same $types[$index] $start['Value'])) {
                    $backed = New-Fact 'present' (New-RegistryValue 'dword' ([string]$index) @())
                }
            }
            Add-Key $Facts['Registry'] ($Root + '\' + $name)
            Set-Backed $Facts['Registry'] ($Root + '\' + $name) 'Start' $backed
        }
    }
}

function Get-FileFact($Facts, $Path) {
    # Many tests ask for one file.
    if (-not $Facts['Asked'].ContainsKey($Path)) { $Facts['Asked'][$Path] = Get-AskedFile $Facts $Path }
    return $Facts['Asked'][$Path]
}

function Get-AskedFile($Facts, $Path) {
    $resolved = Resolve-WindowsPath $Facts $Path
    $entries = $Facts['Files']['Entries']
    if ($entries.ContainsKey($resolved['Path'])) { return $entries[$resolved['Path']] }
    $root = $resolved['Root']
    if ((Test-State $root 'error') -or (Test-State $root 'absent')) { return $root }
    if ((Test-State $root 'present') -and $Facts['Files']['Complete']) { return New-Fact 'absent' $null }
    return New-Fact 'unknown' $null
}

function Get-ListedService($Facts, $Folded) {
    $services = $Facts['Services']
    if ($services['Entries'].ContainsKey($Folded)) { return $services['Entries'][$Folded] }
    if ($services['Complete']) { return New-Fact 'absent' $null }
    return New-Fact 'unknown' $null
}

function Get-RegistryKeyFact($Facts, $Key, $View) {
    $place = Get-Place $Facts['Registry'] (Get-FoldedKey $Key) $View
    $inRegistry = Get-KeyFact $Facts $place $true
    $elsewhere = Get-KeyFact $Facts $place $false
    return Get-Reading $Facts $inRegistry $elsewhere (Test-SameFact $inRegistry $elsewhere)
}

function Get-KeyFact($Facts, $Place, $HasUpdates) {
    # A registry key, if updates are listed in the registry or are not.
    $listed = Get-ListedKey $Facts['Registry'] $Place
    if ((Test-State $listed 'present') -or (Test-State $listed 'error')) { return $listed }
    $owner = Get-Owner $Facts $Place $HasUpdates # when owned
    if ($null -ne $owner) { # when owned
        $isThere = Test-State $owner['Fact'] 'present'
        if ($isThere -and $owner['IsKey']) { return New-Fact 'present' $null }
        if (-not $isThere) { return $owner['Fact'] }
    }
    $held = Get-Held $Facts $Place $HasUpdates # when owned
    if (-not (Test-State $held 'absent')) { return $held } # when owned
    if (Test-State $listed 'unknown') { return $listed }
    return Get-Unlisted $Facts['Registry'] $Place
}

function Get-Owner($Facts, $Place, $HasUpdates) {
    # The service or update whose registry key this is, or lies in; nothing when there is none.
    $services = (Get-ServicesKey) + '\'
    $updates = (Get-UpdatesKey) + '\'
    if (Test-Prefix $Place $services) {
        $parts = $Place.Substring($services.Length).Split([char]'\')
        $fact = Get-ListedService $Facts $parts[0]
        return @{ Fact = $fact; IsUpdate = $false; IsKey = ($parts.Length -eq 1) }
    }
    if (-not $HasUpdates -or -not (Test-Prefix $Place $updates)) { return $null }
    $parts = $Place.Substring($updates.Length).Split([char]'\')
    return @{ Fact = (Get-UpdateKey $Facts $parts[0]); IsUpdate = $true; IsKey = ($parts.Length -eq 1) }
}

function Get-Held($Facts, $Place, $HasUpdates) {
    # Whether the key is there for a service or update in it.
    $services = (Get-ServicesKey) + '\'
    if (-not $Facts['Services']['Complete'] -and (Test-Prefix $services ($Place + '\'))) { return New-Fact 'unknown' $null }
    if ($HasUpdates -and (Test-Prefix ((Get-UpdatesKey) + '\') ($Place + '\'))) {
        if ($Facts['Updates']['Listed'].get_Count() -gt 0) { return New-Fact 'present' $null }
        return $Facts['Updates']['UnlistedKey']
    }
    return New-Fact 'absent' $null
}

function Get-RegistryValueFact($Facts, $Key, $View, $Name) {
    $place = Get-Place $Facts['Registry'] (Get-FoldedKey $Key) $View
    $inRegistry = Get-ValueFact $Facts $place $Name $true
    $elsewhere = Get-ValueFact $Facts $place $Name $false
    return Get-Reading $Facts $inRegistry $elsewhere (Test-SameRegistryFact $inRegistry $elsewhere)
}

function Get-ValueFact($Facts, $Place, $Name, $HasUpdates) {
    # A registry value, if updates are listed in the registry or are not.
    $listed = Get-ListedValue $Facts['Registry'] $Place $Name
    if ($null -ne $listed) { return $listed }
    if ((Test-Same $Place (Get-MachineKey)) -and (Test-OfMachine (ConvertTo-Lower $Name))) { return Get-UnlistedOfMachine $Facts } # when folders-backed
    $owner = Get-Owner $Facts $Place $HasUpdates # when owned
    if ($null -eq $owner) { return Get-Unlisted $Facts['Registry'] $Place } # when owned
    if (-not (Test-State $owner['Fact'] 'present')) { return $owner['Fact'] } # when owned
    $isMark = $owner['IsUpdate'] -and $owner['IsKey'] -and (Test-Same (ConvertTo-Lower $Name) 'installed') # when owned
    $isMark = $isMark -and (Test-State (Get-ListedKey $Facts['Registry'] $Place) 'absent') # when owned
    # What is left out of the registry may be another number.
    if ($isMark -and (Test-AllListed $Facts['Registry'] $Place)) { return New-Fact 'present' (New-RegistryValue 'dword' '1' @()) } # when owned
    return Get-Unlisted $Facts['Registry'] $Place
}
