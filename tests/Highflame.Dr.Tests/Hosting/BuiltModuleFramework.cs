using Xunit.Abstractions;
using Xunit.Sdk;

[assembly: TestFramework("Highflame.Dr.Tests.Hosting.BuiltModuleFramework", "Highflame.Dr.Tests")]

namespace Highflame.Dr.Tests.Hosting;

/// <summary>xunit's own framework. Because it is of this assembly, <see cref="BuiltModule"/> is initialised before xunit reads test attributes that hold types of the module.</summary>
public sealed class BuiltModuleFramework(IMessageSink messageSink) : XunitTestFramework(messageSink);
