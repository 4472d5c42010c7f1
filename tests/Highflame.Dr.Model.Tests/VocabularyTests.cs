using System.Reflection;
using System.Security;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Model.Tests;

public sealed class VocabularyTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void NoChange_IsNeitherAStepNorARefusal()
    {
        var plan = new FencePlan { Title = "t", Request = new() { Server = "p" }, ObservedAt = At };

        Assert.True(plan.NoChange);
        Assert.True((plan with { Warnings = ["w"] }).NoChange);
        Assert.False((plan with { Steps = [new("Stop", "p", "Stop p.", StepClass.Reversible)] }).NoChange);
        Assert.False((plan with { Refusals = [new() { Code = "HfX", Kind = DrErrorKind.InvalidState, Resource = "p", Observed = "o", Required = "r", Remedy = "m" }] }).NoChange);
    }

    [Fact]
    public void Seconds_OfAStepThatRuns_IsNotKnown()
    {
        var step = new StepResult { Name = "Stop", Target = "p", Started = At, Outcome = StepOutcome.Pending };

        Assert.Null(step.Seconds);
        Assert.Equal(1.235, (step with { Finished = At.AddSeconds(1.23456) }).Seconds);
    }

    [Fact]
    public void Outcome_NotSet_IsUnknownAndNeverDone() => Assert.Equal(StepOutcome.Unknown, default);

    [Fact]
    public void DnsServer_Text_LeavesTheUsualPortOut()
    {
        Assert.Equal("10.0.0.1", new DnsServer("10.0.0.1").ToString());
        Assert.Equal("127.0.0.53:5353", new DnsServer("127.0.0.53", 5353).ToString());
    }

    [Fact]
    public void References_OfTheAssembly_AreTheBaseLibraryAlone() => Assert.All(
        typeof(DrException).Assembly.GetReferencedAssemblies(),
        name => Assert.True(name.Name == "netstandard" || name.Name!.StartsWith("System.", StringComparison.Ordinal), $"{name.Name} would have to be shared by every load context"));

    [Fact]
    public void Secrets_AreSecureAndStandInWhatIsAskedForOnly()
    {
        var named = from type in typeof(DrException).Assembly.GetExportedTypes()
                    from property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                    where property.PropertyType == typeof(SecureString)
                        || ((property.Name.Contains("Password", StringComparison.OrdinalIgnoreCase) || property.Name.Contains("Secret", StringComparison.OrdinalIgnoreCase)) && property.PropertyType == typeof(string))
                    orderby property.Name
                    select $"{type.Name}.{property.Name}: {property.PropertyType.Name}";

        Assert.Equal(
            [
                "DrConnectionOptions.AccessToken: SecureString", "RegionRequest.AdministratorPassword: SecureString", "DrConnectionOptions.CertificatePassword: SecureString",
                "DrConnectionOptions.ClientSecret: SecureString", "DrConnectionOptions.DatabasePassword: SecureString",
                // Where a vault keeps them, not what they are.
                "DrConnectionOptions.DatabasePasswordSecret: String", "DrConnectionOptions.DatabaseUserSecret: String",
            ],
            named);
    }
}
