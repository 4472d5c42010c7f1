using System.Management.Automation;
using Highflame.Dr.Rehearsal;

namespace Highflame.Dr.Binding;

/// <summary>Which path of a sandbox a parameter wants.</summary>
public enum SandboxFile
{
    /// <summary>Its sandbox.json.</summary>
    Sandbox,

    /// <summary>Its region-pair file.</summary>
    Pair,
}

/// <summary>Lets a path parameter take the output of Start-HfSandbox, or a directory that holds a sandbox.json.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SandboxPathTransformationAttribute(SandboxFile file) : ArgumentTransformationAttribute
{
    public SandboxFile File { get; } = file;

    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
        {
            Sandbox sandbox => File == SandboxFile.Sandbox ? sandbox.Path : sandbox.PairPath,
            FileInfo info => info.FullName,
            DirectoryInfo directory when File == SandboxFile.Sandbox => Path.Combine(directory.FullName, "sandbox.json"),
            _ => inputData,
        };
}
