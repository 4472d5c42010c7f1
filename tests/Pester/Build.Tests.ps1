#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.5.0' }
<#
.SYNOPSIS
    New-HfRegion, Test-HfRegionSupport, Export-HfTerraformVariable and Export-HfTerraformImport.
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

Describe 'Test-HfRegionSupport' {
    It 'finds everything in both locations' {
        Test-HfRegionSupport -Pair $pair -Quiet | Should -BeTrue
    }

    It 'judges another location as the second region would be' {
        $pair | Test-HfRegionSupport -Location eastus, northeurope | Where-Object Service -EQ 'Geography' | Where-Object Verdict -EQ 'Advised' | Should -Not -BeNullOrEmpty
    }

    It 'refuses a location that Azure does not have' {
        { Test-HfRegionSupport -Pair $pair -Location atlantis -ErrorAction Stop } | Should -Throw -ErrorId 'HfLocationUnknown,*'
    }
}

Describe 'New-HfRegion' {
    It 'shows what Azure would change, and changes nothing' {
        $changes = New-HfRegion -Pair $pair -Location westus -WhatIf
        $changes | Where-Object Name -EQ 'highflame-prod-dr-vnet' | Should -Not -BeNullOrEmpty
        $changes | Where-Object Type -EQ 'Microsoft.DBforPostgreSQL/flexibleServers' | Where-Object Change -In 'Create', 'Modify', 'Delete' | Should -BeNullOrEmpty
    }

    It 'refuses a location that is not the pair''s' {
        { New-HfRegion -Pair $pair -Location northeurope -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'HfLocationNotInPair,*'
    }
}

Describe 'Export-HfTerraformVariable' {
    It 'writes the variables of the other region' {
        $path = Join-Path $TestDrive 'env.auto.tfvars'
        $file = Export-HfTerraformVariable -Pair $pair -Location westus -Path $path
        $file.Source | Should -Be 'eastus'
        Get-Content -LiteralPath $path -Raw | Should -Match 'enable_postgres_secondary\s+= true'
    }
}

Describe 'Export-HfTerraformImport' {
    It 'writes blocks and variables, and a state that agrees settles it' {
        $folder = Join-Path $TestDrive 'infra-setup'
        $file = Export-HfTerraformImport -Pair $pair -Location westus -Path $folder
        $file.Role | Should -Be 'Replica'
        Get-Content -LiteralPath $file.Path -Raw | Should -Match 'destroy = false'
        Get-Content -LiteralPath $file.VariablesPath -Raw | Should -Match 'enable_postgres_secondary\s+= true'
        $state = @{ version = 4; resources = @(@{ module = 'module.postgres_secondary[0]'; mode = 'managed'; type = 'azurerm_postgresql_flexible_server'; name = 'postgres'
                    instances = @(@{ attributes = @{ id = $file.ResourceId } }) }) } | ConvertTo-Json -Depth 9
        $statePath = Join-Path $TestDrive 'state.json'
        Set-Content -LiteralPath $statePath -Value $state
        (Export-HfTerraformImport -Pair $pair -Location westus -Path $folder -StatePath $statePath).Settled | Should -BeTrue
    }
}
