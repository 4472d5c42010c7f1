using System.Text.Json;

namespace Highflame.Dr.Sandbox.Tests.Contract;

/// <summary>The rules themselves, on a small document: each deviation is found, and nothing else is.</summary>
public sealed class ExchangeCheckTests
{
    private const string Id = "/subscriptions/s/providers/Test.Things/things/one";

    private const string Document = """
        {"swagger":"2.0","info":{"version":"2025-01-01"},
         "paths":{"/subscriptions/{subscriptionId}/providers/Test.Things/things/{name}":{
           "get":{"operationId":"Things_Get","responses":{"200":{"schema":{"$ref":"#/definitions/Thing"}},"default":{"schema":{"$ref":"#/definitions/Error"}}}},
           "put":{"operationId":"Things_Put","x-ms-long-running-operation":true,"x-ms-long-running-operation-options":{"final-state-via":"azure-async-operation"},
             "responses":{"202":{"description":""},"default":{"schema":{"$ref":"#/definitions/Error"}}}}}},
         "definitions":{
           "Resource":{"type":"object","required":["location"],"properties":{"id":{"type":"string","readOnly":true},"name":{"type":"string"},"type":{"type":"string"},"location":{"type":"string"}}},
           "Thing":{"allOf":[{"$ref":"#/definitions/Resource"}],"properties":{"properties":{"$ref":"#/definitions/Properties"}}},
           "Properties":{"type":"object","discriminator":"kind","properties":{"kind":{"type":"string"},"state":{"type":"string","enum":["Ready","Stopped"],"x-ms-enum":{"modelAsString":true}},
             "created":{"type":"string","format":"date-time"},"size":{"type":"integer","format":"int32","maximum":10},"secret":{"type":"string","x-ms-mutability":["create","update"]},
             "tags":{"type":"object","additionalProperties":{"type":"string"}},"names":{"type":"array","items":{"type":"string"}}}},
           "Round":{"x-ms-discriminator-value":"round","allOf":[{"$ref":"#/definitions/Properties"}],"properties":{"radius":{"type":"number"}}},
           "Error":{"type":"object","properties":{"error":{"type":"object","properties":{"code":{"type":"string"},"message":{"type":"string"}}}}}}}
        """;

    private static readonly ExchangeCheck s_check = new(new ApiLibrary("/test.json", Document));

    [Theory]
    [InlineData("""{"kind":"round","radius":1.5,"state":"Ready","created":"2026-11-23T10:00:00Z","size":10,"tags":{"any":"x"},"names":["a"]}""", null)]
    [InlineData("""{"state":"Readyish"}""", "$.properties.state: 'Readyish' is none of Ready, Stopped")]
    [InlineData("""{"unknown":1}""", "$.properties.unknown: the schema has no such member")]
    [InlineData("""{"kind":"square","radius":1}""", "$.properties.radius: the schema has no such member")]
    [InlineData("""{"state":null}""", "$.properties.state: null is not allowed")]
    [InlineData("""{"created":"yesterday"}""", "$.properties.created: 'yesterday' is no date-time")]
    [InlineData("""{"size":11}""", "$.properties.size: 11 is above 10")]
    [InlineData("""{"size":1.5}""", "$.properties.size: 1.5 is no whole number")]
    [InlineData("""{"size":"1"}""", "$.properties.size: a number is expected, not String")]
    [InlineData("""{"secret":"x"}""", "$.properties.secret: a write-only member is in an answer")]
    [InlineData("""{"tags":{"a":1}}""", "$.properties.tags.a: a string is expected, not Number")]
    [InlineData("""{"names":["a",2]}""", "$.properties.names[1]: a string is expected, not Number")]
    public void Body_Deviation_IsFound(string properties, string? violation) =>
        Assert.Equal(violation is null ? [] : [violation], Get(200, $$"""{"id":"{{Id}}","name":"one","type":"Test.Things/things","location":"here","properties":{{properties}}}"""));

    [Theory]
    [InlineData("""{"id":"/subscriptions/s/providers/Test.Things/things/ONE","name":"one","type":"test.things/Things","location":"x"}""", null)]
    [InlineData("""{"name":"one"}""", "$: the required member 'location' is missing")]
    [InlineData("""{"id":"/other","type":"Test.Things/things","location":"x"}""", "the id /other is not the path")]
    public void Resource_Identity_IsThePath(string body, string? violation) => Assert.Equal(violation is null ? [] : [violation], Get(200, body));

    [Fact]
    public void Status_OutsideTheDocument_IsFound()
    {
        Assert.Equal(["the status 201 is not documented"], Get(201, """{"location":"x"}"""));
        Assert.Equal(["no document has this operation"], s_check.Check(Exchange("DELETE", 204, null)).Violations);
    }

    [Fact]
    public void Error_Shape_IsTheDocuments()
    {
        Assert.Empty(Get(404, """{"error":{"code":"NotFound","message":"There is none."}}"""));
        Assert.Equal(["error shape: code and message must be filled"], Get(404, """{"error":{"code":"NotFound"}}"""));
        Assert.Equal(["an error has no body"], Get(500, null));
        Assert.Equal(["429 has no Retry-After in seconds"], Get(429, """{"error":{"code":"TooMany","message":"Wait."}}"""));
    }

    [Fact]
    public void LongRunning_Accepted_LeadsToTheOperation()
    {
        Assert.Contains("the header Azure-AsyncOperation is missing: the final state comes by it", s_check.Check(Exchange("PUT", 202, null)).Violations);
        Assert.Empty(s_check.Check(Exchange("PUT", 202, null, ("Azure-AsyncOperation", "https://arm/op/1?api-version=2025-01-01"))).Violations);
        Assert.Equal(
            ["the header Azure-AsyncOperation is no absolute https URL with an api-version"], s_check.Check(Exchange("PUT", 202, null, ("Azure-AsyncOperation", "/op/1"))).Violations);
    }

    private static IReadOnlyList<string> Get(int status, string? body) => s_check.Check(Exchange("GET", status, body)).Violations;

    private static Exchange Exchange(string method, int status, string? body, params (string Name, string Value)[] headers)
    {
        var all = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in (string[])["x-ms-request-id", "x-ms-correlation-request-id", "x-ms-routing-request-id", "Cache-Control", "Strict-Transport-Security", "X-Content-Type-Options"]) all[name] = "x";
        if (body is not null) all["Content-Type"] = "application/json; charset=utf-8";
        foreach (var (name, value) in headers) all[name] = value;
        return new Exchange
        {
            Method = method,
            Path = Id,
            Query = new Dictionary<string, string> { ["api-version"] = "2025-01-01" },
            Status = status,
            Headers = all,
            Response = body is null ? default : JsonDocument.Parse(body).RootElement,
        };
    }
}
