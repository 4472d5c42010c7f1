// What fails over when nobody is at a keyboard: an Azure Automation account with the module, its runbooks, a schedule, and for each pair a webhook, an alert rule and an action group.
// The account and the storage that keeps lease, journal and pair files lie outside of the region that is active now: nothing here may be lost with it.
//
// Needs beforehand, below contentUri: Highflame.Dr.zip (build.ps1 Pack) and the three runbooks of the module's folder Runbooks. Afterwards the pair files go into the container pairs
// (output pairContainer), each with runStore set to the output runStore.
targetScope = 'resourceGroup'

metadata name = 'Highflame.Dr automation'
metadata description = 'Azure Automation account that checks readiness on a schedule and answers alerts, with storage for lease and journal.'

@description('A region pair that this account looks after.')
type watchedPair = {
  @description('Name of the pair; its file is NAME.json in the container pairs.')
  @minLength(1)
  @maxLength(40)
  name: string

  @description('Location of the region that is active now. The account may not lie in it.')
  activeLocation: string

  @description('HTTPS URL of the application behind Traffic Manager, for example https://control.example.com/healthz. It is probed from five places of Azure; empty makes no probe and no alert rule.')
  probeUrl: string

  @description('What the runbook does when the alert fires: Judged lets Watch-HfRegionPair decide by the rules of the pair file.')
  answer: 'Judged' | 'Planned' | 'Forced'
}

@description('Location of the account: the passive region, or a third one.')
param location string

@description('Location of the storage account that keeps lease, journal and pair files.')
param storageLocation string = location

@description('What the names begin with, for example highflame-prod-dr.')
@minLength(3)
@maxLength(40)
param name string

@description('Name of the storage account; unique in all of Azure.')
@minLength(3)
@maxLength(24)
param storageName string

@description('Redundancy of the storage.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param storageSku string = 'Standard_ZRS'

@description('What the addresses of storage accounts end in, in this cloud.')
param storageSuffix string = environment().suffixes.storage

param tags object = {}

@minLength(1)
param pairs watchedPair[]

@description('Names of the resource groups of all pairs, in this subscription: the identity gets the operator role on each.')
@minLength(2)
param resourceGroups string[]

@description('Folder that holds Highflame.Dr.zip and the runbooks, without a slash at its end.')
param contentUri string

@description('Query that lets Automation read that folder, for example a shared access signature: sv=...; empty for a public one.')
@secure()
param contentToken string = ''

@description('Version of the module in the zip.')
param moduleVersion string

@description('Address of the vault with the database administrator\'s name and password (secrets username and password); empty looks at the databases through Azure alone.')
param databaseVault string = ''

@description('People who are told of alerts and failed jobs.')
param emails string[] = []

@description('Minutes from one readiness check to the next.')
@minValue(15)
@maxValue(1440)
param readinessMinutes int = 60

@description('First readiness check; at least five minutes from now.')
param readinessStart string = dateTimeAdd(utcNow(), 'PT1H')

@description('False when this is deployed again: Azure Automation refuses a link between a runbook and a schedule that is there already.')
param linkSchedule bool = true

@description('Tells the webhooks of one deployment from those of the last: Azure shows the address of a webhook once only, when it is made.')
param stamp string = utcNow('yyyyMMddHHmmss')

@description('When the webhooks end.')
param webhookExpiry string = dateTimeAdd(utcNow(), 'P1Y')

var runbookNames = ['Start-HfFailover', 'Start-HfFailoverFromAlert', 'Test-HfReadiness']
var query = empty(contentToken) ? '' : '?${contentToken}'
var actives = map(pairs, pair => toLower(replace(pair.activeLocation, ' ', '')))
var place = contains(actives, toLower(replace(location, ' ', '')))
  ? fail('The account lies in ${location}, a region that is active: it would be lost with it. Choose the passive region or a third one.')
  : location
var storagePlace = contains(actives, toLower(replace(storageLocation, ' ', '')))
  ? fail('The storage lies in ${storageLocation}, a region that is active: lease and journal would be lost with it.')
  : storageLocation

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: storageName
  location: storagePlace
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: storageSku
  }
  properties: {
    // Roles only: nobody holds a key that opens the journal.
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      deleteRetentionPolicy: {
        enabled: true
        days: 30
      }
      containerDeleteRetentionPolicy: {
        enabled: true
        days: 30
      }
    }

    resource runs 'containers' = {
      name: 'runs'
    }

    resource pairFiles 'containers' = {
      name: 'pairs'
    }
  }
}

resource account 'Microsoft.Automation/automationAccounts@2023-11-01' = {
  name: '${name}-automation'
  location: place
  tags: tags
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    sku: {
      name: 'Basic'
    }
    // Webhooks have their own secret; everything else signs in with Entra.
    disableLocalAuth: true
  }
}

resource runtime 'Microsoft.Automation/automationAccounts/runtimeEnvironments@2024-10-23' = {
  parent: account
  name: 'Highflame-PowerShell-7_4'
  location: place
  tags: tags
  properties: {
    description: 'PowerShell 7.4 with Highflame.Dr, and nothing else.'
    runtime: {
      language: 'PowerShell'
      version: '7.4'
    }
  }
}

resource module_ 'Microsoft.Automation/automationAccounts/runtimeEnvironments/packages@2024-10-23' = {
  parent: runtime
  name: 'Highflame.Dr'
  properties: {
    contentLink: {
      uri: '${contentUri}/Highflame.Dr.zip${query}'
      version: moduleVersion
    }
  }
}

resource runbooks 'Microsoft.Automation/automationAccounts/runbooks@2024-10-23' = [
  for runbook in runbookNames: {
    parent: account
    name: runbook
    location: place
    tags: tags
    properties: {
      runbookType: 'PowerShell'
      runtimeEnvironment: runtime.name
      logVerbose: false
      logProgress: false
      publishContentLink: {
        uri: '${contentUri}/${runbook}.ps1${query}'
        version: moduleVersion
      }
    }
    dependsOn: [
      module_
    ]
  }
]

// What each job is handed. Text only, as Automation keeps it: a list is written as JSON.
var blobEndpoint = 'https://${storageName}.blob.${storageSuffix}/'
var pairUris = [for pair in pairs: '${blobEndpoint}pairs/${pair.name}.json']
var common = union(
  {
    SubscriptionId: subscription().subscriptionId
  },
  empty(databaseVault) ? {} : { DatabaseVault: databaseVault }
)

resource schedule 'Microsoft.Automation/automationAccounts/schedules@2023-11-01' = {
  parent: account
  name: 'readiness'
  properties: {
    description: 'Could the pairs fail over now? People hear of new refusals only.'
    frequency: 'Minute'
    interval: readinessMinutes
    startTime: readinessStart
    timeZone: 'UTC'
  }
}

resource readiness 'Microsoft.Automation/automationAccounts/jobSchedules@2023-11-01' = if (linkSchedule) {
  parent: account
  #disable-next-line use-stable-resource-identifiers
  name: guid(account.id, 'readiness', stamp)
  properties: {
    runbook: {
      name: 'Test-HfReadiness'
    }
    schedule: {
      name: schedule.name
    }
    parameters: union(common, {
      PairPath: string(pairUris)
    })
  }
  dependsOn: [
    runbooks
  ]
}

// The address of a webhook is shown once, to the deployment that makes it, and only by this version.
resource webhooks 'Microsoft.Automation/automationAccounts/webhooks@2015-10-31' = [
  for (pair, index) in pairs: {
    parent: account
    #disable-next-line use-stable-resource-identifiers
    name: 'failover-${pair.name}-${stamp}'
    properties: {
      isEnabled: true
      expiryTime: webhookExpiry
      runbook: {
        name: 'Start-HfFailoverFromAlert'
      }
      parameters: union(common, {
        PairPath: pairUris[index]
        Mode: pair.answer
      })
    }
    dependsOn: [
      runbooks
    ]
  }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: '${name}-people'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'hfdrpeople'
    emailReceivers: [
      for (email, index) in emails: {
        name: 'email-${index}'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource failover 'Microsoft.Insights/actionGroups@2023-01-01' = [
  for (pair, index) in pairs: {
    name: '${name}-failover-${pair.name}'
    location: 'global'
    tags: tags
    properties: {
      enabled: true
      groupShortName: 'hfdrfail${index}'
      automationRunbookReceivers: [
        {
          name: 'failover'
          automationAccountId: account.id
          runbookName: 'Start-HfFailoverFromAlert'
          webhookResourceId: webhooks[index].id
          serviceUri: webhooks[index].properties.uri
          isGlobalRunbook: false
          useCommonAlertSchema: true
        }
      ]
    }
  }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: '${name}-logs'
  location: place
  tags: tags
  properties: {
    retentionInDays: 30
    sku: {
      name: 'PerGB2018'
    }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: '${name}-insights'
  location: place
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
  }
}

// Five places that lie in neither region of most pairs: a witness from outside.
resource probes 'Microsoft.Insights/webtests@2022-06-15' = [
  for pair in pairs: if (!empty(pair.probeUrl)) {
    name: '${name}-probe-${pair.name}'
    location: place
    tags: union(tags, {
      'hidden-link:${insights.id}': 'Resource'
    })
    kind: 'standard'
    properties: {
      SyntheticMonitorId: '${name}-probe-${pair.name}'
      Name: '${name}-probe-${pair.name}'
      Enabled: true
      Frequency: 300
      Timeout: 30
      Kind: 'standard'
      RetryEnabled: true
      Locations: [
        for region in ['us-fl-mia-edge', 'us-va-ash-azr', 'us-ca-sjc-azr', 'emea-nl-ams-azr', 'apac-sg-sin-azr']: {
          Id: region
        }
      ]
      Request: {
        RequestUrl: pair.probeUrl
        HttpVerb: 'GET'
        ParseDependentRequests: false
      }
      ValidationRules: {
        ExpectedHttpStatusCode: 200
        SSLCheck: true
      }
    }
  }
]

resource rules 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for (pair, index) in pairs: if (!empty(pair.probeUrl)) {
    name: '${name}-unreachable-${pair.name}'
    location: 'global'
    tags: tags
    properties: {
      description: 'The application of ${pair.name} is not served, seen from at least three places at once.'
      severity: 0
      enabled: true
      autoMitigate: true
      scopes: [
        probes[index].id
        insights.id
      ]
      evaluationFrequency: 'PT1M'
      windowSize: 'PT5M'
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
        webTestId: probes[index].id
        componentId: insights.id
        failedLocationCount: 3
      }
      actions: [
        {
          actionGroupId: failover[index].id
        }
        {
          actionGroupId: people.id
        }
      ]
    }
  }
]

// A job that fails is a new refusal, a failover that stopped, or an alert that could not be read: people look at it.
resource failedJobs 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: '${name}-failed-jobs'
  location: 'global'
  tags: tags
  properties: {
    description: 'A runbook of Highflame.Dr failed.'
    severity: 1
    enabled: true
    autoMitigate: true
    scopes: [
      account.id
    ]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'failed'
          metricNamespace: 'Microsoft.Automation/automationAccounts'
          metricName: 'TotalJob'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 0
          dimensions: [
            {
              name: 'Status'
              operator: 'Include'
              values: ['Failed', 'Suspended']
            }
          ]
        }
      ]
    }
    actions: [
      {
        actionGroupId: people.id
      }
    ]
  }
}

var blobContributor = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'ba92f5b4-2d11-453d-a403-e96b0029c9fe')
var blobReader = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1')

resource journalAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: storage::blobs::runs
  name: guid(storage::blobs::runs.id, account.id, blobContributor)
  properties: {
    principalId: account.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: blobContributor
  }
}

resource pairAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: storage::blobs::pairFiles
  name: guid(storage::blobs::pairFiles.id, account.id, blobReader)
  properties: {
    principalId: account.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: blobReader
  }
}

module operators 'operator.bicep' = [
  for group in resourceGroups: {
    name: 'operator-${uniqueString(group)}'
    scope: resourceGroup(group)
    params: {
      principalId: account.identity.principalId
    }
  }
]

@description('The run store that the pair files name.')
output runStore string = '${blobEndpoint}runs'

@description('Where the pair files belong.')
output pairContainer string = '${blobEndpoint}pairs'

output principalId string = account.identity.principalId
