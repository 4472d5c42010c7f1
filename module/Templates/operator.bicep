// The operator role of Highflame.Dr (module/Roles/operator.json) on one resource group, given to one principal. A role of its own for each group: it can be deployed by an owner of the group.
targetScope = 'resourceGroup'

metadata name = 'Highflame.Dr operator'
metadata description = 'The operator role on this resource group, for one principal.'

@description('Object id of a managed identity or another service principal.')
param principalId string

var role = loadJsonContent('../Roles/operator.json')

resource definition 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, role.Name)
  properties: {
    // Names of roles are unique in a tenant.
    roleName: '${role.Name} (${resourceGroup().name})'
    description: role.Description
    type: 'CustomRole'
    permissions: [
      {
        actions: role.Actions
        notActions: role.NotActions
        dataActions: role.DataActions
        notDataActions: role.NotDataActions
      }
    ]
    assignableScopes: [
      resourceGroup().id
    ]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, principalId, role.Name)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: definition.id
  }
}
