#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.5.0' }
<#
.SYNOPSIS
    Connect-HfAzure, Disconnect-HfAzure and Get-HfContext.
#>
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'BeforeAll sets what It reads.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Highflame.Dr.TestHost.ps1')
    $sandbox = Enter-TestSandbox
    $file = Get-SandboxFile -Sandbox $sandbox
    $azure = @{
        TenantId          = $file.tenantId
        SubscriptionId    = $file.subscriptionId
        ArmEndpoint       = $file.arm
        AuthorityHost     = $file.authority
        CaCertificatePath = $file.caCertificate
        Credential        = [pscredential]::new($file.clientId, (ConvertTo-SecureString -String $file.clientSecret -AsPlainText -Force))
    }
}

AfterAll {
    Exit-TestSandbox -Sandbox $sandbox
}

Describe 'Connect-HfAzure' {
    Context 'To a sandbox' {
        It 'takes the path of its sandbox.json as a parameter' {
            $context = Connect-HfAzure -Sandbox $sandbox.Path
            $context.Environment | Should -Be 'Sandbox'
            $context.SubscriptionId | Should -Be $file.subscriptionId
            $context.Account | Should -Be $file.clientId
        }

        It 'takes its directory by position' {
            (Connect-HfAzure $sandbox.Root).ArmEndpoint | Should -Be ([uri] $sandbox.ArmEndpoint)
        }

        It 'takes the output of Start-HfSandbox from the pipeline' {
            ($sandbox | Connect-HfAzure).SubscriptionId | Should -Be $sandbox.SubscriptionId
        }

        It 'takes a path from the pipeline by property name' {
            ([pscustomobject]@{ SandboxPath = $sandbox.Path } | Connect-HfAzure).SubscriptionId | Should -Be $sandbox.SubscriptionId
        }

        It 'asks the sandbox''s own name server' {
            (Connect-HfAzure -Sandbox $sandbox.Path).Resolvers[0].ToString() | Should -Be "$($file.dns.address):$($file.dns.port)"
        }
    }

    Context 'As to Azure, everything given by parameter' {
        It 'signs in with a client secret' {
            $context = Connect-HfAzure @azure
            $context.Environment | Should -Be 'Azure'
            $context.Credential | Should -Be 'ClientSecret'
            $context.Account | Should -Be $file.clientId
            $context.DatabaseUser | Should -BeNullOrEmpty
        }

        It 'keeps the database administrator for the session' {
            $server = $file.regions[0].servers[0]
            $administrator = [pscredential]::new($server.user, (ConvertTo-SecureString -String $server.password -AsPlainText -Force))
            (Connect-HfAzure @azure -DatabaseCredential $administrator -DatabasePort $server.port).DatabaseUser | Should -Be $server.user
        }

        It 'writes nothing to Azure' {
            $writes = @(Get-ArmWrite -Sandbox $sandbox).Count
            $null = Connect-HfAzure @azure
            @(Get-ArmWrite -Sandbox $sandbox) | Should -HaveCount $writes
        }
    }

    Context 'In other ways' {
        It 'signs in with a client certificate' {
            (Connect-HfAzure -Sandbox $sandbox.Path -CertificatePath $file.clientCertificate -ClientId $file.clientId).Credential | Should -Be 'ClientCertificate'
        }

        It 'signs in with a federated token' {
            $context = Connect-HfAzure -Sandbox $sandbox.Path -WorkloadIdentity -TokenFilePath $file.federatedTokenFile
            $context.Credential | Should -Be 'WorkloadIdentity'
            $context.Account | Should -Be $file.clientId
        }

        It 'asks a Resource Manager given by its URL where to sign in' {
            $context = Connect-HfAzure -Environment $file.arm -CaCertificatePath $file.caCertificate -TenantId $file.tenantId -Credential $azure.Credential
            $context.ArmEndpoint | Should -Be ([uri] $file.arm)
        }

        It 'says that an environment is not known' {
            { Connect-HfAzure -Environment AzureMoon -ErrorAction Stop } | Should -Throw -ErrorId 'HfEnvironmentUnknown,Highflame.Dr.Commands.ConnectHfAzureCommand'
        }
    }

    Context 'Refused' {
        BeforeAll {
            $connected = Connect-HfAzure -Sandbox $sandbox.Path
        }

        AfterEach {
            # Whatever failed, the session keeps the connection it had.
            (Get-HfContext).ArmEndpoint | Should -Be $connected.ArmEndpoint
        }

        It 'says that a wrong secret was refused' {
            $wrong = $azure.Clone()
            $wrong.Credential = [pscredential]::new($file.clientId, (ConvertTo-SecureString -String 'not the secret' -AsPlainText -Force))
            { Connect-HfAzure @wrong } | Should -Throw -ErrorId 'HfSignInFailed,Highflame.Dr.Commands.ConnectHfAzureCommand'
        }

        It 'says that nothing answers at the endpoint' {
            $wrong = $azure.Clone()
            $wrong.ArmEndpoint = 'https://127.0.0.1:9'
            { Connect-HfAzure @wrong } | Should -Throw -ErrorId 'HfArmUnreachable,Highflame.Dr.Commands.ConnectHfAzureCommand'
        }

        It 'trusts no root but the one that was given' {
            $wrong = $azure.Clone()
            $wrong.CaCertificatePath = Join-Path $TestDrive 'none.pem'
            { Connect-HfAzure @wrong -ErrorAction Stop } | Should -Throw -ErrorId 'HfCaCertificateInvalid,Highflame.Dr.Commands.ConnectHfAzureCommand'
        }

        It 'says that a subscription is not there' {
            $wrong = $azure.Clone()
            $wrong.SubscriptionId = [guid]::NewGuid().ToString()
            { Connect-HfAzure @wrong -ErrorAction Stop } | Should -Throw -ErrorId 'HfSubscriptionNotFound,Highflame.Dr.Commands.ConnectHfAzureCommand'
        }

        It 'refuses an endpoint without TLS' {
            $wrong = $azure.Clone()
            $wrong.ArmEndpoint = 'http://127.0.0.1:9'
            { Connect-HfAzure @wrong -ErrorAction Stop } | Should -Throw -ErrorId 'HfEndpointInvalid,Highflame.Dr.Commands.ConnectHfAzureCommand'
        }

        It 'says that <_> is no name server' -ForEach 'nonsense', '127.0.0.1:99999' {
            { Connect-HfAzure @azure -Resolver $_ -ErrorAction Stop } | Should -Throw -ErrorId 'HfResolverInvalid,Highflame.Dr.Commands.ConnectHfAzureCommand'
        }

        It 'says that a file is no sandbox.json' {
            $path = Join-Path $TestDrive 'sandbox.json'
            Set-Content -LiteralPath $path -Value '{ "version": 1 }'
            { Connect-HfAzure -Sandbox $path -ErrorAction Stop } | Should -Throw -ErrorId 'HfSandboxFileInvalid,Highflame.Dr.Commands.ConnectHfAzureCommand'
        }
    }
}

Describe 'Disconnect-HfAzure' {
    It 'forgets the connection, and says nothing when there is none' {
        $null = Connect-HfAzure -Sandbox $sandbox.Path
        Disconnect-HfAzure | Should -BeNullOrEmpty
        Get-HfContext -ErrorAction Ignore | Should -BeNullOrEmpty
        Disconnect-HfAzure | Should -BeNullOrEmpty
    }
}

Describe 'Get-HfContext' {
    It 'shows the connection and no secret' {
        $null = Connect-HfAzure -Sandbox $sandbox.Path
        $shown = Get-HfContext | ConvertTo-Json -Depth 5
        $shown | Should -Match ([regex]::Escape($file.clientId))
        $shown | Should -Not -Match ([regex]::Escape($file.clientSecret))
        $shown | Should -Not -Match ([regex]::Escape($file.regions[0].servers[0].password))
    }

    Context 'In a session of its own' {
        BeforeAll {
            $session = Open-FreshSession
        }

        AfterAll {
            $session.Dispose()
        }

        It 'knows nothing of another session''s connection' {
            $null = Connect-HfAzure -Sandbox $sandbox.Path
            $answer = Invoke-InSession -Session $session -Script 'Get-HfContext'
            $answer.Output | Should -HaveCount 0
            $answer.ErrorId | Should -Be 'HfNotConnected,Highflame.Dr.Commands.GetHfContextCommand'
        }

        It 'can be asked without an error' {
            (Invoke-InSession -Session $session -Script 'Get-HfContext -ErrorAction Ignore').ErrorId | Should -HaveCount 0
        }

        It 'makes every cmdlet that needs a connection say so' {
            (Invoke-InSession -Session $session -Script 'Get-HfDbServer').ErrorId | Should -Be 'HfNotConnected,Highflame.Dr.Commands.GetHfDbServerCommand'
        }
    }
}
