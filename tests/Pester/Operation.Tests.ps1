#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.5.0' }
<#
.SYNOPSIS
    Get-HfOperation and Wait-HfOperation. Replicas in the primary's own region serve as the long-running operations.
#>
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'BeforeAll sets what It reads.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Highflame.Dr.TestHost.ps1')
    $sandbox = Enter-TestSandbox
    $file = Get-SandboxFile -Sandbox $sandbox
    $east, $west = $file.regions
    $pair = Import-HfRegionPair -Path $sandbox.PairPath
}

AfterAll {
    Exit-TestSandbox -Sandbox $sandbox
}

Describe 'Get-HfOperation and Wait-HfOperation' {
    BeforeAll {
        $primary = Get-HfDbServer -Role Primary

        # -WhatIf of a new replica in the primary's region would also do: here each one is really built.
        function Get-NewReplica {
            param([string] $Name)
            New-HfReadReplica -Source $primary.Name -Location 'northeurope' -ResourceGroup $east.resourceGroup -ReplicaName $Name -NoWait -Confirm:$false
        }
    }

    It 'knows of no operation that nobody has begun' {
        { Get-HfOperation -Id 'no-such-operation' -ErrorAction Stop } | Should -Throw -ErrorId 'HfOperationNotFound,Highflame.Dr.Commands.GetHfOperationCommand'
        { Wait-HfOperation -Id 'no-such-operation' -ErrorAction Stop } | Should -Throw -ErrorId 'HfOperationNotFound,Highflame.Dr.Commands.WaitHfOperationCommand'
    }
}
