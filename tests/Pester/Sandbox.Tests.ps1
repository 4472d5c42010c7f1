#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.5.0' }
<#
.SYNOPSIS
    Start-HfSandbox, Stop-HfSandbox, Invoke-HfSandboxFault and the client load.
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

Describe 'Start-HfSandbox and Stop-HfSandbox' {
    It 'starts two regions and says where everything is' {
        $sandbox.Locations | Should -Be @('eastus', 'westus')
        $sandbox.ArmEndpoint | Should -Match '^https://127\.0\.0\.1:\d+'
        (Get-Process -Id $sandbox.ProcessId).HasExited | Should -Be $false
        Test-Path -LiteralPath $sandbox.PairPath | Should -Be $true
    }

    It 'tells no secret' {
        $sandbox | ConvertTo-Json | Should -Not -Match ([regex]::Escape($file.clientSecret))
    }

    It 'keeps its secrets in a file for its owner alone' -Skip:$IsWindows {
        [System.IO.File]::GetUnixFileMode($sandbox.Path) | Should -Be ([System.IO.UnixFileMode] 'UserRead, UserWrite')
    }

    It 'starts nothing with -WhatIf' {
        $root = Join-Path $TestDrive 'none'
        Start-HfSandbox -Root $root -WhatIf | Should -BeNullOrEmpty
        Test-Path -LiteralPath $root | Should -Be $false
    }

    It 'says that its program is not there' {
        { Start-HfSandbox -Path (Join-Path $TestDrive 'none.dll') -ErrorAction Stop } |
            Should -Throw -ErrorId 'HfSandboxProgramNotFound,Highflame.Dr.Commands.StartHfSandboxCommand'
    }

    It 'stops nothing with -WhatIf' {
        Stop-HfSandbox -Path $sandbox.Path -WhatIf
        (Get-Process -Id $sandbox.ProcessId).HasExited | Should -Be $false
    }

    It 'ends with every process of it, taken from the pipeline' {
        $second = Start-HfSandbox -Root (Join-Path $TestDrive 'second') -TimeScale 0 -Seed 7
        try {
            $second.Root | Should -Be (Join-Path $TestDrive 'second')
            # A database server names its process in this file for as long as it runs.
            $servers = @(Get-ChildItem -Path $second.Root -Recurse -Filter 'postmaster.pid' | ForEach-Object { [int] (Get-Content -LiteralPath $_.FullName -TotalCount 1) })
            $servers | Should -HaveCount 2
        }
        finally {
            $second | Stop-HfSandbox -Confirm:$false
        }
        Get-Process -Id (@($second.ProcessId) + $servers) -ErrorAction Ignore | Should -BeNullOrEmpty
        Test-Path -LiteralPath $second.Path | Should -Be $false
    }

    It 'says that there is none to stop' {
        { Stop-HfSandbox -Path (Join-Path $TestDrive 'none') -Confirm:$false -ErrorAction Stop } |
            Should -Throw -ErrorId 'HfSandboxFileInvalid,Highflame.Dr.Commands.StopHfSandboxCommand'
    }
}

Describe 'The client load' {
    It 'writes through Traffic Manager and counts what was acknowledged' {
        $null = Start-HfSandboxLoad -Sandbox $sandbox -Writers 2 -IntervalMilliseconds 1
        (Get-HfSandboxLoad -Sandbox $sandbox).Running | Should -Be $true
        Wait-SandboxLoad -Sandbox $sandbox -Acknowledged 50

        $load = $sandbox | Stop-HfSandboxLoad -Confirm:$false

        $load.Running | Should -Be $false
        $load.Acknowledged | Should -BeGreaterOrEqual 50
        $load.Lost | Should -Be 0
        $load.CountedIn | Should -Be $east.servers[0].name
        $load.AcceptedByOldPrimary | Should -Be 0
        $load.Shares.Region | Should -Be $east.location
    }

    It 'does not start with -WhatIf' {
        Start-HfSandboxLoad -Sandbox $sandbox -WhatIf | Should -BeNullOrEmpty
        (Get-HfSandboxLoad -Sandbox $sandbox).Running | Should -Be $false
    }

    It 'refuses <_> writers' -ForEach 0, 257 {
        { Start-HfSandboxLoad -Sandbox $sandbox -Writers $_ } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
    }
}

Describe 'Invoke-HfSandboxFault' {
    AfterAll {
        $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault Clear
    }

    It 'says what was done' {
        $done = Invoke-HfSandboxFault -Sandbox $sandbox -Fault Link -LatencyMilliseconds 5
        $done.Fault | Should -Be 'Link'
        $done.At | Should -BeGreaterThan ([datetimeoffset]::UtcNow.AddMinutes(-1))
    }

    It 'takes the sandbox from the pipeline' {
        ($sandbox | Invoke-HfSandboxFault -Fault Clear).Fault | Should -Be 'Clear'
    }

    It 'takes its path from the pipeline by property name' {
        ([pscustomobject]@{ SandboxPath = $sandbox.Path } | Invoke-HfSandboxFault -Fault Clear).Fault | Should -Be 'Clear'
    }

    It 'does nothing with -WhatIf' {
        Invoke-HfSandboxFault -Sandbox $sandbox -Fault ArmError -Status 500 -Count 100 -WhatIf | Should -BeNullOrEmpty
        { Get-HfDbServer } | Should -Not -Throw
    }

    It 'makes ARM refuse the calls that it is to hit, and no other' {
        $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault ArmError -Status 400 -Method GET -PathContains 'trafficManagerProfiles' -Count 1
        { Get-HfTrafficProfile -Pair $pair -ErrorAction Stop } | Should -Throw -ErrorId 'Hf*,Highflame.Dr.Commands.GetHfTrafficProfileCommand'
        (Get-HfTrafficProfile -Pair $pair).Name | Should -Be 'highflame-prod-global'
    }

    It 'makes ARM throttle, and a reader waits as it is told' {
        $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault ArmThrottle -RetryAfterSeconds 1 -Method GET -PathContains 'trafficManagerProfiles' -Count 1
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        (Get-HfTrafficProfile -Pair $pair).Name | Should -Be 'highflame-prod-global'
        $clock.Elapsed.TotalSeconds | Should -BeGreaterOrEqual 0.9
    }

    It 'crashes a database, which then cannot be measured, and starts it again' {
        $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault DatabaseCrash -Server $east.servers[0].name
        (Get-HfReplication -Pair $pair).Source | Should -Be 'ReplicaOnly'
        $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault DatabaseStart -Server $east.servers[0].name
        (Get-HfReplication -Pair $pair).Source | Should -Be 'Database'
    }

    It 'refuses a region that it does not have' {
        { Invoke-HfSandboxFault -Sandbox $sandbox -Fault RegionLost -Region 'northeurope' -ErrorAction Stop } |
            Should -Throw -ErrorId 'HfSandboxRefused,Highflame.Dr.Commands.InvokeHfSandboxFaultCommand'
    }

    It 'refuses a fault that it does not know' {
        $fault = 'Earthquake'
        { Invoke-HfSandboxFault -Sandbox $sandbox -Fault $fault } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
    }

    It 'asks which sandbox is meant in a session that has none' {
        $session = Open-FreshSession
        try {
            (Invoke-InSession -Session $session -Script 'Invoke-HfSandboxFault -Fault Clear').ErrorId | Should -Be 'HfSandboxRequired,Highflame.Dr.Commands.InvokeHfSandboxFaultCommand'
        }
        finally {
            $session.Dispose()
        }
    }
}
