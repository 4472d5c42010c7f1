// One region of a Highflame environment: network, cluster, gateway, vaults, cache, database, private endpoints, identities and a lock.
// The same template serves both regions: what differs is in the parameters, which New-HfRegion takes from the region-pair file and from what is there already.
//
// It never takes back what others run: an application gateway that exists is left to the ingress controller (keepGateway), and a database server that
// exists is left alone (database.mode Keep), because a template that is deployed again would undo a listener or a failover.
targetScope = 'resourceGroup'

metadata name = 'Highflame.Dr region'
metadata description = 'One region of a Highflame environment, as primary or as the replica of another.'

@description('A pool of cluster nodes.')
type nodePool = {
  @minLength(1)
  @maxLength(12)
  name: string

  mode: 'System' | 'User'

  @description('Compute size, for example Standard_D4as_v6.')
  size: string

  @description('Nodes now. A pool that exists keeps its own number.')
  @minValue(0)
  count: int

  @description('Least and most nodes of the autoscaler; the same number for both turns it off.')
  @minValue(0)
  min: int

  @minValue(0)
  max: int

  zones: string[]

  diskSizeGB: int
}

@description('The database server of the region.')
type databaseSettings = {
  @description('Create makes a primary, Replica a read replica of source, Keep leaves the server that is there as it is.')
  mode: 'Create' | 'Replica' | 'Keep'

  @minLength(3)
  @maxLength(63)
  name: string

  @description('Resource id of the primary of a replica; empty else.')
  source: string

  version: string

  sku: string

  tier: 'Burstable' | 'GeneralPurpose' | 'MemoryOptimized'

  storageGB: int

  @description('Performance tier of the storage, for example P30; empty takes the one of the size.')
  storageTier: string

  @description('Name of the application\'s database.')
  database: string

  @description('Port that the services are told.')
  port: int

  zone: string
}

@description('Azure location of the region.')
param location string = resourceGroup().location

@description('Prefix of every name, for example highflame-prod.')
@minLength(2)
@maxLength(40)
param prefix string

@description('Tags of every resource.')
param tags object

@description('Address space of the virtual network; its first three /19 (of a /16) are the public, private and gateway subnets.')
param addressSpace string

@description('Also deny everything outbound that no rule allows.')
param denyOutbound bool

@description('Public addresses of the NAT gateway.')
@minValue(1)
@maxValue(16)
param natAddresses int

@description('Name of the vault with the TLS certificate.')
@minLength(3)
@maxLength(24)
param certificateVault string

@description('Name of the vault with the database secrets.')
@minLength(3)
@maxLength(24)
param databaseVault string

@description('Kubernetes version, for example 1.33.')
param kubernetesVersion string

@description('Price tier of the cluster.')
@allowed(['Free', 'Standard', 'Premium'])
param clusterTier string

param serviceCidr string

param dnsServiceIP string

@description('Address ranges that may talk to the cluster\'s API; empty means every one.')
param authorizedIPRanges string[]

param nodePools nodePool[]

@description('Resource id of the Log Analytics workspace of the cluster; empty means that nothing is collected.')
param logAnalyticsWorkspaceId string

@description('Leave an application gateway that is there as it is: its listeners belong to the ingress controller.')
param keepGateway bool

param gatewayMinCapacity int

param gatewayMaxCapacity int

@description('First part of the public DNS name of the gateway.')
param gatewayDnsLabel string

@description('Host name that the application serves; empty leaves the HTTPS listener to the ingress controller.')
param hostName string

@description('Path of the gateway\'s probe.')
param probePath string

@description('Port of the HTTPS listener.')
param httpsPort int

@description('Name of the certificate in the certificate vault.')
param certificateName string

param redisSku 'Basic' | 'Standard' | 'Premium'

@minValue(0)
@maxValue(6)
param redisCapacity int

param database databaseSettings

@description('Make the application\'s database on the server.')
param createDatabase bool

@description('Encrypt the database with a key of the region\'s own vault.')
param customerManagedKey bool

@description('Administrator of a new primary; its login goes into the vault of either region.')
@secure()
param administratorLogin string

@secure()
param administratorPassword string

@description('Database secrets that are in the vault already and are left as they are.')
param keepSecrets string[]

var zones = ['1', '2', '3']
var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
var cryptoUser = 'e147488a-f6f5-4113-8e2d-b22465e65bf6'
var databaseHost = '${database.name}.privatelink.postgres.database.azure.com'
var outboundRules = [
  {
    name: 'allow-outbound-443'
    properties: {
      priority: 100
      direction: 'Outbound'
      access: 'Allow'
      protocol: 'Tcp'
      sourcePortRange: '*'
      destinationPortRange: '443'
      sourceAddressPrefix: '*'
      destinationAddressPrefix: '*'
    }
  }
  {
    name: 'allow-outbound-internal'
    properties: {
      priority: 101
      direction: 'Outbound'
      access: 'Allow'
      protocol: '*'
      sourcePortRange: '*'
      destinationPortRange: '*'
      sourceAddressPrefix: 'VirtualNetwork'
      destinationAddressPrefix: 'VirtualNetwork'
    }
  }
]
var denyRules = denyOutbound
  ? [
      {
        name: 'deny-outbound-all'
        properties: {
          priority: 200
          direction: 'Outbound'
          access: 'Deny'
          protocol: '*'
          sourcePortRange: '*'
          destinationPortRange: '*'
          sourceAddressPrefix: '*'
          destinationAddressPrefix: '*'
        }
      }
    ]
  : []
var redisRules = [
  for rule in [
    { name: 'allow-inbound-redis', priority: 104, port: '6379' }
    { name: 'allow-inbound-redis-ssl', priority: 106, port: '6380' }
  ]: {
    name: rule.name
    properties: {
      priority: rule.priority
      direction: 'Inbound'
      access: 'Allow'
      protocol: 'Tcp'
      sourcePortRange: '*'
      destinationPortRange: rule.port
      sourceAddressPrefix: 'VirtualNetwork'
      destinationAddressPrefix: '*'
    }
  }
]

// Network ---------------------------------------------------------------------------------------------------------------------

resource securityGroup 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: '${prefix}-vnet-nsg'
  location: location
  tags: tags
  properties: {
    securityRules: concat(outboundRules, denyRules, redisRules)
  }
}

resource natAddress 'Microsoft.Network/publicIPAddresses@2024-05-01' = [
  for i in range(1, natAddresses): {
    name: '${prefix}-vnet-nat-ip-${i}'
    location: location
    tags: tags
    sku: {
      name: 'Standard'
      tier: 'Regional'
    }
    zones: zones
    properties: {
      publicIPAllocationMethod: 'Static'
      publicIPAddressVersion: 'IPv4'
      idleTimeoutInMinutes: 4
    }
  }
]

resource nat 'Microsoft.Network/natGateways@2024-05-01' = {
  name: '${prefix}-vnet-nat'
  location: location
  tags: tags
  sku: {
    name: 'Standard'
  }
  properties: {
    idleTimeoutInMinutes: 4
    publicIpAddresses: [
      for i in range(0, natAddresses): {
        id: natAddress[i].id
      }
    ]
  }
}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: '${prefix}-vnet'
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [addressSpace]
    }
    encryption: {
      enabled: true
      enforcement: 'AllowUnencrypted'
    }
    subnets: [
      {
        name: '${prefix}-public'
        properties: {
          addressPrefix: cidrSubnet(addressSpace, 19, 0)
          networkSecurityGroup: {
            id: securityGroup.id
          }
          privateEndpointNetworkPolicies: 'Disabled'
          privateLinkServiceNetworkPolicies: 'Enabled'
        }
      }
      {
        name: '${prefix}-private'
        properties: {
          addressPrefix: cidrSubnet(addressSpace, 19, 1)
          networkSecurityGroup: {
            id: securityGroup.id
          }
          natGateway: {
            id: nat.id
          }
          privateEndpointNetworkPolicies: 'Disabled'
          privateLinkServiceNetworkPolicies: 'Enabled'
        }
      }
      {
        name: '${prefix}-appgw'
        properties: {
          addressPrefix: cidrSubnet(addressSpace, 19, 2)
          privateEndpointNetworkPolicies: 'Disabled'
          privateLinkServiceNetworkPolicies: 'Enabled'
        }
      }
    ]
  }

  resource privateSubnet 'subnets' existing = {
    name: '${prefix}-private'
  }

  resource gatewaySubnet 'subnets' existing = {
    name: '${prefix}-appgw'
  }
}

resource gatewayAddress 'Microsoft.Network/publicIPAddresses@2024-05-01' = {
  name: '${prefix}-aks-appgw-ip'
  location: location
  tags: tags
  sku: {
    name: 'Standard'
    tier: 'Regional'
  }
  zones: zones
  properties: {
    publicIPAllocationMethod: 'Static'
    publicIPAddressVersion: 'IPv4'
    idleTimeoutInMinutes: 4
    dnsSettings: {
      domainNameLabel: gatewayDnsLabel
    }
  }
}

// Identities and vaults -------------------------------------------------------------------------------------------------------

resource applicationIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${prefix}-app-identity'
  location: location
  tags: tags
}

resource databaseIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${prefix}-postgres-identity'
  location: location
  tags: tags
}

resource gatewayIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${prefix}-appgw-identity'
  location: location
  tags: tags
}

var vaultProperties = {
  tenantId: tenant().tenantId
  sku: {
    family: 'A'
    name: 'standard'
  }
  accessPolicies: []
  enabledForDeployment: false
  enabledForDiskEncryption: false
  enabledForTemplateDeployment: false
  enableSoftDelete: true
  softDeleteRetentionInDays: 7
  enableRbacAuthorization: true
  enablePurgeProtection: true
  publicNetworkAccess: 'Enabled'
  networkAcls: {
    bypass: 'AzureServices'
    defaultAction: 'Allow'
    ipRules: []
    virtualNetworkRules: []
  }
}

resource certificates 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: certificateVault
  location: location
  tags: tags
  properties: vaultProperties
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: databaseVault
  location: location
  tags: tags
  properties: vaultProperties
}

resource databaseKey 'Microsoft.KeyVault/vaults/keys@2024-11-01' = if (customerManagedKey) {
  parent: vault
  name: 'postgres'
  properties: {
    kty: 'RSA'
    keySize: 2048
    keyOps: ['wrapKey', 'unwrapKey']
  }
}

resource gatewayReadsCertificates 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(certificates.id, gatewayIdentity.id, secretsUser)
  scope: certificates
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
    principalId: gatewayIdentity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

resource applicationReadsSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, applicationIdentity.id, secretsUser)
  scope: vault
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
    principalId: applicationIdentity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

resource databaseUsesKey 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, databaseIdentity.id, cryptoUser)
  scope: vault
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', cryptoUser)
    principalId: databaseIdentity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

// Database --------------------------------------------------------------------------------------------------------------------

var serverProperties = union(
  database.mode == 'Replica'
    ? {
        createMode: 'Replica'
        sourceServerResourceId: database.source
      }
    : {
        createMode: 'Default'
        version: database.version
        administratorLogin: administratorLogin
        administratorLoginPassword: administratorPassword
        authConfig: {
          activeDirectoryAuth: 'Disabled'
          passwordAuth: 'Enabled'
        }
        backup: {
          backupRetentionDays: 7
          geoRedundantBackup: 'Disabled'
        }
        highAvailability: {
          mode: 'Disabled'
        }
      },
  {
    storage: union(
      {
        storageSizeGB: database.storageGB
        autoGrow: 'Enabled'
      },
      empty(database.storageTier) ? {} : { tier: database.storageTier }
    )
    network: {
      publicNetworkAccess: 'Disabled'
    }
    availabilityZone: database.zone
  },
  customerManagedKey
    ? {
        dataEncryption: {
          type: 'AzureKeyVault'
          primaryKeyURI: databaseKey!.properties.keyUriWithVersion
          primaryUserAssignedIdentityId: databaseIdentity.id
        }
      }
    : {}
)

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = if (database.mode != 'Keep') {
  name: database.name
  location: location
  tags: tags
  sku: {
    name: database.sku
    tier: database.tier
  }
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${databaseIdentity.id}': {}
    }
  }
  properties: serverProperties
  dependsOn: [databaseUsesKey]
}

resource applicationDatabase 'Microsoft.DBforPostgreSQL/flexibleServers/databases@2024-08-01' = if (createDatabase) {
  parent: server
  name: database.database
  properties: {
    charset: 'UTF8'
    collation: 'en_US.utf8'
  }
}

resource serverLock 'Microsoft.Authorization/locks@2020-05-01' = {
  scope: server
  name: 'postgres-lock'
  properties: {
    level: 'CanNotDelete'
    notes: 'Production database: remove the lock before deleting.'
  }
}

var serverId = resourceId('Microsoft.DBforPostgreSQL/flexibleServers', database.name)

resource databaseEndpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {
  name: '${prefix}-postgres-pe'
  location: location
  tags: tags
  properties: {
    subnet: {
      id: network::privateSubnet.id
    }
    privateLinkServiceConnections: [
      {
        name: '${prefix}-postgres-pe'
        properties: {
          privateLinkServiceId: serverId
          groupIds: ['postgresqlServer']
        }
      }
    ]
  }
  dependsOn: [server]
}

resource databaseSecrets 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = [
  for secret in [
    { name: 'engine', value: 'postgres' }
    { name: 'dbname', value: database.database }
    { name: 'username', value: administratorLogin }
    { name: 'password', value: administratorPassword }
    { name: 'host', value: databaseHost }
    { name: 'port', value: string(database.port) }
    { name: 'id', value: serverId }
  ]: if (!contains(keepSecrets, secret.name)) {
    parent: vault
    name: secret.name
    properties: {
      value: secret.value
    }
  }
]

resource databaseAddress 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = if (!contains(keepSecrets, 'privateip')) {
  parent: vault
  name: 'privateip'
  properties: {
    value: databaseEndpoint.properties.customDnsConfigs[0].ipAddresses[0]
  }
}

// Cache -----------------------------------------------------------------------------------------------------------------------

resource redis 'Microsoft.Cache/redis@2024-11-01' = {
  name: '${prefix}-redis'
  location: location
  tags: tags
  properties: {
    sku: {
      name: redisSku
      family: redisSku == 'Premium' ? 'P' : 'C'
      capacity: redisCapacity
    }
    redisVersion: '6'
    enableNonSslPort: true
    minimumTlsVersion: '1.2'
    publicNetworkAccess: 'Disabled'
    redisConfiguration: {
      'maxmemory-policy': 'volatile-lru'
    }
  }
}

resource redisEndpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {
  name: '${prefix}-redis-pe'
  location: location
  tags: tags
  properties: {
    subnet: {
      id: network::privateSubnet.id
    }
    privateLinkServiceConnections: [
      {
        name: '${prefix}-redis-pe'
        properties: {
          privateLinkServiceId: redis.id
          groupIds: ['redisCache']
        }
      }
    ]
  }
}

// Gateway and cluster ---------------------------------------------------------------------------------------------------------

var gatewayName = '${prefix}-aks-appgw'
var gatewayId = resourceId('Microsoft.Network/applicationGateways', gatewayName)
var https = !empty(hostName)
var httpsPorts = https ? [{ name: 'port_https', properties: { port: httpsPort } }] : []
var httpsListeners = https
  ? [
      {
        name: 'fl-control-https'
        properties: {
          protocol: 'Https'
          hostName: hostName
          requireServerNameIndication: true
          frontendIPConfiguration: {
            id: '${gatewayId}/frontendIPConfigurations/appGatewayFrontendIP'
          }
          frontendPort: {
            id: '${gatewayId}/frontendPorts/port_https'
          }
          sslCertificate: {
            id: '${gatewayId}/sslCertificates/cert-${certificateName}'
          }
        }
      }
    ]
  : []
var httpsRules = https
  ? [
      {
        name: 'rr-control-https'
        properties: {
          ruleType: 'Basic'
          priority: 19000
          httpListener: {
            id: '${gatewayId}/httpListeners/fl-control-https'
          }
          backendAddressPool: {
            id: '${gatewayId}/backendAddressPools/pool-control'
          }
          backendHttpSettings: {
            id: '${gatewayId}/backendHttpSettingsCollection/bp-control'
          }
        }
      }
    ]
  : []

resource gateway 'Microsoft.Network/applicationGateways@2024-05-01' = if (!keepGateway) {
  name: gatewayName
  location: location
  tags: tags
  zones: zones
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${gatewayIdentity.id}': {}
    }
  }
  properties: {
    sku: {
      name: 'Standard_v2'
      tier: 'Standard_v2'
    }
    autoscaleConfiguration: {
      minCapacity: gatewayMinCapacity
      maxCapacity: gatewayMaxCapacity
    }
    enableHttp2: true
    gatewayIPConfigurations: [
      {
        name: 'appGatewayIpConfig'
        properties: {
          subnet: {
            id: network::gatewaySubnet.id
          }
        }
      }
    ]
    frontendIPConfigurations: [
      {
        name: 'appGatewayFrontendIP'
        properties: {
          privateIPAllocationMethod: 'Dynamic'
          publicIPAddress: {
            id: gatewayAddress.id
          }
        }
      }
    ]
    frontendPorts: concat([{ name: 'port_80', properties: { port: 80 } }], httpsPorts)
    sslCertificates: https
      ? [
          {
            name: 'cert-${certificateName}'
            properties: {
              keyVaultSecretId: '${certificates.properties.vaultUri}secrets/${certificateName}'
            }
          }
        ]
      : []
    probes: [
      {
        name: 'pb-control-healthz'
        properties: {
          protocol: 'Http'
          host: https ? hostName : '127.0.0.1'
          path: probePath
          interval: 15
          timeout: 5
          unhealthyThreshold: 3
          pickHostNameFromBackendHttpSettings: false
          match: {
            statusCodes: ['200']
          }
        }
      }
    ]
    backendAddressPools: [
      {
        name: 'pool-control'
        properties: {
          backendAddresses: []
        }
      }
    ]
    backendHttpSettingsCollection: [
      {
        name: 'bp-control'
        properties: {
          port: 8080
          protocol: 'Http'
          cookieBasedAffinity: 'Disabled'
          requestTimeout: 30
          probe: {
            id: '${gatewayId}/probes/pb-control-healthz'
          }
        }
      }
    ]
    httpListeners: concat(
      [
        {
          name: 'fl-control-http'
          properties: union(
            {
              protocol: 'Http'
              requireServerNameIndication: false
              frontendIPConfiguration: {
                id: '${gatewayId}/frontendIPConfigurations/appGatewayFrontendIP'
              }
              frontendPort: {
                id: '${gatewayId}/frontendPorts/port_80'
              }
            },
            https ? { hostName: hostName } : {}
          )
        }
      ],
      httpsListeners
    )
    requestRoutingRules: concat(
      [
        {
          name: 'rr-control-http'
          properties: {
            ruleType: 'Basic'
            priority: 19500
            httpListener: {
              id: '${gatewayId}/httpListeners/fl-control-http'
            }
            backendAddressPool: {
              id: '${gatewayId}/backendAddressPools/pool-control'
            }
            backendHttpSettings: {
              id: '${gatewayId}/backendHttpSettingsCollection/bp-control'
            }
          }
        }
      ],
      httpsRules
    )
    sslPolicy: {
      policyType: 'Predefined'
      policyName: 'AppGwSslPolicy20220101'
    }
  }
  dependsOn: [gatewayReadsCertificates]
}

resource cluster 'Microsoft.ContainerService/managedClusters@2025-05-01' = {
  name: '${prefix}-aks'
  location: location
  tags: tags
  sku: {
    name: 'Base'
    tier: clusterTier
  }
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    kubernetesVersion: kubernetesVersion
    dnsPrefix: '${prefix}-aks'
    enableRBAC: true
    disableLocalAccounts: false
    supportPlan: 'KubernetesOfficial'
    agentPoolProfiles: [
      for pool in nodePools: {
        name: pool.name
        mode: pool.mode
        vmSize: pool.size
        count: pool.count
        enableAutoScaling: pool.min != pool.max
        minCount: pool.min != pool.max ? pool.min : null
        maxCount: pool.min != pool.max ? pool.max : null
        availabilityZones: pool.zones
        osDiskSizeGB: pool.diskSizeGB
        osDiskType: 'Managed'
        osType: 'Linux'
        osSKU: 'AzureLinux'
        maxPods: 110
        type: 'VirtualMachineScaleSets'
        orchestratorVersion: kubernetesVersion
        enableEncryptionAtHost: true
        enableFIPS: false
        scaleDownMode: 'Delete'
        vnetSubnetID: network::privateSubnet.id
      }
    ]
    networkProfile: {
      networkPlugin: 'azure'
      networkPolicy: 'azure'
      networkDataplane: 'azure'
      loadBalancerSku: 'standard'
      outboundType: 'userAssignedNATGateway'
      serviceCidr: serviceCidr
      dnsServiceIP: dnsServiceIP
      ipFamilies: ['IPv4']
    }
    addonProfiles: {
      omsagent: empty(logAnalyticsWorkspaceId)
        ? { enabled: false }
        : {
            enabled: true
            config: {
              logAnalyticsWorkspaceResourceID: logAnalyticsWorkspaceId
              useAADAuth: 'true'
            }
          }
      ingressApplicationGateway: {
        enabled: true
        config: {
          applicationGatewayId: gatewayId
        }
      }
    }
    oidcIssuerProfile: {
      enabled: true
    }
    securityProfile: {
      workloadIdentity: {
        enabled: true
      }
      imageCleaner: {
        enabled: true
        intervalHours: 48
      }
    }
    workloadAutoScalerProfile: {
      keda: {
        enabled: true
      }
      verticalPodAutoscaler: {
        enabled: true
      }
    }
    aadProfile: {
      managed: true
      enableAzureRBAC: true
      tenantID: tenant().tenantId
    }
    apiServerAccessProfile: {
      enablePrivateCluster: false
      authorizedIPRanges: authorizedIPRanges
    }
    autoUpgradeProfile: {
      upgradeChannel: 'none'
      nodeOSUpgradeChannel: 'NodeImage'
    }
  }
  dependsOn: [gateway]
}

@description('Public address of the gateway.')
output gatewayAddress string = gatewayAddress.properties.ipAddress

@description('Public DNS name of the gateway.')
output gatewayFqdn string = gatewayAddress.properties.dnsSettings.fqdn

output gatewayId string = gatewayId

output serverId string = serverId
