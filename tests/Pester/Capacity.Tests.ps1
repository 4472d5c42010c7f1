#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.5.0' }
<#
.SYNOPSIS
    Set-HfRegionCapacity.
#>
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'BeforeAll sets what It reads.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Highflame.Dr.TestHost.ps1')
    $sandbox = Enter-TestSandbox
    $file = Get-Content -LiteralPath $sandbox.PairPath -Raw | ConvertFrom-Json -AsHashtable
    $file.capacity = @{
        regions = @(
            @{ location = 'westus'; active = @{ pools = @(@{ name = 'general'; min = 4; max = 6 }); gateway = @{ min = 3 } }; passive = @{ pools = @(@{ name = 'general'; running = $false }) } }
        )
    }
    $path = Join-Path (Split-Path -Parent $sandbox.PairPath) 'region-pair-capacity.json'
    $file | ConvertTo-Json -Depth 10 | Set-Content -LiteralPath $path
    $pair = Import-HfRegionPair -Path $path
}

AfterAll {
    Exit-TestSandbox -Sandbox $sandbox
}

Describe 'Set-HfRegionCapacity' {
    It 'gives the passive region its sizes, by parameter' {
        $change = Set-HfRegionCapacity -Pair $pair -Location westus -Confirm:$false
        $change.Role | Should -Be 'Passive'
        $change.Outcome | Should -Be 'Succeeded'
        $change.After | Should -BeLike '*stopped'
    }

    It 'shows before and after, and changes nothing' {
        $pair | Set-HfRegionCapacity -Location westus -Role Active -WhatIf | Should -BeNullOrEmpty
        (Set-HfRegionCapacity -Pair $pair -Location westus -Confirm:$false).Outcome | Should -Be 'NoChange'
    }

    It 'grows it again, from the pipeline' {
        $changes = $pair | Set-HfRegionCapacity -Location westus -Role Active -Confirm:$false
        $changes.Name | Should -Be 'general', 'highflame-prod-dr-aks-appgw'
        $changes.Outcome | Should -Be 'Succeeded', 'Succeeded'
        $changes[0].After | Should -Be '4 nodes, autoscaled 4 to 6'
    }

    It 'does what was asked for with -NoWait in the end' {
        $null = Set-HfRegionCapacity -Pair $pair -Location westus -Role Passive -NoWait -Confirm:$false | Where-Object Operation | Wait-HfOperation
        (Set-HfRegionCapacity -Pair $pair -Location westus -Confirm:$false).Outcome | Should -Be 'NoChange'
    }

    It 'takes only the parts that are asked for' {
        (Set-HfRegionCapacity -Pair $pair -Location westus -Role Active -Part Gateway -Confirm:$false).Part | Should -Be 'Gateway'
    }

    It 'refuses a region that the file says no sizes for' {
        { Set-HfRegionCapacity -Pair $pair -Location eastus -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'HfCapacityNotDeclared,Highflame.Dr.Commands.SetHfRegionCapacityCommand'
    }
}
