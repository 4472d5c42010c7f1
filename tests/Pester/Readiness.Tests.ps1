#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.5.0' }
<#
.SYNOPSIS
    Test-HfReadiness, ConvertFrom-HfAlert and Register-HfAlert.
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

Describe 'Test-HfReadiness -NewOnly' {
    It 'tells a refusal once, and again after it had gone' {
        $null = Test-HfReadiness -Pair $pair -To westus -NewOnly
        foreach ($time in 1..2) {
            $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault ReplayPaused -Server highflame-prod-dr-postgres
            try {
                (Test-HfReadiness -Pair $pair -To westus -NewOnly).Code | Should -Contain 'HfReplayPaused'
                Test-HfReadiness -Pair $pair -To westus -NewOnly | Should -BeNullOrEmpty
            }
            finally {
                $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault ReplayResumed -Server highflame-prod-dr-postgres
            }
            Test-HfReadiness -Pair $pair -To westus -NewOnly | Should -BeNullOrEmpty
        }
    }
}

Describe 'Alerts' {
    BeforeAll {
        $body = '{"data":{"essentials":{"alertId":"/subscriptions/s/providers/Microsoft.AlertsManagement/alerts/1","alertRule":"rule","monitorCondition":"Fired"}}}'
        $mangled = "{WebhookName:alerts,RequestBody:$body,RequestHeader:{Host:x}}"
    }

    It 'reads what a PowerShell 7 runbook is handed' {
        $alert = ConvertFrom-HfAlert -InputObject $mangled
        $alert.Condition | Should -Be 'Fired'
        $alert.Mended | Should -Be $true
    }

    It 'refuses what is no alert' {
        { ConvertFrom-HfAlert -InputObject 'nothing' -ErrorAction Stop } | Should -Throw -ErrorId 'HfAlertMalformed,Highflame.Dr.Commands.ConvertFromHfAlertCommand'
    }

    It 'acts on an alert once' {
        $alert = ConvertFrom-HfAlert -InputObject $body
        $first = $alert | Register-HfAlert -Pair $pair
        $first.Act | Should -Be $true
        $first.To | Should -Be 'westus'
        (Register-HfAlert -Alert $alert -Pair $pair -Outcome Succeeded).Act | Should -Be $false
        (Register-HfAlert -Alert $alert -Pair $pair).Act | Should -Be $false
    }
}
