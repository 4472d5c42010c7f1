#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.5.0' }
<#
.SYNOPSIS
    Test-HfReadiness.
#>
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'BeforeAll sets what It reads.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Highflame.Dr.TestHost.ps1')
    $sandbox = Enter-TestSandbox
    $pair = Import-HfRegionPair -Path $sandbox.PairPath
}

AfterAll {
    Exit-TestSandbox -Sandbox $sandbox
}

Describe 'Test-HfReadiness' {
    It 'refuses nothing of a healthy pair and ends with its summary' {
        $findings = Test-HfReadiness -Pair $pair -To westus -Mode Planned
        $findings | Where-Object Severity -EQ Refusal | Should -BeNullOrEmpty
        $findings[-1].Code | Should -Be 'HfReadinessSummary'
        Test-HfReadiness -Pair $pair -To westus -Quiet | Should -Be $true
    }

    It 'takes a pair from the pipeline' {
        ($pair | Test-HfReadiness -To 'West US')[-1].Resource | Should -Be $pair.Name
    }

    It 'tells what the users'' environment is known for' {
        (Test-HfReadiness -Pair $pair -To westus | Where-Object Severity -EQ Warning).Code | Should -Be @('HfTrafficNeverFailsOver', 'HfTrafficMonitorPath')
    }

    It 'skips what needs the lost region in forced mode, and says so' {
        Test-HfReadiness -Pair $pair -To westus -Mode Forced | Where-Object Severity -EQ Skipped | Should -Not -BeNullOrEmpty
    }

    It 'finds <Code>' -ForEach @(
        @{ Code = 'HfReplayPaused'; On = 'ReplayPaused'; Off = 'ReplayResumed'; At = @{ Server = 'highflame-prod-dr-postgres' } }
        @{ Code = 'HfReplicationBroken'; On = 'ReplicationBroken'; Off = 'ReplicationRepaired'; At = @{ Server = 'highflame-prod-dr-postgres' } }
        @{ Code = 'HfCertificateExpired'; On = 'CertificateExpired'; Off = 'CertificateRenewed'; At = @{ Region = 'westus' } }
    ) {
        $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault $On @At
        try {
            $refusal = Test-HfReadiness -Pair $pair -To westus | Where-Object Severity -EQ Refusal
            $refusal.Code | Should -Be $Code
            $refusal.Remedy | Should -Not -BeNullOrEmpty
            Test-HfReadiness -Pair $pair -To westus -Quiet | Should -Be $false
        }
        finally {
            $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault $Off @At
        }
    }
}
