namespace Highflame.Dr.Sandbox.Arm.FlexibleServers;

/// <summary>One compute size.</summary>
internal sealed record ServerSku(string Name, string Tier, int Cores, int MemoryMb, int Iops);

/// <summary>The compute and storage sizes that the sandbox offers, with Azure's names.</summary>
internal static class ServerSkus
{
    public static readonly ServerSku[] All =
    [
        new("Standard_B1ms", "Burstable", 1, 2048, 640),
        new("Standard_B2s", "Burstable", 2, 4096, 1280),
        .. Family("GeneralPurpose", 4096, "Standard_D{0}s_v3", "Standard_D{0}ds_v4", "Standard_D{0}ds_v5", "Standard_D{0}ads_v5"),
        .. Family("MemoryOptimized", 8192, "Standard_E{0}s_v3", "Standard_E{0}ds_v4", "Standard_E{0}ds_v5", "Standard_E{0}ads_v5"),
    ];

    public static readonly (int SizeGb, string Tier, int Iops)[] Storage =
        [(32, "P4", 120), (64, "P6", 240), (128, "P10", 500), (256, "P15", 1100), (512, "P20", 2300), (1024, "P30", 5000), (2048, "P40", 7500), (4096, "P50", 7500), (8192, "P60", 16000), (16384, "P70", 18000), (32767, "P80", 20000)];

    /// <summary>The size of a name; Terraform's GP_ and MO_ prefixes are not Azure's and find nothing.</summary>
    public static ServerSku? Find(string? name) => Array.Find(All, s => ArmPath.Same(s.Name, name));

    /// <summary>Standard performance tier of a storage size.</summary>
    public static string BaseTier(long sizeGb) => Storage.First(s => s.SizeGb >= sizeGb || s.SizeGb == 32767).Tier;

    public static int Iops(string tier) => Array.Find(Storage, s => s.Tier == tier).Iops;

    private static IEnumerable<ServerSku> Family(string tier, int memoryPerCore, params string[] forms) =>
        from form in forms
        from cores in (int[])[2, 4, 8, 16, 32, 48, 64]
        select new ServerSku(string.Format(System.Globalization.CultureInfo.InvariantCulture, form, cores), tier, cores, cores * memoryPerCore, cores * 1600);
}
