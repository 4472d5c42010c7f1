// The one global part of a Highflame environment: the Traffic Manager profile in front of both regions, with one endpoint.
// New-HfRegion deploys it only while it is not there: a deployment of it would put the endpoint's target back and so move traffic.
targetScope = 'resourceGroup'

metadata name = 'Highflame.Dr global'
metadata description = 'Traffic Manager profile with one always-serve endpoint, whose target a failover changes.'

@description('Name of the profile.')
param profile string

@description('First part of the public name, for example highflame-prod-global of highflame-prod-global.trafficmanager.net.')
param relativeName string

param tags object

@description('Seconds that a resolver may keep an answer.')
@minValue(0)
param ttl int = 30

@description('Name of the endpoint.')
param endpoint string

@description('What the endpoint points at: the gateway of the first active region.')
param target string

@description('Port of the gateways\' HTTPS listener.')
param port int = 443

@description('Path that Traffic Manager probes.')
param path string = '/'

resource trafficManager 'Microsoft.Network/trafficManagerProfiles@2022-04-01' = {
  name: profile
  location: 'global'
  tags: tags
  properties: {
    profileStatus: 'Enabled'
    trafficRoutingMethod: 'Weighted'
    dnsConfig: {
      relativeName: relativeName
      ttl: ttl
    }
    monitorConfig: {
      protocol: 'HTTPS'
      port: port
      path: path
      intervalInSeconds: 30
      timeoutInSeconds: 5
      toleratedNumberOfFailures: 3
    }
    endpoints: [
      {
        name: endpoint
        type: 'Microsoft.Network/trafficManagerProfiles/externalEndpoints'
        properties: {
          target: target
          weight: 100
          alwaysServe: 'Enabled'
          endpointStatus: 'Enabled'
        }
      }
    ]
  }
}

output fqdn string = trafficManager.properties.dnsConfig.fqdn
