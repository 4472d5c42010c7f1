#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.5.0' }
<#
.SYNOPSIS
    Export-HfRegionDocument.
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

Describe 'Export-HfRegionDocument' {
    BeforeAll {
        $folder = Join-Path $TestDrive 'paper'
        $document = $pair | Export-HfRegionDocument -Path $folder
        $markdown = Get-Content -Path $document.MarkdownPath -Raw
        $html = Get-Content -Path $document.HtmlPath -Raw
    }

    It 'says which region is active and which procedures can be followed' {
        $document.Active | Should -Be $east.location
        $document.Passive | Should -Be $west.location
        $document.Procedures | Should -HaveCount 2
        $document.Unread | Should -BeNullOrEmpty
    }

    It 'computes the worst case of a switch by hand, and that Traffic Manager never switches by itself' {
        $document.SwitchSeconds | Should -Be 90
        $document.AutomaticSeconds | Should -BeNullOrEmpty
    }

    It 'writes both forms with the servers and gateways of both regions' {
        foreach ($text in $markdown, $html) {
            $text | Should -Match ([regex]::Escape($east.servers[0].name))
            $text | Should -Match ([regex]::Escape($west.servers[0].name))
            $text | Should -Match ([regex]::Escape($east.gateway.fqdn))
            $text | Should -Match ([regex]::Escape($west.gateway.fqdn))
        }
    }

    It 'holds no secret' {
        foreach ($secret in $file.clientSecret, $file.controlKey, $east.servers[0].password) {
            $markdown.Contains($secret) | Should -Be $false
            $html.Contains($secret) | Should -Be $false
        }
    }

    It 'writes one form when only one is asked for' {
        $only = Export-HfRegionDocument -Pair $pair -Path (Join-Path $TestDrive 'one') -Format Html -Skip Parity, Readiness
        $only.MarkdownPath | Should -BeNullOrEmpty
        Get-ChildItem -Path (Join-Path $TestDrive 'one') | Should -HaveCount 1
    }

    It 'changes nothing and writes nothing under -WhatIf' {
        $before = @(Get-ArmWrite -Sandbox $sandbox).Count
        Export-HfRegionDocument -Pair $pair -Path (Join-Path $TestDrive 'none') -WhatIf | Should -BeNullOrEmpty
        Test-Path -Path (Join-Path $TestDrive 'none') | Should -Be $false
        @(Get-ArmWrite -Sandbox $sandbox).Count | Should -Be $before
    }

    It 'cannot write where a file is in the way' {
        $blocked = New-Item -Path (Join-Path $TestDrive 'blocked') -ItemType File
        { Export-HfRegionDocument -Pair $pair -Path $blocked.FullName -ErrorAction Stop } | Should -Throw -ErrorId 'HfDocumentNotWritten,Highflame.Dr.Commands.ExportHfRegionDocumentCommand'
    }
}
