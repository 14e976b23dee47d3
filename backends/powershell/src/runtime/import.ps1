# Stands in for the code in a script that has it in a module beside it.

function Invoke-Rules($Tables, $Asked) {
    try {
        # 2.0 does not know $PSScriptRoot.
        $folder = Split-Path -Parent $script:MyInvocation.MyCommand.Path
        $module = Import-Module (Join-Path $folder 'Caveat.psm1') -PassThru -ErrorAction Stop
        $mark = & $module { $CaveatMark }
        if (-not ($mark -ceq 'MARK')) { throw 'Caveat.psm1 is of another build than this script: deploy both together' }
        return (& $module { param($Tables, $Asked) Invoke-Rules $Tables $Asked } $Tables $Asked)
    }
    catch { return @{ Lines = @(); Code = 2; Problems = @(); Error = ('caveat: ' + $_.Exception.Message); Summary = $null } }
}
