namespace Highflame.Dr.Soak.Play;

/// <summary>Which way a run goes. A fresh sandbox is always active in the first region.</summary>
internal sealed record Scenario(bool Forced)
{
    public string From => "eastus";

    public string To => "westus";

    public string Primary => "highflame-prod-postgres";

    public string Replica => "highflame-prod-dr-postgres";

    public string Name => Forced ? "forced" : "planned";
}
