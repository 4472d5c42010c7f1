# Invoke-Pester -Configuration (Import-PowerShellDataFile ./tests/Pester/PesterConfiguration.psd1)      from the repository's root
@{
    Run        = @{
        Path = 'tests/Pester'
        Exit = $true
    }
    # A drill: Invoke-Pester -Path tests/Pester/Drills -TagFilter Drill. Schedule it on its own; it takes half a minute or more.
    Filter     = @{
        ExcludeTag = @('Drill')
    }
    Output     = @{
        Verbosity           = 'Detailed'
        StackTraceVerbosity = 'FirstLine'
    }
    TestResult = @{
        Enabled       = $true
        OutputFormat  = 'JUnitXml'
        OutputPath    = 'artifacts/test-results/pester.xml'
        TestSuiteName = 'Highflame.Dr'
    }
}
