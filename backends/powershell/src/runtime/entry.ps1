# The statements of a script that judges.

$CaveatRun = Invoke-Rules $CaveatTables @{
    AsJson = $AsJson; PerVulnerability = $PerVulnerability; FactsPath = [string]$FactsPath; Bulletin = $Bulletin
    ExitMode = $ExitMode; FailOn = $FailOn
}
# Not on the error stream, where programs that deploy scripts take any line for a failure.
foreach ($CaveatProblem in $CaveatRun['Problems']) { Write-Verbose $CaveatProblem }
if ($null -ne $CaveatRun['Error']) { [Console]::Error.WriteLine($CaveatRun['Error']) }
$CaveatRun['Lines']
# The last line is all that some programs show. It is none of the objects.
if ($null -ne $CaveatRun['Summary']) { Write-Host $CaveatRun['Summary'] }
exit $CaveatRun['Code']
