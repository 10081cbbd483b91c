using System.Reflection;
using FastEndpoints;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Shouldly;

namespace EdTech.Gateway.Tests;

public sealed class ConventionsTests(GatewayFixture fixture)
{
    IReadOnlyList<Endpoint> Operations
        => [.. fixture.Service<EndpointDataSource>().Endpoints.Where(e => e.Metadata.GetMetadata<EndpointDefinition>() is not null)];

    [Fact]
    public void Every_operation_decides_who_may_use_it()
        => Operations.Where(e => Definition(e) is var definition
            && definition.AllowedPermissions is not { Count: > 0 }
            && e.Metadata.GetMetadata<AuthenticatedCaller>() is null
            && e.Metadata.GetMetadata<IAllowAnonymous>() is null).Select(Name).ShouldBeEmpty("Call Permissions(...), Authenticated() or AllowAnonymous() in Configure.");

    [Fact]
    public void No_operation_decides_twice_who_may_use_it()
        => Operations.Where(e => new[]
        {
            Definition(e).AllowedPermissions is { Count: > 0 },
            e.Metadata.GetMetadata<AuthenticatedCaller>() is not null,
            e.Metadata.GetMetadata<IAllowAnonymous>() is not null,
        }.Count(d => d) > 1).Select(Name).ShouldBeEmpty();

    [Fact]
    public void Every_operation_is_described_once()
        => Operations.Where(e => e.Metadata.OfType<OperationDescription>().Count() != 1).Select(Name).ShouldBeEmpty("Call Describe once in Configure.");

    [Fact]
    public void Every_operation_stands_on_one_of_the_base_classes()
        => Operations.Where(e => !(OperationKinds.IsCommand(Definition(e)) || OperationKinds.IsRead(Definition(e)) || OperationKinds.IsInternalWrite(Definition(e)))).Select(Name).ShouldBeEmpty();

    [Fact]
    public void Every_route_parameter_is_read_by_a_property_that_says_so()
        => Operations.SelectMany(e => ((RouteEndpoint)e).RoutePattern.Parameters
                .Where(p => !Properties(e).Any(q => q.IsDefined(typeof(RouteParamAttribute)) && string.Equals(q.Name, p.Name, StringComparison.OrdinalIgnoreCase)))
                .Select(p => $"{Name(e)}: {{{p.Name}}}"))
            .ShouldBeEmpty("Put [RouteParam] on the request's property.");

    [Fact]
    public void No_request_takes_a_body_and_a_query()
        => Operations.Where(e => Properties(e).Any(p => p.IsDefined(typeof(QueryParamAttribute))) && RequestBodyCheck.HasBodyProperties(Definition(e).ReqDtoType)).Select(Name)
            .ShouldBeEmpty("The binder lets one override the other: put all of it into the body.");

    [Fact]
    public void No_read_takes_a_body()
        => Operations.Where(e => Definition(e).Verbs.Contains("GET") && RequestBodyCheck.HasBodyProperties(Definition(e).ReqDtoType)).Select(Name).ShouldBeEmpty("Put [QueryParam] or [RouteParam] on every property.");

    static EndpointDefinition Definition(Endpoint endpoint) => endpoint.Metadata.GetMetadata<EndpointDefinition>()!;

    static IEnumerable<PropertyInfo> Properties(Endpoint endpoint) => Definition(endpoint).ReqDtoType == typeof(EmptyRequest) ? [] : Definition(endpoint).ReqDtoType.GetProperties();

    static string Name(Endpoint endpoint) => Definition(endpoint).EndpointType.Name;
}
