namespace Highflame.Dr.Tests;
