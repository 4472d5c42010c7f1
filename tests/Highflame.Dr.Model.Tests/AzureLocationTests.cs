using Highflame.Dr.Topology;

namespace Highflame.Dr.Model.Tests;

public sealed class AzureLocationTests
{
    [Theory]
    [InlineData("East US", "eastus")]
    [InlineData("eastus", "eastus")]
    [InlineData("EastUS2", "eastus2")]
    [InlineData(" West Europe ", "westeurope")]
    [InlineData("INDONESIA central", "indonesiacentral")]
    [InlineData(null, "")]
    public void Normalize_DisplayName_IsAzuresLocationName(string? text, string name) => Assert.Equal(name, AzureLocation.Normalize(text));

    [Theory]
    [InlineData("East US", "eastus", true)]
    [InlineData("East US", "East US 2", false)]
    [InlineData("eastus", null, false)]
    public void Same_IgnoresCaseAndSpacesOnly(string one, string? other, bool same) => Assert.Equal(same, AzureLocation.Same(one, other));
}
