using System.ComponentModel;
using System.Reflection;
using System.Runtime.CompilerServices;
using FastEndpoints;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Routing.Patterns;
using BindingSource = Microsoft.AspNetCore.Mvc.ModelBinding.BindingSource;

namespace EdTech.Gateway;

/// <summary>Replaces the single body parameter that FastEndpoints declares by the path, query, header and body parameters that the binder really reads.</summary>
sealed class OperationParameters : IApiDescriptionProvider
{
    static readonly EmptyModelMetadataProvider Metadata = new();

    public int Order => -1000; // right after the framework's own provider (-1100)

    public void OnProvidersExecuted(ApiDescriptionProviderContext context)
    {
    }

    public void OnProvidersExecuting(ApiDescriptionProviderContext context)
    {
        foreach (var description in context.Results)
        {
            if (description.Definition() is not { } definition) continue;
            var body = description.ParameterDescriptions.FirstOrDefault(p => p.Source == BindingSource.Body);
            description.ParameterDescriptions.Clear();
            var route = RoutePatternFactory.Parse(description.RelativePath!).Parameters.ToDictionary(p => p.Name, StringComparer.OrdinalIgnoreCase);
            var hasBody = false;
            foreach (var property in definition.ReqDtoType == typeof(EmptyRequest) ? [] : definition.ReqDtoType.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite))
            {
                var name = property.GetCustomAttribute<BindFromAttribute>()?.Name ?? property.Name;
                if (property.IsDefined(typeof(RouteParamAttribute), true) && route.Remove(name, out var parameter)) Add(description, parameter.Name, property, BindingSource.Path, true);
                else if (property.GetCustomAttribute<FromHeaderAttribute>() is { } header) Add(description, header.HeaderName ?? name, property, BindingSource.Header, header.IsRequired);
                else if (property.GetCustomAttribute<QueryParamAttribute>() is { } query) Add(description, Camel(name), property, BindingSource.Query, query.IsRequired || property.IsDefined(typeof(RequiredMemberAttribute)));
                else hasBody |= !property.IsDefined(typeof(NonJsonBindingAttribute), true) || property.IsDefined(typeof(FormFieldAttribute), true);
            }

            foreach (var parameter in route.Values) Add(description, parameter.Name, null, BindingSource.Path, true); // read by hand
            if (hasBody && body is not null) description.ParameterDescriptions.Add(body);
            else description.SupportedRequestFormats.Clear();
            DescribeAnswers(description, definition, hasBody);
        }
    }

    /// <summary>What success answers with, and the problems that can come instead.</summary>
    static void DescribeAnswers(ApiDescription description, EndpointDefinition definition, bool hasBody)
    {
        var described = description.Described();
        var anonymous = description.ActionDescriptor.EndpointMetadata.OfType<IAllowAnonymous>().Any();
        var read = OperationKinds.IsRead(definition);
        var command = OperationKinds.IsCommand(definition);
        description.SupportedResponseTypes.Clear();
        Answer(described.Done, described.Done == StatusCodes.Status204NoContent ? null : described.Answer, described.Answer == typeof(string) ? "text/html" : "application/json"); // text alone is a page
        if (command && described.Done is 200 or 201) Answer(StatusCodes.Status202Accepted, typeof(OperationView), "application/json");

        List<int> problems = [400, 404, 429, 503];
        if (!anonymous) problems.AddRange([401, 403]);
        if (!read) problems.AddRange([409, 422]);
        if (command) problems.Add(412);
        if (read) problems.Add(504);
        if (hasBody) problems.AddRange([413, 415]);
        foreach (var status in problems.Order()) Answer(status, typeof(ApiProblem), Problems.ContentType);

        void Answer(int status, Type? type, string mediaType)
            => description.SupportedResponseTypes.Add(new()
            {
                StatusCode = status,
                Type = type ?? typeof(void),
                ModelMetadata = Metadata.GetMetadataForType(type ?? typeof(void)),
                ApiResponseFormats = type is null ? [] : [new ApiResponseFormat { MediaType = mediaType }],
            });
    }

    static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    static void Add(ApiDescription description, string name, PropertyInfo? property, BindingSource source, bool required)
        => description.ParameterDescriptions.Add(new()
        {
            Name = name,
            Source = source,
            IsRequired = required,
            Type = property?.PropertyType ?? typeof(string),
            ModelMetadata = property is null ? Metadata.GetMetadataForType(typeof(string)) : Metadata.GetMetadataForProperty(property.DeclaringType!, property.Name),
            DefaultValue = property?.GetCustomAttribute<DefaultValueAttribute>()?.Value,
            ParameterDescriptor = new() { Name = property?.Name ?? name, ParameterType = property?.PropertyType ?? typeof(string) },
        });
}
