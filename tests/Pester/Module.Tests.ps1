#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.5.0' }
<#
.SYNOPSIS
    The built module: what it exports, what it promises of itself, and what it keeps out of the session.
#>
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'BeforeAll sets what It reads.')]
param()

BeforeDiscovery {
    . (Join-Path $PSScriptRoot 'Highflame.Dr.TestHost.ps1')
    $layout = Split-Path -Path (Get-BuiltModulePath) -Parent
    $cmdlets = (Import-PowerShellDataFile -LiteralPath (Get-BuiltModulePath)).CmdletsToExport
    $changing = $cmdlets | Where-Object { $_ -match '^(Complete|Export|Invoke|New|Set|Start|Stop)-' }
    $runbooks = Get-ChildItem -Path (Join-Path $layout 'Runbooks' '*.ps1') | ForEach-Object { @{ Name = $_.Name; Path = $_.FullName } }
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'Highflame.Dr.TestHost.ps1')
    $path = Get-BuiltModulePath
    $layout = Split-Path -Path $path -Parent
    $module = Import-BuiltModule
}

Describe 'Module' {
    Context 'Manifest' {
        It 'is valid and names the version of its folder' {
            (Test-ModuleManifest -Path $path).Version | Should -Be ([version] (Split-Path -Path $layout -Leaf))
        }

        It 'is imported from the folder that the build made' {
            $module.ModuleBase | Should -Be $layout
        }

        It 'exports cmdlets and nothing else' {
            $module.ExportedFunctions.Count + $module.ExportedAliases.Count + $module.ExportedVariables.Count | Should -Be 0
            @($module.ExportedCmdlets.Keys | Sort-Object) | Should -Be ((Import-PowerShellDataFile -LiteralPath $path).CmdletsToExport | Sort-Object)
        }
    }

    Context 'Cmdlet <_>' -ForEach $cmdlets {
        It 'has an approved verb and a noun of ours' {
            $verb, $noun = $_ -split '-'
            (Get-Verb -Verb $verb).Count | Should -Be 1
            $noun | Should -MatchExactly '^Hf[A-Z]'
        }

        It 'says what it gives back' {
            (Get-Command -Name $_ -Module Highflame.Dr).OutputType.Count | Should -BeGreaterThan 0
        }
    }

    Context 'Changing cmdlet <_>' -ForEach $changing {
        It 'can be asked what it would do' {
            (Get-Command -Name $_ -Module Highflame.Dr).Parameters.Keys | Should -Contain 'WhatIf'
        }
    }

    Context 'Session' {
        It 'keeps the engine and its packages out of the default load context' {
            # Any use of the engine will do: here it only looks for a file.
            { Import-HfRegionPair -Path (Join-Path $TestDrive 'none.json') -ErrorAction Stop } | Should -Throw -ErrorId 'HfPairFileNotFound,*'
            $deps = Join-Path $layout 'deps'

            @([System.Runtime.Loader.AssemblyLoadContext]::Default.Assemblies | Where-Object { $_.Location -and $_.Location.StartsWith($deps) }) | Should -HaveCount 0
            @([System.Runtime.Loader.AssemblyLoadContext]::All | Where-Object { 'Highflame.Dr.Engine' -in $_.Assemblies.GetName().Name }).Name | Should -Be 'Highflame.Dr.Engine'
        }

        It 'can be imported again over itself' {
            (Import-Module -Name $path -Force -PassThru).ExportedCmdlets.Count | Should -Be $module.ExportedCmdlets.Count
        }
    }

    Context 'What PowerShell and Azure read as it is' {
        It 'ships a schema of region-pair files that asks for the pair''s parts' {
            $schema = Get-Content -LiteralPath (Join-Path $layout 'Schemas' 'region-pair.schema.json') -Raw | ConvertFrom-Json
            $schema.required | Should -Be @('name', 'subscriptionId', 'regions', 'traffic')
        }

        It 'ships <Name> without a syntax error' -ForEach $runbooks {
            $errors = $null
            $null = [System.Management.Automation.Language.Parser]::ParseFile($Path, [ref] $null, [ref] $errors)
            $errors | Should -BeNullOrEmpty
        }
    }
}
