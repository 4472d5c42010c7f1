using System.Text;

namespace Highflame.Dr.Engine.Provisioning;

/// <summary>The two files of a truce, as 'terraform fmt' leaves them. Pure.</summary>
internal static class TruceText
{
    public static string Blocks(Truce truce)
    {
        var text = new StringBuilder();
        var facts = truce.Facts;
        text.Append("# Databases of ").Append(facts.Location).Append(" after a failover: written by Export-HfTerraformImport for infra-setup of this region.\n");
        text.Append("# With it the next plan must say \"0 to destroy\". Blocks for what the state does not hold do nothing.\n");
        foreach (var note in truce.Notes) text.Append("# ").Append(note).Append('\n');
        foreach (var (from, to) in truce.Moves) Pair(text, "moved", ("from", from), ("to", to));
        foreach (var gone in truce.Forgotten)
        {
            Pair(text, "moved", ("from", gone.From), ("to", gone.Placeholder));
            Removed(text, gone.Placeholder);
        }

        foreach (var address in truce.Removed) Removed(text, address);
        foreach (var (to, id) in truce.Imports) Pair(text, "import", ("to", to), ("id", TfVars.Quote(id)));
        if (truce.OwnResource) Resource(text, truce);
        return text.ToString();
    }

    public static string Variables(Truce truce)
    {
        var (facts, file) = (truce.Facts, new TfVars());
        file.Comment($"{facts.Location} after a failover: written by Export-HfTerraformImport. Its name comes after env.auto.tfvars, so that it has the last word.");
        file.Add("enable_postgres_primary", truce.EnablePrimary);
        file.Add("enable_postgres_secondary", truce.EnableSecondary);
        if (facts.SourceId is { } source) file.Add("postgres_source_server_id", source);
        if (!truce.OwnResource)
        {
            // A smaller size than the server has would replace it.
            if (facts.StorageGB is { } size) file.Add("postgres_storage_mb", size * 1024);
            if (facts.StorageTier is { } tier) file.Add("postgres_storage_tier", tier);
            if (facts.SkuName is { } sku) file.Add("postgres_sku_name", sku);
        }

        return file.ToString();
    }

    private static void Removed(StringBuilder text, string address) =>
        text.Append("\nremoved {\n  from = ").Append(address).Append("\n\n  lifecycle {\n    destroy = false\n  }\n}\n");

    private static void Pair(StringBuilder text, string block, params (string Name, string Value)[] lines)
    {
        var width = lines.Max(l => l.Name.Length);
        text.Append('\n').Append(block).Append(" {\n");
        foreach (var (name, value) in lines) text.Append("  ").Append(name.PadRight(width)).Append(" = ").Append(value).Append('\n');
        text.Append("}\n");
    }

    private static void Resource(StringBuilder text, Truce truce)
    {
        var facts = truce.Facts;
        var word = truce.Address[(TerraformTruce.ServerType.Length + 1)..];
        text.Append("\nresource \"").Append(TerraformTruce.ServerType).Append("\" \"").Append(word).Append("\" {\n");
        text.Append("  name                = ").Append(TfVars.Quote(facts.Server.Name)).Append('\n');
        text.Append("  resource_group_name = ").Append(TfVars.Quote(facts.ResourceGroup)).Append('\n');
        text.Append("  location            = ").Append(TfVars.Quote(facts.Location)).Append('\n');
        text.Append("\n  lifecycle {\n    prevent_destroy = true\n    ignore_changes  = all\n  }\n}\n");
    }
}
