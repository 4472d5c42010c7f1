@{
    RootModule           = 'Highflame.Dr.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = 'a7f3c9d2-5b1e-4c86-9f0a-3d2e8b71c645'
    Author               = 'Highflame'
    CompanyName          = 'Highflame'
    Copyright            = '(c) 2026 The Highflame.Dr authors. MIT.'
    Description          = 'Fails an application over between two Azure regions (PostgreSQL flexible server, Traffic Manager, application gateways) with plans, journals and evidence, and rehearses it on a sandbox on this computer.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = @('Core')
    TypesToProcess       = @('Highflame.Dr.Types.ps1xml')
    FormatsToProcess     = @('Highflame.Dr.Format.ps1xml')
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()
    CmdletsToExport      = @(
        'Complete-HfFence'
        'Complete-HfRun'
        'Connect-HfAzure'
        'ConvertFrom-HfAlert'
        'Copy-HfDbSetting'
        'Disconnect-HfAzure'
        'Export-HfDrillReport'
        'Export-HfEvidence'
        'Export-HfLostWrite'
        'Export-HfRegionDocument'
        'Export-HfRegionSnapshot'
        'Export-HfTerraformImport'
        'Export-HfTerraformVariable'
        'Get-HfContext'
        'Get-HfDbServer'
        'Get-HfLostWrite'
        'Get-HfOperation'
        'Get-HfRegionPair'
        'Get-HfReplication'
        'Get-HfRun'
        'Get-HfSandboxLoad'
        'Get-HfTrafficEndpoint'
        'Get-HfTrafficProfile'
        'Get-HfVirtualEndpoint'
        'Import-HfRegionPair'
        'Invoke-HfDbFailover'
        'Invoke-HfSandboxFault'
        'Lock-HfResource'
        'New-HfReadReplica'
        'New-HfRegion'
        'New-HfVirtualEndpoint'
        'Register-HfAlert'
        'Set-HfDbBinding'
        'Set-HfRegionCapacity'
        'Set-HfTag'
        'Set-HfTrafficEndpoint'
        'Set-HfTrafficProfile'
        'Set-HfVirtualEndpoint'
        'Start-HfRun'
        'Start-HfSandbox'
        'Start-HfSandboxLoad'
        'Stop-HfSandbox'
        'Stop-HfSandboxLoad'
        'Sync-HfSecret'
        'Test-HfEvidence'
        'Test-HfHealth'
        'Test-HfParity'
        'Test-HfReadiness'
        'Test-HfRegionSupport'
        'Test-HfTrafficRoute'
        'Test-HfWriter'
        'Unlock-HfResource'
        'Wait-HfOperation'
        'Watch-HfRegionPair'
    )
    PrivateData          = @{
        PSData = @{
            Tags       = @('Azure', 'DisasterRecovery', 'Failover', 'PostgreSQL', 'TrafficManager', 'Rehearsal', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
            LicenseUri = 'https://opensource.org/license/mit'
        }
    }
}
