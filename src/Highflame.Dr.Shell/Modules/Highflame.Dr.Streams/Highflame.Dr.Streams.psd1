# The commands that write to PowerShell's streams, for sessions that a script opens itself (ForEach-Object -Parallel): the shell's own session has them already.
@{
    RootModule        = '../../Highflame.Dr.Shell.dll'
    ModuleVersion     = '1.0.0'
    GUID              = '5f8a4c0e-8a0e-4c1b-9a55-0d8d1d7c2b60'
    Author            = 'Highflame'
    Description       = 'Write-Output, Write-Verbose and their like where Microsoft.PowerShell.Utility is not installed.'
    CmdletsToExport   = @('Write-Output', 'Write-Verbose', 'Write-Warning', 'Write-Error', 'Write-Information', 'Write-Host', 'Write-Progress')
    FunctionsToExport = @()
    AliasesToExport   = @()
    VariablesToExport = @()
}
