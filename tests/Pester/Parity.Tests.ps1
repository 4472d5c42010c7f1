#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.5.0' }
<#
.SYNOPSIS
    Test-HfParity, Export-HfRegionSnapshot, Sync-HfSecret and Set-HfTag.
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

Describe 'Test-HfParity' {
    It 'finds what the users know of their environment' {
        $drifts = Test-HfParity -Pair $pair
        $drifts | Where-Object Kind -EQ 'Overlap' | Should -HaveCount 1
        ($drifts | Where-Object Property -EQ 'publicNetworkAccess').Severity | Should -Be 'BreaksApplication'
    }

    It 'answers true or false' {
        Test-HfParity -Pair $pair -Quiet | Should -Be $false
        Test-HfParity -Pair $pair -MinimumSeverity BlocksFailover -Quiet | Should -Be $true
    }

    It 'compares a region with its own snapshot' {
        $file = Export-HfRegionSnapshot eastus -Path (Join-Path $TestDrive 'eastus.json') -Pair $pair
        Test-HfParity -Pair $pair -Reference $file.Path -Difference eastus -Skip Fitness, AddressOverlap -Quiet -WarningAction Ignore | Should -Be $true
    }

    It 'says that a side is neither a region nor a file' {
        { Test-HfParity -Pair $pair -Difference 'mars' -ErrorAction Stop } | Should -Throw -ErrorId 'HfSnapshotNotFound,Highflame.Dr.Commands.TestHfParityCommand'
    }
}

Describe 'Sync-HfSecret' {
    It 'copies what is empty, and nothing else' {
        $null = Invoke-HfSandboxFault SecretsEmpty -Region westus
        $copied = Test-HfParity -Pair $pair | Sync-HfSecret -Confirm:$false
        $copied.Name | Should -Contain 'password'
        $copied.Outcome | Sort-Object -Unique | Should -Be 'Succeeded'
        Sync-HfSecret -Pair $pair -From eastus -Confirm:$false | Should -BeNullOrEmpty
    }
}

Describe 'Set-HfTag' {
    It 'changes nothing under -WhatIf' {
        Set-HfTag -Pair $pair -WhatIf -WarningAction Ignore | Should -BeNullOrEmpty
    }

    It 'merges the tags once' {
        $changed = Set-HfTag -Pair $pair -Tag @{ 'dr-owner' = 'platform'; 'dr-tier' = '1' } -Confirm:$false
        $changed.Outcome | Sort-Object -Unique | Should -Be 'Succeeded'
        Set-HfTag -Pair $pair -Tag @{ 'dr-owner' = 'platform'; 'dr-tier' = '1' } -Confirm:$false | Should -BeNullOrEmpty
    }
}
