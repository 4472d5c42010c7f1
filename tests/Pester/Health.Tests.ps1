#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.5.0' }
<#
.SYNOPSIS
    Test-HfHealth and Test-HfTrafficRoute.
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

Describe 'Test-HfHealth' {
    It 'judges both ways and proves which region and database served' {
        $verdicts = Test-HfHealth -Pair $pair
        $verdicts.Via | Should -Be @('Gateway', 'TrafficManager')
        $verdicts.Healthy | Should -Be @($true, $true)
        $verdicts.Region | Should -Be @($east.location, $east.location)
        $verdicts.Server | Should -Be @($east.servers[0].name, $east.servers[0].name)
        $verdicts.Role | Should -Be @('Primary', 'Primary')
    }

    It 'takes a pair from the pipeline' {
        ($pair | Test-HfHealth -Via Gateway).Region | Should -Be $east.location
    }

    It 'takes a status from the pipeline by property name' {
        (Get-HfRegionPair -Name $pair.Name | Test-HfHealth -Via Gateway).Region | Should -Be $east.location
    }

    It 'judges the other region straight at its gateway' {
        $verdict = Test-HfHealth -Pair $pair -Location 'West US' -Via Gateway
        $verdict.Healthy | Should -Be $true
        $verdict.Region | Should -Be $west.location
        $verdict.Role | Should -Be 'Replica'
    }

    It 'is not satisfied with another role than the one expected' {
        $verdict = Test-HfHealth -Pair $pair -Location $west.location -Via Gateway -ExpectedRole Primary
        $verdict.Healthy | Should -Be $false
        $verdict.Reason | Should -Not -BeNullOrEmpty
    }

    It 'is not satisfied with another region than the one expected' {
        (Test-HfHealth -Pair $pair -Location $west.location -Via TrafficManager).Healthy | Should -Be $false
    }

    It 'writes an entry and reads it back' {
        (Test-HfHealth -Pair $pair -Function -Via TrafficManager).FunctionIntact | Should -Be $true
    }

    It 'gives only true or false when it is to be quiet' {
        Test-HfHealth -Pair $pair -Quiet | Should -Be $true
        Test-HfHealth -Pair $pair -Location $west.location -Quiet | Should -Be $false
    }

    It 'says that a location is not the pair''s' {
        { Test-HfHealth -Pair $pair -Location 'northeurope' -ErrorAction Stop } | Should -Throw -ErrorId 'HfLocationNotInPair,Highflame.Dr.Commands.TestHfHealthCommand'
    }

    It 'writes nothing to Azure' {
        $writes = @(Get-ArmWrite -Sandbox $sandbox).Count
        $null = Test-HfHealth -Pair $pair -Function
        @(Get-ArmWrite -Sandbox $sandbox) | Should -HaveCount $writes
    }

    Context 'While the application is not healthy' {
        BeforeAll {
            $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault HealthFailing -Region $east.location
        }

        AfterAll {
            $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault HealthPassing -Region $east.location
        }

        It 'says so, with the status that came' {
            $verdict = Test-HfHealth -Pair $pair -Via Gateway
            $verdict.Healthy | Should -Be $false
            $verdict.StatusCode | Should -Be 503
            $verdict.Reason | Should -Not -BeNullOrEmpty
        }
    }

    Context 'While the gateway is down' {
        BeforeAll {
            $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault GatewayDown -Region $east.location
        }

        AfterAll {
            $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault Clear
        }

        It 'says that no answer came' {
            $verdict = Test-HfHealth -Pair $pair -Via Gateway
            $verdict.Healthy | Should -Be $false
            $verdict.StatusCode | Should -BeNullOrEmpty
        }

        It 'waits for it to come back' {
            $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault GatewayUp -Region $east.location -DelaySeconds 1
            (Test-HfHealth -Pair $pair -Via Gateway -WaitSeconds 60).Healthy | Should -Be $true
        }
    }
}

Describe 'Test-HfTrafficRoute' {
    It 'asks the connection''s name server where the Traffic Manager name leads' {
        $route = Test-HfTrafficRoute -Pair $pair
        $route.Name | Should -Be $file.trafficManager.fqdn
        $route.Addresses | Should -Be $east.gateway.address
        $route.Location | Should -Be $east.location
        $route.Ttl | Should -BeLessOrEqual 30
        $route.Current | Should -Be $true
    }

    It 'takes a pair from the pipeline' {
        ($pair | Test-HfTrafficRoute).Current | Should -Be $true
    }

    It 'takes a status from the pipeline by property name' {
        (Get-HfRegionPair -Name $pair.Name | Test-HfTrafficRoute).Location | Should -Be $east.location
    }

    It 'is not satisfied with another region than the one expected' {
        $route = Test-HfTrafficRoute -Pair $pair -Location $west.location
        $route.Current | Should -Be $false
        $route.Location | Should -Be $east.location
    }

    It 'asks each name server that is given, and goes on after one that does not answer' {
        $routes = Test-HfTrafficRoute -Pair $pair -Resolver '127.0.0.1:9', "$($file.dns.address):$($file.dns.port)"
        $routes | Should -HaveCount 2
        ($routes | Where-Object Resolver -EQ '127.0.0.1:9').Failure | Should -Not -BeNullOrEmpty
        ($routes | Where-Object Resolver -NE '127.0.0.1:9').Current | Should -Be $true
    }

    It 'says that an address is no name server''s' {
        { Test-HfTrafficRoute -Pair $pair -Resolver 'nonsense' -ErrorAction Stop } | Should -Throw -ErrorId 'HfResolverInvalid,Highflame.Dr.Commands.TestHfTrafficRouteCommand'
    }

    It 'follows the endpoint' {
        $null = Set-HfTrafficEndpoint -Pair $pair -Location $west.location -Confirm:$false
        $route = Test-HfTrafficRoute -Pair $pair -Location $west.location -WaitSeconds 30
        $route.Addresses | Should -Be $west.gateway.address
        $route.Current | Should -Be $true
    }
}
