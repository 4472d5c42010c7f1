using Highflame.Dr.Sandbox;
using Highflame.Dr.Sandbox.Application;

return await ChildPrograms.TryRunAsync(args) ?? await SandboxProgram.RunAsync(args);
