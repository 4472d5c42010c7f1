using System.Management.Automation;
using System.Reflection;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests;

/// <summary>Who may know whom: cmdlets know the Model and PowerShell, the Model knows nobody, the packages stay in deps/.</summary>
public class BoundaryTests
{
    private static readonly Assembly CmdletAssembly = typeof(DrCmdlet).Assembly;
    private static readonly Assembly ModelAssembly = typeof(IDrEngine).Assembly;

    [Fact]
    public void Model_References_OnlyTheBaseLibrary() =>
        Assert.All(ModelAssembly.GetReferencedAssemblies(), a => Assert.True(OfTheFramework(a), a.FullName));

    [Fact]
    public void Cmdlets_References_OnlyModelPowerShellAndTheBaseLibrary() =>
        Assert.All(
            CmdletAssembly.GetReferencedAssemblies(),
            a => Assert.True(a.Name is "Highflame.Dr.Model" or "System.Management.Automation" || OfTheFramework(a), a.FullName));

    [Fact]
    public void Deps_NeverHold_TheModelOrPowerShell()
    {
        string[] names = [.. Directory.EnumerateFiles(BuiltModule.Deps, "*.dll", SearchOption.AllDirectories).Select(f => Path.GetFileName(f))];

        Assert.Contains("Azure.Core.dll", names);
        Assert.DoesNotContain("Highflame.Dr.Model.dll", names);
        Assert.DoesNotContain("Highflame.Dr.dll", names);
        Assert.DoesNotContain("System.Management.Automation.dll", names);
        Assert.True(File.Exists(Path.Combine(BuiltModule.Deps, "Highflame.Dr.Engine.deps.json")));
    }

    [Fact]
    public void ModuleRoot_Holds_OnlyTheTwoAssembliesOfTheDefaultContext() =>
        Assert.Equal(
            ["Highflame.Dr.Model.dll", "Highflame.Dr.dll"],
            Directory.EnumerateFiles(BuiltModule.Directory, "*.dll").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));

    [Fact]
    public void PublicSignatures_Types_AreOfModelCmdletsPowerShellOrTheBaseLibrary()
    {
        var seen = CmdletAssembly.GetExportedTypes().Concat(ModelAssembly.GetExportedTypes()).SelectMany(Signature).Where(t => !t.IsGenericParameter).Distinct();

        Assert.All(seen, t => Assert.True(
            t.Assembly == CmdletAssembly || t.Assembly == ModelAssembly || t.Assembly == typeof(PSObject).Assembly || OfTheFramework(t.Assembly.GetName()),
            $"{t} of {t.Assembly.GetName().Name}"));
    }

    [Fact]
    public void OutputTypes_EachCmdlet_AreSealedRecordsOfTheModelOrBool() =>
        Assert.All(
            // A line of JSON is what -AsJson asks for.
            ModuleTests.Cmdlets.SelectMany(c => OutputTypes(c).Where(t => t != typeof(string) || c.GetProperty("AsJson") is null)),
            t => Assert.True(t == typeof(bool) || (t.Assembly == ModelAssembly && t.IsSealed && t.GetMethod("<Clone>$") is not null), t.ToString()));

    [Fact]
    public void Cmdlets_Shape_IsTheOneOfTheDesign()
    {
        foreach (var type in ModuleTests.Cmdlets)
        {
            var cmdlet = type.GetCustomAttribute<CmdletAttribute>()!;
            Assert.True(type.IsSealed, type.Name);
            Assert.StartsWith("Hf", cmdlet.NounName, StringComparison.Ordinal);
            Assert.Equal($"{cmdlet.VerbName}{cmdlet.NounName}Command", type.Name);
            Assert.NotEmpty(type.GetCustomAttributes<OutputTypeAttribute>());
            var parameters = type.GetProperties().Where(p => p.IsDefined(typeof(ParameterAttribute))).ToArray();
            Assert.All(
                parameters.SelectMany(p => p.GetCustomAttributes<ParameterAttribute>()).GroupBy(a => a.ParameterSetName),
                set => Assert.True(set.Count(a => a.Position >= 0) <= 2, $"{type.Name} {set.Key}"));
        }
    }

    internal static IEnumerable<Type> OutputTypes(Type cmdlet) =>
        cmdlet.GetCustomAttributes<OutputTypeAttribute>().SelectMany(a => a.Type).Select(t => t.Type).Where(t => t != typeof(void));

    private static bool OfTheFramework(AssemblyName name) =>
        File.Exists(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, name.Name + ".dll"));

    private static IEnumerable<Type> Signature(Type type)
    {
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        bool Visible(MethodBase m) => m.IsPublic || m.IsFamily || m.IsFamilyOrAssembly;
        IEnumerable<Type> types =
        [
            .. type.GetInterfaces(),
            .. type.BaseType is null ? [] : new[] { type.BaseType },
            .. type.GetMethods(Declared).Where(Visible).SelectMany(m => m.GetParameters().Select(p => p.ParameterType).Append(m.ReturnType)),
            .. type.GetConstructors(Declared).Where(Visible).SelectMany(m => m.GetParameters().Select(p => p.ParameterType)),
            .. type.GetFields(Declared).Where(f => f.IsPublic || f.IsFamily).Select(f => f.FieldType),
        ];
        return types.SelectMany(Flatten);
    }

    private static IEnumerable<Type> Flatten(Type type) =>
        type.HasElementType ? Flatten(type.GetElementType()!)
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(Flatten).Append(type.GetGenericTypeDefinition())
        : [type];
}
