using Highflame.Dr.Engine.Parity;

namespace Highflame.Dr.Engine.Tests.Parity;

/// <summary>Every entry of the shipped catalogue is whole: forms that exist, and for everything that can be told a severity, a reason and a remedy.</summary>
public sealed class CatalogueTests
{
    public static TheoryData<string> Types => [.. Catalogue.Shipped.Entries.Select(e => e.Type).Append(Catalogue.Common)];

    [Fact]
    public void Shipped_Types_AreThoseOfTheIssue() => Assert.Superset(
        new HashSet<string>
        {
            "Microsoft.Cache/redis", "Microsoft.ContainerService/managedClusters", "Microsoft.DBforPostgreSQL/flexibleServers", "Microsoft.KeyVault/vaults", "Microsoft.ManagedIdentity/userAssignedIdentities",
            "Microsoft.Network/applicationGateways", "Microsoft.Network/natGateways", "Microsoft.Network/networkSecurityGroups", "Microsoft.Network/privateEndpoints", "Microsoft.Network/virtualNetworks",
        },
        Catalogue.Shipped.Entries.Select(e => e.Type).ToHashSet());

    [Theory]
    [MemberData(nameof(Types))]
    public void Entry_EachRule_SaysHowBadWhyAndWhatToDo(string type)
    {
        var rules = Catalogue.Shipped.RulesOf(type);
        Assert.NotNull(rules.Entry.Missing.Severity);
        Assert.NotEmpty(rules.Entry.Missing.Why!);
        Assert.NotEmpty(rules.Entry.Missing.Remedy!);
        Assert.All(rules.Rules, r =>
        {
            var (name, rule) = (r.Key, r.Value);
            Assert.Contains(rule.Property.As, PropertyValues.Forms);
            Assert.Contains(rule.Property.Compare, (string[])["equal", "atLeast", "whenBoth", "overlap", "rules", "none"]);
            if (rule.Property.Compare != "none") Assert.True(rule.Why.Length > 10 && rule.Remedy.Length > 8 && (rule.Property.Severity ?? rule.List?.Severity) is not null, $"{type} {name}");
            foreach (var note in new CatalogueNote?[] { rule.Property.Missing, rule.Property.Extra, rule.Property.Fit })
                if (note is not null) Assert.True((note.Why ?? rule.Why).Length > 10 && (note.Remedy ?? rule.Remedy).Length > 8 && note.Severity is not null, $"{type} {name}");
        });
    }
}
