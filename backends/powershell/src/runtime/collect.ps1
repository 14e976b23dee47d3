# Facts of this machine, in the shape of a host file: what the tests of the rules ask for, and no more. It only reads.
# What cannot be read makes its entry partial, so that a rule finds it unknown, and never absent; all else stays known.
# Everything is listed in one order, so that two runs on one machine say the same.

function Test-Windows {
    return [string][Environment]::OSVersion.Platform -ceq 'Win32NT'
}

function Get-LiveHost($Tables, $MarkPartial) {
    if (-not (Test-Windows)) { throw 'this host is no Windows, and has none of the facts' }
    $live = @{
        Open = (New-Set); Entries = (New-Set); Variables = (New-Set); States = $null; Updates = $null; Version = $null
        Files = (New-JsonArray); ServiceList = (New-JsonArray); Hotfixes = (New-Set); Environment = (New-JsonObject)
    }
    $os = Get-LiveOs $live $Tables
    [void](Get-LiveVariable $live 'systemroot')
    $files = New-Set
    $services = New-Set
    $updates = New-Set
    # Whatever goes wrong with one of them leaves that one open, and the others are read.
    foreach ($test in $Tables['Tests']) {
        if ($test.ContainsKey('Path')) { Add-LiveFileDemand $live $files $test }
        elseif ($test['Kind'] -ceq 'registry-key') { Add-LiveKey $live $test['Key'] $test['View'] } # when registry-key
        elseif ($test['Kind'] -ceq 'registry-value') { Add-LiveValue $live $test['Key'] $test['View'] $test['Name'] } # when registry-value
        elseif ($test['Kind'] -ceq 'service') { Add-LiveDemand $services $test['Name'] $test['Check'] } # when service
        elseif ($test['Kind'] -ceq 'hotfix') { $updates[$test['Kb']] = $true } # when hotfix
    }
    foreach ($path in @(Get-Sorted $files)) { Add-LiveFile $live $files[$path]['Name'] $files[$path]['Wanted'] } # when file
    foreach ($name in @(Get-Sorted $services)) { # when service
        try { Add-LiveService $live $services[$name]['Name'] $services[$name]['Wanted'] }
        catch { Set-LivePartial $live ((Get-ServicesKey) + '\' + $name) '' }
    }
    try { # when hotfix
        foreach ($kb in @(Get-Sorted $updates)) { Add-LiveUpdate $live $kb }
    }
    catch { $live['Open']['hotfixes'] = $true } # when hotfix
    if ($MarkPartial) {
        foreach ($kind in @('environment', 'files', 'registry', 'services', 'hotfixes')) { $live['Open'][$kind] = $true }
    }
    return Get-LiveDocument $live $os
}

function Get-LiveDocument($Live, $Os) {
    $document = New-JsonObject
    Add-Field $document 'schema' 'caveat/host/v1'
    Add-Field $document 'name' ([string][Environment]::MachineName)
    Add-Field $document 'os' $Os
    Add-Field $document 'environment' $Live['Environment']
    Add-Field $document 'files' $Live['Files']
    Add-Field $document 'registry' (Get-LiveRegistry $Live)
    Add-Field $document 'services' $Live['ServiceList']
    Add-Field $document 'hotfixes' (Get-TextArray @(Get-Sorted $Live['Hotfixes']))
    $partial = New-JsonArray
    foreach ($kind in @('os', 'environment', 'files', 'registry', 'services', 'hotfixes')) {
        if ($Live['Open'].ContainsKey($kind)) { Add-Item $partial $kind }
    }
    Add-Field $document 'partial' $partial
    return $document
}

function Get-LiveRegistry($Live) {
    $registry = New-JsonArray
    foreach ($mark in @(Get-Sorted $Live['Entries'])) {
        $entry = $Live['Entries'][$mark]
        $json = New-JsonObject
        Add-Field $json 'key' $entry['Key']
        if ($entry['Is32']) { Add-Field $json 'view' '32' }
        $values = New-JsonObject
        foreach ($name in @(Get-Sorted $entry['Values'])) { Add-Field $values $entry['Values'][$name]['Name'] $entry['Values'][$name]['Data'] }
        Add-Field $json 'values' $values
        if ($entry['Partial']) { Add-Field $json 'partial' $true }
        Add-Item $registry $json
    }
    return $registry
}

function Add-LiveDemand($Demands, $Name, $Wanted) {
    # What is asked of a file or service, each once whatever its case.
    $folded = ConvertTo-Lower $Name
    if (-not $Demands.ContainsKey($folded)) { $Demands[$folded] = @{ Name = $Name; Wanted = (New-Set) } }
    if ($null -ne $Wanted) { $Demands[$folded]['Wanted'][$Wanted] = $true }
}

function Add-LiveFileDemand($Live, $Demands, $Test) {
    # One file may have several names in rules: what they ask goes into one record, under the name without variables.
    $path = Get-LivePath $Live $Test['Path']
    if ($null -ne $path) { Add-LiveDemand $Demands $path $Test['Algorithm'] }
}

function Test-Wow64 {
    # Whether this is a 32-bit PowerShell on a 64-bit Windows.
    return ([IntPtr]::Size -eq 4 -and ([string][Environment]::GetEnvironmentVariable('PROCESSOR_ARCHITEW6432')).Length -gt 0)
}

function Open-LiveBase($Hive, $View) {
    # The root of a hive in a view. Only .NET 4 opens the other view by name.
    $names = @{ hklm = 'LocalMachine'; hkcr = 'ClassesRoot'; hkcu = 'CurrentUser'; hku = 'Users'; hkcc = 'CurrentConfig' }
    return [Microsoft.Win32.RegistryKey]::OpenBaseKey($names[$Hive], $View)
}

function Get-LiveRoot($Hive) {
    # The root of a hive as this process sees it.
    if ($Hive -ceq 'hklm') { return [Microsoft.Win32.Registry]::LocalMachine }
    if ($Hive -ceq 'hkcr') { return [Microsoft.Win32.Registry]::ClassesRoot }
    if ($Hive -ceq 'hkcu') { return [Microsoft.Win32.Registry]::CurrentUser }
    if ($Hive -ceq 'hku') { return [Microsoft.Win32.Registry]::Users }
    return [Microsoft.Win32.Registry]::CurrentConfig
}

function Set-LivePartial($Live, $Folded, $View) {
    # A key that cannot be read leaves open whether it is there, and what its values are.
    $entry = Get-LiveEntry $Live $Folded $View
    $entry['Partial'] = $true
}

function Test-LivePartial($Live, $Folded) {
    # Whether a key of the machine's own view could not be read.
    $mark = Get-LiveMark $Folded $false
    return ($Live['Entries'].ContainsKey($mark) -and $Live['Entries'][$mark]['Partial'])
}

function Open-LiveKey($Live, $Folded, $View) {
    # The key, or nothing.
    $is32 = Test-Same ([string]$View) '32'
    $path = $Folded
    $cut = $Folded.IndexOf([char]'\')
    $hive = $Folded.Substring(0, $cut)
    try {
        if ([IntPtr]::Size -eq 4 -and -not (Test-Wow64)) { $root = Get-LiveRoot $hive }
        elseif ($null -ne [Microsoft.Win32.RegistryKey].Assembly.GetType('Microsoft.Win32.RegistryView')) {
            $bits = 'Registry64'
            if ($is32) { $bits = 'Registry32' }
            $root = Open-LiveBase $hive $bits
        }
        else {
            $root = Get-LiveRoot $hive
            $redirected = Get-Redirected $Folded
            if (-not (Test-Wow64)) {
                if ($is32) { $path = $redirected }
            }
            elseif (-not $is32 -and -not (Test-Same $redirected $Folded)) {
                Set-LivePartial $Live $Folded $View
                return $null
            }
        }
        return $root.OpenSubKey($path.Substring($cut + 1))
    }
    catch {
        Set-LivePartial $Live $Folded $View
        return $null
    }
}

function Get-LiveMark($Key, $Is32) {
    if ($Is32) { return (Get-FoldedKey $Key) + '|32' }
    return (Get-FoldedKey $Key) + '|'
}

function Get-LiveEntry($Live, $Key, $View) {
    # What is known of a key in a view, under one name whatever it is called.
    $is32 = Test-Same ([string]$View) '32'
    $mark = Get-LiveMark $Key $is32
    if (-not $Live['Entries'].ContainsKey($mark)) { $Live['Entries'][$mark] = @{ Key = $Key; Is32 = $is32; Values = (New-Set); Partial = $false } }
    return $Live['Entries'][$mark]
}

function Add-LiveKey($Live, $Key, $View) {
    $opened = Open-LiveKey $Live (Get-FoldedKey $Key) $View
    if ($null -eq $opened) { return }
    $opened.Close()
    [void](Get-LiveEntry $Live $Key $View)
}

function Add-LiveValue($Live, $Key, $View, $Name) {
    $data = Get-LiveValue $Live $Key $View $Name
    if ($null -eq $data) { return }
    $entry = Get-LiveEntry $Live $Key $View
    $folded = ConvertTo-Lower $Name
    if (-not $entry['Values'].ContainsKey($folded)) { $entry['Values'][$folded] = @{ Name = $Name; Data = $data } }
}

function Get-LiveValue($Live, $Key, $View, $Name) {
    # A value as a host file has it, or nothing.
    $opened = Open-LiveKey $Live (Get-FoldedKey $Key) $View
    if ($null -eq $opened) { return $null }
    try { return Get-LiveData $opened $Name }
    catch {
        Set-LivePartial $Live $Key $View
        return $null
    }
    finally { $opened.Close() }
}

function New-LiveData($Type, $Data) {
    $json = New-JsonObject
    Add-Field $json 'type' $Type
    Add-Field $json 'data' $Data
    return $json
}

function Get-LiveData($Opened, $Name) {
    $value = $Opened.GetValue($Name, $null, [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames)
    if ($null -eq $value) {
        # .NET tells no data of links and the like, though they are there.
        foreach ($listed in $Opened.GetValueNames()) {
            if (Test-Same (ConvertTo-Lower $listed) (ConvertTo-Lower $Name)) { throw 'the data of a registry value is not told' }
        }
        return $null
    }
    $kind = [string]$Opened.GetValueKind($Name)
    if ($kind -ceq 'String') { return New-LiveData 'reg_sz' ([string]$value) }
    if ($kind -ceq 'ExpandString') { return New-LiveData 'reg_expand_sz' ([string]$value) }
    if ($kind -ceq 'MultiString') { return New-LiveData 'reg_multi_sz' (Get-TextArray $value) }
    if ($kind -ceq 'DWord') {
        $number = [BitConverter]::ToUInt32([BitConverter]::GetBytes([int]$value), 0)
        return New-LiveData 'reg_dword' ([long]$number)
    }
    if ($kind -ceq 'QWord') {
        $number = [BitConverter]::ToUInt64([BitConverter]::GetBytes([long]$value), 0)
        return New-LiveData 'reg_qword' ([string]$number)
    }
    if (-not ($value -is [byte[]])) { throw 'the type of a registry value is not known' }
    if ($kind -ceq 'Binary') { return New-LiveData 'reg_binary' (Get-Hex $value) }
    if ($kind -ceq 'None') { return New-LiveData 'reg_none' (Get-Hex $value) }
    # The one type without a name of which .NET tells the bytes.
    if (-not ($kind -ceq 'Unknown') -or $value.Length -ne 4) { throw 'the type of a registry value is not known' }
    $number = [Convert]::ToUInt32((Get-Hex $value), 16)
    return New-LiveData 'reg_dword_big_endian' ([long]$number)
}

function Get-Hex($Bytes) {
    return [BitConverter]::ToString($Bytes).Replace('-', '').ToLowerInvariant()
}

function Get-LiveOs($Live, $Tables) {
    # Facts of the operating system go into the registry part; where that cannot be read, CIM or WMI tells most.
    $places = Get-SystemPlaces
    foreach ($name in @(Get-Sorted $places)) { Add-LiveValue $Live $places[$name]['Key'] '' $places[$name]['Name'] }
    $os = New-JsonObject
    $listed = Get-LiveValue $Live $places['Version']['Key'] '' $places['Version']['Name']
    if ($null -ne $listed) {
        $Live['Version'] = [string]$listed['Fields'][1]['Value']
        return $os
    }
    try {
        $system = Get-LiveInstance 'Win32_OperatingSystem'
        $parts = ([string]$system.Version).Split([char]'.')
        $Live['Version'] = $parts[0] + '.' + $parts[1]
        Add-Field $os 'version' $Live['Version']
        Add-Field $os 'build' ([string]$system.BuildNumber)
        Add-Field $os 'service_pack' ([string]$system.ServicePackMajorVersion)
        $types = @('', 'workstation', 'domain-controller', 'server')
        Add-LiveOnce $Live $os $places 'ProductType' 'product_type' $types[[int]$system.ProductType]
        foreach ($language in $Tables['Languages']) { # when languages
            if (Test-Same $language['Id'] (([int]$system.OSLanguage).ToString('x4'))) {
                Add-LiveOnce $Live $os $places 'Language' 'language' $language['Tag']
            }
        }
    }
    catch {
        $Live['Open']['os'] = $true
        return New-JsonObject
    }
    return $os
}

function Add-LiveOnce($Live, $Os, $Places, $Place, $Field, $Text) {
    # A fact that CIM tells, unless the registry does.
    $listed = Get-LiveValue $Live $Places[$Place]['Key'] '' $Places[$Place]['Name']
    if ($null -eq $listed) { Add-Field $Os $Field $Text }
}

function Get-LiveInstance($Class) {
    if ($null -ne (Get-Command 'Get-CimInstance' -ErrorAction SilentlyContinue)) { return Get-CimInstance $Class }
    return Get-WmiObject $Class
}

function Get-LiveVariable($Live, $Name) {
    # A variable by its folded name, or nothing. In a 32-bit process some of them name other folders than the
    # machine's own, so the registry comes first.
    if ($Live['Variables'].ContainsKey($Name)) { return $Live['Variables'][$Name] }
    if (Test-OfMachine $Name) {
        $Live['Variables'][$Name] = Get-LiveMachineVariable $Live $Name
        return $Live['Variables'][$Name]
    }
    $value = [Environment]::GetEnvironmentVariable($Name)
    foreach ($folder in @(Get-Folders)) {
        if ((Test-Same $folder['Variable'] $Name) -and -not (Test-Listed @('systemroot', 'systemdrive') $Name)) {
            $data = Get-LiveValue $Live $folder['Key'] '' $folder['Name']
            $beginnings = @()
            if ($folder.ContainsKey('OnDrive')) { $beginnings = @('systemdrive') }
            if ($null -ne $data) { $value = Get-LiveFolder $Live ([string]$data['Fields'][1]['Value']) $beginnings }
            elseif (Test-Wow64) { $value = $null }
        }
    }
    $Live['Variables'][$Name] = $value
    if ($null -ne $value) { Add-Sorted $Live['Environment']['Fields'] @{ Name = $Name; Value = $value } }
    return $value
}

function Get-LiveFolder($Live, $Text, $Beginnings) {
    # A stored folder, which may begin with one of these variables; nothing when it begins with any other.
    $parts = Split-Variable $Text
    if ($null -eq $parts) { return $Text }
    if (-not (Test-Listed $Beginnings $parts['Name'])) { return $null }
    $root = Get-LiveVariable $Live $parts['Name']
    if ($null -eq $root) { return $null }
    return $root.TrimEnd([char]'\') + $parts['Rest']
}

function Get-LiveMachineVariable($Live, $Name) {
    # A variable of the machine as a path may begin with it, or nothing. The registry says what it is for all processes,
    # so that is where the document has it.
    Add-LiveValue $Live (Get-MachineKey) '' $Name
    $data = Get-LiveValue $Live (Get-MachineKey) '' $Name
    if ($null -eq $data) { return $null }
    $value = $data['Fields'][1]['Value']
    if (-not ($value -is [string])) { return $null }
    $kind = $data['Fields'][0]['Value']
    if ($kind -ceq 'reg_expand_sz') { $value = Get-LiveFolder $Live $value @('systemroot', 'systemdrive', 'programfiles', 'programfiles(x86)') }
    elseif (-not ($kind -ceq 'reg_sz')) { return $null }
    if ($null -eq $value) { return $null }
    if (-not (Test-Place $value)) { return $null }
    return $value
}

function Get-LivePath($Live, $Path) {
    # The path without variables, or nothing.
    if (-not (Test-Prefix $Path '%')) { return $Path }
    $end = $Path.IndexOf([char]'%', 1)
    $root = Get-LiveVariable $Live (Get-FoldedVariable ($Path.Substring(1, $end - 1)))
    if ($null -eq $root) { return $null }
    return $root.TrimEnd([char]'\') + $Path.Substring($end + 1)
}

function Get-LiveRealPath($Live, $Path) {
    # Where a 32-bit process finds the machine's own System32; nothing when it cannot.
    $root = Get-LiveVariable $Live 'systemroot'
    if (-not (Test-Wow64) -or $null -eq $root) { return $Path }
    $root = $root.TrimEnd([char]'\')
    if (-not (Test-Prefix (ConvertTo-Lower $Path) (ConvertTo-Lower ($root + '\System32\')))) { return $Path }
    if (-not [System.IO.Directory]::Exists(($root + '\Sysnative'))) { return $null }
    return $root + '\Sysnative' + $Path.Substring($root.Length + 9)
}

function Test-LiveFile($Path) {
    # Whether a file is there; nothing where nobody can say. `File.Exists` would take one that must not be looked at for
    # one that is not there.
    if ($null -eq $Path) { return $null }
    try {
        $attributes = [int][System.IO.File]::GetAttributes($Path)
        return (($attributes -band 16) -eq 0)
    }
    catch {
        $problem = $_.Exception
        while ($null -ne $problem.InnerException) { $problem = $problem.InnerException }
        $gone = $problem -is [System.IO.FileNotFoundException] -or $problem -is [System.IO.DirectoryNotFoundException]
        if ($gone) { return $false }
        return $null
    }
}

function Add-LiveFile($Live, $Path, $Digests) {
    # Each fact by itself: what one program locks, another lets be looked at. A size or digest that is left out is unknown.
    $file = New-JsonObject
    Add-Field $file 'path' $Path
    $isPartial = $false
    $real = Get-LiveRealPath $Live $Path
    $isThere = Test-LiveFile $real
    if ($null -eq $isThere) { $isPartial = $true }
    elseif (-not $isThere) { return }
    else {
        try {
            $version = Get-LiveVersion $real
            if ($null -ne $version) { Add-Field $file 'version' $version }
        }
        catch { $isPartial = $true }
        foreach ($fact in @('size') + @(Get-Sorted $Digests)) {
            try { Add-Field $file $fact (Get-LiveFilePart $real $fact) }
            catch { Write-Verbose ($Path + ': ' + $_.Exception.Message) }
        }
    }
    if ($isPartial) { Add-Field $file 'partial' $true }
    Add-Item $Live['Files'] $file
}

function Get-LiveFilePart($Path, $Part) {
    if ($Part -ceq 'size') { return Get-LiveSize $Path }
    return Get-LiveDigest $Path $Part
}

function Get-LiveSize($Path) {
    $info = New-Object System.IO.FileInfo -ArgumentList $Path
    return [string]$info.Length
}

function Get-LiveVersion($Path) {
    # The four numbers of the fixed version; the text beside them may say anything. Nothing without a resource.
    $info = [System.Diagnostics.FileVersionInfo]::GetVersionInfo($Path)
    $version = [string]$info.FileMajorPart + '.' + [string]$info.FileMinorPart + '.' + [string]$info.FileBuildPart + '.' + [string]$info.FilePrivatePart
    $texts = [string]$info.FileVersion + [string]$info.ProductVersion + [string]$info.CompanyName + [string]$info.FileDescription
    if ($texts.Length -gt 0 -or -not (Test-Same $version '0.0.0.0')) { return $version }
    # .NET says the same of a file that it cannot read: opening it tells the two apart.
    (Open-LiveFile $Path).Close()
    return $null
}

function Open-LiveFile($Path) {
    return [System.IO.File]::Open($Path, [System.IO.FileMode]::Open, [System.IO.FileAccess]::Read, [System.IO.FileShare]::ReadWrite)
}

function Get-LiveDigest($Path, $Algorithm) {
    $stream = Open-LiveFile $Path
    try {
        if ($Algorithm -ceq 'md5') { $hash = [System.Security.Cryptography.MD5]::Create() }
        elseif ($Algorithm -ceq 'sha1') { $hash = [System.Security.Cryptography.SHA1]::Create() }
        else { $hash = [System.Security.Cryptography.SHA256]::Create() }
        return Get-Hex ($hash.ComputeHash($stream))
    }
    finally { $stream.Close() }
}

function Add-LiveService($Live, $Name, $Checks) {
    # The key alone makes the service. What is no start type goes into the registry part, where readers see what is wrong.
    $key = (Get-ServicesKey) + '\' + $Name
    $data = Get-LiveValue $Live $key '' 'Start'
    if ($null -eq $data) {
        Add-LiveKey $Live $key ''
        return
    }
    $service = New-JsonObject
    Add-Field $service 'name' $Name
    $types = Get-StartTypes
    $number = [string]$data['Fields'][1]['Value']
    if ($data['Fields'][0]['Value'] -ceq 'reg_dword' -and [regex]::IsMatch($number, '\A[0-4]\z')) { Add-Field $service 'start' $types[[int]$number] }
    else { Add-LiveValue $Live $key '' 'Start' }
    if ($Checks.ContainsKey('running') -or $Checks.ContainsKey('stopped')) { # when running, stopped
        $state = Get-LiveState $Live (ConvertTo-Lower $Name)
        if ($null -ne $state) { Add-Field $service 'state' $state }
    }
    Add-Item $Live['ServiceList'] $service
}

function Get-LiveState($Live, $Folded) {
    # Running, stopped, or nothing for a state in between and for what cannot be asked.
    if ($null -eq $Live['States']) { $Live['States'] = Get-LiveStates }
    $status = $Live['States'][$Folded]
    if ($null -eq $status) { return $null }
    if ($status -ceq 'Running') { return 'running' }
    if ($status -ceq 'Stopped') { return 'stopped' }
    return $null
}

function Get-LiveStates {
    # The states of all services by name; none of them where nobody can be asked.
    $states = New-Set
    try {
        foreach ($service in @(Get-Service -ErrorAction SilentlyContinue)) { $states[(ConvertTo-Lower $service.Name)] = [string]$service.Status }
    }
    catch { return New-Set }
    return $states
}

function Add-LiveUpdate($Live, $Kb) {
    if ($null -eq $Live['Updates']) { $Live['Updates'] = Get-LiveUpdates $Live }
    foreach ($name in @($Live['Updates'].get_Keys())) {
        if (Test-UpdateName $name $Kb) { $Live['Hotfixes'][$name] = $true }
    }
}

function Get-LiveUpdates($Live) {
    # The set of the names that Windows lists updates under. Without a version nobody knows where to look.
    if ($null -eq $Live['Version']) {
        $Live['Open']['hotfixes'] = $true
        return New-Set
    }
    if (Test-Old $Live['Version']) { return Get-LiveSubkeys $Live (Get-UpdatesKey) }
    return Get-LiveQuickFixes $Live
}

function Get-LiveSubkeys($Live, $Folded) {
    # The set of the names of the keys directly below.
    $names = New-Set
    $opened = Open-LiveKey $Live $Folded ''
    if ($null -eq $opened) {
        if (Test-LivePartial $Live $Folded) { $Live['Open']['hotfixes'] = $true }
        return $names
    }
    try {
        foreach ($name in @($opened.GetSubKeyNames())) { $names[$name] = $true }
    }
    catch { $Live['Open']['hotfixes'] = $true }
    finally { $opened.Close() }
    return $names
}

function Get-LiveQuickFixes($Live) {
    # The set of the ids of updates.
    $names = New-Set
    try {
        foreach ($update in @(Get-LiveInstance 'Win32_QuickFixEngineering')) { $names[[string]$update.HotFixID] = $true }
    }
    catch { $Live['Open']['hotfixes'] = $true }
    return $names
}
