using System.Reflection;
using System.Runtime.Loader;

namespace Highflame.Dr.Model.Tests;

public sealed class DrExceptionTests
{
    [Fact]
    public void EndsPipeline_OnlyWhenConnectionOrSignInIsGone()
    {
        var ending = Enum.GetValues<DrErrorKind>().Where(k => new DrException("HfX", k, "m").EndsPipeline);

        Assert.Equal([DrErrorKind.ConnectionFailed, DrErrorKind.AuthenticationFailed], ending);
    }

    [Fact]
    public void Inner_OfTheBaseLibrary_IsKept()
    {
        var inner = new TimeoutException("late");

        Assert.Same(inner, new DrException("HfX", DrErrorKind.TimedOut, "m", inner: inner).InnerException);
    }

    [Fact]
    public void Inner_OfAPrivateLoadContext_CrossesAsWordsOnly()
    {
        // A second copy of this assembly, in a context of its own, as the engine's packages are.
        var context = new AssemblyLoadContext("engine", isCollectible: true);
        try
        {
            var type = context.LoadFromAssemblyPath(Assembly.GetExecutingAssembly().Location).GetType(typeof(PackageException).FullName!)!;
            var foreign = (Exception)Activator.CreateInstance(type, "the server said no")!;

            var inner = new DrException("HfX", DrErrorKind.OperationFailed, "m", inner: foreign).InnerException;

            Assert.IsType<InvalidOperationException>(inner);
            Assert.Equal($"{typeof(PackageException).FullName}: the server said no", inner.Message);
            Assert.Same(AssemblyLoadContext.Default, AssemblyLoadContext.GetLoadContext(inner.GetType().Assembly));
        }
        finally
        {
            context.Unload();
        }
    }
}

/// <summary>Stands for an exception of a package.</summary>
public sealed class PackageException(string message) : Exception(message);
