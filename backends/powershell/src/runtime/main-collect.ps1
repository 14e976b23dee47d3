# Prints the facts of this host.

$CaveatCode = 0
$CaveatLines = New-Object System.Collections.ArrayList
try {
    Expand-Table $CaveatTables # when escapes
    $CaveatHost = Get-LiveHost $CaveatTables ([bool]$MarkPartial)
    Write-Json $CaveatLines $CaveatHost '' '' ''
}
catch {
    [Console]::Error.WriteLine('caveat: ' + $_.Exception.Message)
    $CaveatLines.Clear()
    $CaveatCode = 2
}
$CaveatLines
exit $CaveatCode
